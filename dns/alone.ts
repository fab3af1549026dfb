/** Records that say something only while no other of their kind stands at their name. */
import type { DnsRecord } from "./records.js";
import { isSpf, parseMx } from "./values.js";

/** Whether an MX value leads to where Amazon SES takes what is sent to a MAIL FROM domain. */
const isFeedback = (value: string) =>
	/^feedback-smtp\.[a-z0-9-]+\.amazonses\.com$/.test(parseMx(value)?.host ?? "");

/** Why a record, which may be among what was found, has no effect there; undefined where none stands in its way. */
export function crowded(
	{ type, record }: Pick<DnsRecord, "type" | "record">,
	found: readonly string[],
): { state: "missing" | "different"; reason: string } | undefined {
	if (type === "TXT" && isSpf(record)) {
		const count = found.filter(isSpf).length;
		if (count === 0) return { state: "missing", reason: "no SPF record" };
		// RFC 7208, 3.2 and 4.5.
		if (count > 1)
			return { state: "different", reason: `${count} SPF records, which receivers take for an error` };
	}
	// "You must publish exactly one MX record" (Amazon SES developer guide, "Using a custom MAIL FROM domain").
	if (type === "MX" && isFeedback(record) && found.length > 1)
		return {
			state: "different",
			reason: `${found.length} MX records, and Amazon SES wants a MAIL FROM domain to have its own alone`,
		};
	return undefined;
}
