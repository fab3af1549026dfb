import { type DnsRecord, reasonInWords, sameRecord } from "../../../dns/index.js";
import type { DiagnosisResponse } from "../../../sdk/contract.js";

/** Why the API does not accept a record that stands, as a clause; undefined where it gives no reason. */
export function whyNotAccepted(view: DiagnosisResponse | undefined, record: DnsRecord): string | undefined {
	const seen = view?.records.find((each) => sameRecord(each, record));
	if (view === undefined || seen === undefined) return undefined;
	if (seen.reason !== null) return `the API could not ask its name servers: ${seen.reason}`;
	const others = seen.servers.filter(({ state }) => state === "missing" || state === "different");
	if (others.length > 0) {
		const told = others.map((each) => {
			const values = each.found.map((value) => `“${value}”`).join(", ");
			return `at ${each.server} ${values || (reasonInWords(record.type, each) ?? "nothing")}`;
		});
		return `the API finds ${told.join(", ")}`;
	}
	if (seen.servers.every(({ state }) => state === "failed")) {
		const silent = seen.servers.map(
			(each) => `${each.server}: ${reasonInWords(record.type, each) ?? "silent"}`,
		);
		return `no name server answers the API (${silent.join("; ")})`;
	}
	return record.type === "CNAME" ? view.ses.reason?.replace(/\.$/, "") : undefined;
}
