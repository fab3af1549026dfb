/**
 * When two values of a record are the same, and which cannot stand beside each other: for the plan of a zone, its
 * drift, the look at name servers, `channels doctor` and the service alike.
 */
import { isDeepStrictEqual } from "node:util";
import { canonicalName, sameName } from "./names.js";
import { joinTxt, sameTxt } from "./txt.js";

/** What tells one record from another. */
interface RecordText {
	address: string;
	type: string;
	record: string;
}

/** Whether two values of one type, in presentation form, mean the same to DNS. */
export function sameValue(type: string, a: string, b: string): boolean {
	switch (type) {
		case "TXT":
			return sameTxt(a, b) || samePolicy(joinTxt(a), joinTxt(b));
		case "SPF":
			return sameTxt(a, b);
		case "CNAME":
		case "NS":
		case "PTR":
			return sameName(a, b);
		case "MX": {
			const [x, y] = [parseMx(a), parseMx(b)];
			if (x === undefined || y === undefined) return a === b;
			return x.priority === y.priority && x.host === y.host;
		}
		default:
			return a === b;
	}
}

/** The parts of an MX value; the host is canonical (`""` for the null MX). Undefined if it is none. */
export function parseMx(value: string): { priority: number; host: string } | undefined {
	const [, priority, host] = /^\s*(\d{1,5})\s+(\S+)\s*$/.exec(value) ?? [];
	if (priority === undefined || host === undefined) return undefined;
	return { priority: Number(priority), host: canonicalName(host) };
}

/** Whether an MX value says that the domain takes no mail (RFC 7505). */
export function isNullMx(value: string): boolean {
	return parseMx(value)?.host === "";
}

/**
 * Whether receivers may read a TXT record's joined text as a DMARC policy, so that no second one may stand beside it
 * (RFC 7489, 6.6.3). They read more than the grammar has: OpenDMARC trims spaces and compares `DMARC1` without case
 * (`opendmarc_policy_parse_dmarc`), Mail::DMARC looks at the first eight characters, in either case, whatever follows
 * (`fetch_dmarc_record`). The version comes first for all of them.
 */
export function isDmarc(text: string): boolean {
	return /^\s*v\s*=\s*DMARC1(?![0-9a-z])/i.test(text);
}

/**
 * Whether every receiver reads it: the version as RFC 7489, 6.4, spells it, `v` in either case (RFC 5234, 2.3) and
 * `DMARC1` in this one.
 */
const isWellFormed = (text: string) => /^[vV][ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)/.test(text);

/** Tags whose values are keywords, which ABNF compares without case: RFC 7489, 6.4, and RFC 9091, 4.2 (`np`). */
const CASELESS_TAGS = new Set(["p", "sp", "np", "adkim", "aspf", "fo", "rf", "psd", "t"]);

/** Between the items of a list spaces mean nothing (RFC 7489, 6.4). */
const SEPARATORS: Record<string, string> = { rua: ",", ruf: ",", fo: ":", rf: ":" };

/** Whether two texts are DMARC policies with the same tags, in whatever order and spacing (RFC 7489, 6.4). */
function samePolicy(a: string, b: string): boolean {
	return isWellFormed(a) && isWellFormed(b) && isDeepStrictEqual(policyTags(a), policyTags(b));
}

/** `[name, value]` of each tag, by name. One that occurs twice keeps its order, because readers may heed the first. */
function policyTags(policy: string): [name: string, value: string][] {
	return policy
		.split(";")
		.filter((tag) => trimmed(tag) !== "")
		.map((tag): [string, string] => {
			const [, name = "", value = ""] = /^([^=]*)=?(.*)$/s.exec(tag) ?? [];
			const key = trimmed(name).toLowerCase();
			return [key, tagValue(key, value)];
		})
		.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Without the spaces that mean nothing around a token: RFC 5234's WSP, which has no other ones than these. */
const trimmed = (text: string) => text.replace(/^[ \t]+|[ \t]+$/g, "");

function tagValue(name: string, value: string): string {
	const separator = SEPARATORS[name];
	const items = separator === undefined ? [value] : value.split(separator);
	const spaceless = items.map(trimmed).join(separator);
	return CASELESS_TAGS.has(name) ? spaceless.toLowerCase() : spaceless;
}

/** Whether a TXT record's joined text is an SPF record: the version alone, or before a space (RFC 7208, 4.5). */
export const isSpf = (text: string): boolean => /^v=spf1(?: |$)/i.test(text);

/** The tags of a DMARC policy by their names; of one that occurs twice the first. */
export const dmarcTags = (policy: string): Map<string, string> => new Map(policyTags(policy).reverse());

/**
 * Whether two values of one type mean the same, as DNS answers and the Channels API spell them: the joined text of a
 * TXT record, without quotes. A DMARC policy is a list of tags; any other text is its bytes.
 */
export function sameText(type: string, a: string, b: string): boolean {
	return type === "TXT" ? a === b || samePolicy(a, b) : sameValue(type, a, b);
}

/** Whether two records are one: name, type and value, in whatever spelling. */
export function sameRecord(a: RecordText, b: RecordText): boolean {
	return a.type === b.type && sameName(a.address, b.address) && sameText(a.type, a.record, b.record);
}

/** Whether one of these values, in presentation form, means the same. */
export function contains(type: string, values: readonly string[], value: string): boolean {
	return values.some((each) => sameValue(type, each, value));
}

/**
 * Of the values at a name, in presentation form, those that compete with the wanted ones: another target of a CNAME,
 * another mail exchanger, a second DMARC policy (two count as none, RFC 7489, 6.6.3), a second SPF record (an error, RFC
 * 7208, 4.5). Other texts do not.
 */
export function competing(
	want: { name: string; type: string; values: readonly string[] },
	standing: readonly string[],
): string[] {
	const foreign = standing.filter((value) => !contains(want.type, want.values, value));
	if (want.type !== "TXT") return foreign;
	if (isDmarcName(want.name)) return foreign.filter((value) => isDmarc(joinTxt(value)));
	const isSpfValue = (value: string) => isSpf(joinTxt(value));
	return want.values.some(isSpfValue) ? foreign.filter(isSpfValue) : [];
}

/** Whether this is where a domain's DMARC policy stands (RFC 7489, 6.1). */
export function isDmarcName(name: string): boolean {
	return canonicalName(name).startsWith("_dmarc.");
}

/** The DMARC policies among joined texts. */
export function dmarcPolicies(texts: readonly string[]): string[] {
	return texts.filter(isDmarc);
}
