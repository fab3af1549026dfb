import { canonicalName } from "./names.js";
import { formatTxt } from "./txt.js";
import { parseMx, sameValue } from "./values.js";

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

/** The domain that records at these names are about: what stands behind the labels of mail, else the shortest name. */
export function mailDomain(addresses: readonly string[]): string | undefined {
	const names = addresses.map(canonicalName);
	const domains = names.flatMap(
		(name) => /^(?:[^.]+\._domainkey|_dmarc|_amazonses)\.(.+)$/.exec(name)?.[1] ?? [],
	);
	return (domains.length > 0 ? domains : names).sort((a, b) => a.length - b.length)[0];
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
