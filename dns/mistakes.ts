import { canonicalName } from "./names.js";
import type { DnsRecord } from "./records.js";
import { dmarcPolicies, isDmarc, isNullMx, parseMx } from "./values.js";

/** A slip of whoever entered a record, by which a value that was found explains itself. */
export interface Mistake {
	kind: "doubled-target" | "quoted-twice" | "escaped" | "priority" | "null-mx" | "two-policies";
	/** What is wrong and what to do, as a clause without a capital or full stop. */
	text: string;
}

/**
 * The slip that explains why these values stand in the place of a record; undefined for a value that is
 * simply another one.
 * @param found values of the record's type at its name, as one server has them: a `ServerCheck`'s, where it is
 *   `different`
 */
export function likelyMistake(record: DnsRecord, found: readonly string[]): Mistake | undefined {
	if (record.type === "CNAME") return doubledTarget(record.record, found, canonicalName);
	if (record.type === "MX") return wrongExchanger(record.record, found);
	return wrongText(record.record, found);
}

/** A target without its closing dot, to which a server added the zone's name. */
function doubledTarget(
	wanted: string,
	found: readonly string[],
	hostOf: (value: string) => string | undefined,
): Mistake | undefined {
	const target = hostOf(wanted);
	if (target === undefined) return undefined;
	const doubled = found.find((value) => hostOf(value)?.startsWith(`${target}.`));
	if (doubled === undefined) return undefined;
	const suffix = hostOf(doubled)?.slice(target.length + 1);
	const text = `the zone's name was appended to the target (${doubled}); end the target in a dot, or enter it without ${suffix}`;
	return { kind: "doubled-target", text };
}

function wrongExchanger(wanted: string, found: readonly string[]): Mistake | undefined {
	const nullMx = found.find(isNullMx);
	if (nullMx !== undefined) {
		const text = `the null MX (${nullMx}) says that the domain takes no mail at all; remove it (RFC 7505)`;
		return { kind: "null-mx", text };
	}
	const host = parseMx(wanted)?.host;
	const same = found.map(parseMx).find((mx) => mx !== undefined && mx.host === host);
	if (same !== undefined) {
		const text = `the host is right and the priority is ${same.priority}; make it ${parseMx(wanted)?.priority}`;
		return { kind: "priority", text };
	}
	return doubledTarget(wanted, found, (value) => parseMx(value)?.host);
}

function wrongText(wanted: string, found: readonly string[]): Mistake | undefined {
	const policies = isDmarc(wanted) ? dmarcPolicies(found) : [];
	if (policies.length > 1) {
		const text = `${policies.length} DMARC policies stand at one name, and receivers then heed none (RFC 7489, 6.6.3); leave one`;
		return { kind: "two-policies", text };
	}
	for (const value of found) {
		const unquoted = value.trim().replace(/^"(.*)"$/s, "$1");
		if (value !== wanted && unquoted === wanted) {
			const text = "the text was entered with quotation marks or spaces around it; enter it without them";
			return { kind: "quoted-twice", text };
		}
		if (value !== wanted && unquoted.replaceAll("\\", "") === wanted) {
			const text = "the text holds backslashes that were meant as escapes; enter it without them";
			return { kind: "escaped", text };
		}
	}
	return undefined;
}
