import { ancestors, canonicalName, dmarcTags, isDmarc, isDmarcName } from "../../../dns/index.js";
import type { DnsRecord } from "../../shapes.js";
import type { World } from "../world.js";

/** From the most lenient to the strictest (RFC 7489, 6.3). */
const strictness = ["none", "quarantine", "reject"];

/**
 * Says when the DMARC policy to be published is weaker than the one that a domain above hands down today: the record
 * of a name comes before that of its organisational domain (RFC 7489, 6.6.3). What cannot be looked up stays unsaid.
 *
 * @returns a warning, or undefined.
 */
export async function weakerThanInherited(
	{ lookups, stop }: Pick<World, "lookups" | "stop">,
	records: readonly DnsRecord[],
): Promise<string | undefined> {
	const own = records.find(({ address, type }) => type === "TXT" && isDmarcName(address));
	if (!own) return undefined;
	const ours = dmarcTags(own.record).get("p") ?? "none";
	const domain = canonicalName(own.address).replace(/^_dmarc\./, "");
	for (const parent of ancestors(domain)
		.slice(1)
		.filter((name) => name.includes("."))) {
		const answer = await lookups.query(`_dmarc.${parent}`, "TXT", { signal: stop });
		const policies = answer.kind === "found" ? answer.values.filter(isDmarc) : [];
		const [policy] = policies;
		if (policy === undefined || policies.length > 1) continue;
		const tags = dmarcTags(policy);
		const theirs = tags.get("sp") ?? tags.get("p") ?? "none";
		if (strictness.indexOf(theirs) <= strictness.indexOf(ours)) return undefined;
		return (
			`Today the DMARC policy of ${parent} holds for ${domain}: "${policy}", which means ${theirs} there. The record to ` +
			`be published at ${own.address}, "${own.record}", takes its place and is weaker. To keep it, leave "dmarc" out of ` +
			"route53.records."
		);
	}
	return undefined;
}
