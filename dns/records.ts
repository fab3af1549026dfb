import { canonicalName, isWithin, sameName } from "./names.js";
import { formatTxt, sameTxt } from "./txt.js";

/** A record to publish, as the Channels API gives it. */
export interface DnsRecord {
	/** Host name, without a trailing dot. */
	address: string;
	type: "CNAME" | "MX" | "TXT";
	/** Host name for CNAME, `10 host` for MX, the joined text without quotes for TXT. */
	record: string;
}

/** All values of one type at one name: what DNS, and Route 53, create and replace as a whole. */
export interface RecordSet {
	name: string;
	type: string;
	/** Seconds. Absent for an alias. */
	ttl?: number;
	/** In Route 53's presentation form: TXT quoted, `10 host` for MX. Empty for an alias. */
	values: string[];
	/** Tells weighted and other routed sets of one name and type apart. */
	setIdentifier?: string;
	/** What an alias points to, as Route 53 gives it. */
	alias?: unknown;
}

export type RecordKind = "dkim" | "mx" | "dmarc" | "other";

/** What a record is for, judged by its place below the mail domain. */
export function recordKind(record: Pick<DnsRecord, "address" | "type">, domain: string): RecordKind {
	if (record.type === "CNAME" && isWithin(record.address, `_domainkey.${domain}`)) return "dkim";
	if (record.type === "MX" && sameName(record.address, domain)) return "mx";
	if (record.type === "TXT" && sameName(record.address, `_dmarc.${domain}`)) return "dmarc";
	return "other";
}

/** A record's value in Route 53's presentation form. */
export function presentationValue(record: Pick<DnsRecord, "type" | "record">): string {
	if (record.type === "TXT") return formatTxt(record.record);
	if (record.type === "CNAME") return canonicalName(record.record);
	const mx = parseMx(record.record);
	return mx === undefined ? record.record : `${mx.priority} ${mx.host === "" ? "." : mx.host}`;
}

/**
 * Groups records into sets: one per name and type, ordered by name, then type, each value once.
 * @param ttl seconds, for every set
 */
export function toRecordSets(records: readonly DnsRecord[], ttl: number): RecordSet[] {
	const sets = new Map<string, RecordSet>();
	for (const record of records) {
		const name = canonicalName(record.address);
		const value = presentationValue(record);
		const key = `${name} ${record.type}`;
		const set = sets.get(key) ?? { name, type: record.type, ttl, values: [] };
		if (!set.values.some((each) => sameValue(record.type, each, value))) set.values.push(value);
		sets.set(key, set);
	}
	for (const set of sets.values()) set.values.sort();
	return [...sets].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, set]) => set);
}

/** Whether two values of one type, in presentation form, mean the same to DNS. */
export function sameValue(type: string, a: string, b: string): boolean {
	switch (type) {
		case "TXT":
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

/** Whether a TXT record's joined text is a DMARC policy (RFC 7489, 6.4: the version tag comes first). */
export function isDmarc(text: string): boolean {
	return /^v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)/.test(text);
}
