import { judge } from "./check.js";
import { LookupError } from "./delegation.js";
import { canonicalName, isWithin, sameName } from "./names.js";
import type { DnsRecord } from "./records.js";
import type { LookupOptions, Lookups } from "./resolver.js";

/** A likely reason why a record that was published is not seen. */
export interface Finding {
	kind: "broken" | "undelegated" | "other-zone" | "other-servers" | "doubled-suffix" | "alias";
	/** What is wrong and what to do, as a clause without a capital or full stop. */
	text: string;
}

/** The zone into which a record was, or is to be, published. */
export interface PublishedZone {
	name: string;
	/** Its own name servers, where they are known. */
	nameServers?: readonly string[];
}

/**
 * Looks for the usual reasons of a record that is missing, the gravest first; empty if it finds none or gets no
 * answer. Throws only on abort.
 */
export async function diagnose(
	record: DnsRecord,
	zone: PublishedZone,
	lookups: Lookups,
	options: LookupOptions = {},
): Promise<Finding[]> {
	const [misplaced, live] = await Promise.all([
		unlessUnknown(findMisplaced(record, zone, lookups, options), []),
		unlessUnknown(lookups.authoritative(record.address, options), undefined),
	]);
	const server = live?.servers.flatMap(({ addresses }) => addresses)[0];
	if (server === undefined) return misplaced;
	const at = { ...options, server };
	const found = await Promise.all([findDoubled(record, zone, lookups, at), findAlias(record, lookups, at)]);
	return [...misplaced, ...found.flat()];
}

async function unlessUnknown<T>(outcome: Promise<T>, otherwise: T): Promise<T> {
	try {
		return await outcome;
	} catch (error) {
		if (error instanceof LookupError) return otherwise;
		throw error;
	}
}

async function findMisplaced(
	record: DnsRecord,
	zone: PublishedZone,
	lookups: Lookups,
	options: LookupOptions,
): Promise<Finding[]> {
	const live = await lookups.delegation(record.address, options);
	const name = canonicalName(zone.name);
	if (live?.broken !== undefined && live.zone !== name) {
		const text = `the live DNS gives no answer for ${live.broken} (SERVFAIL): it is delegated to servers that do not serve it, or its DNSSEC is broken; enter the name servers of ${name} at the registrar`;
		return [{ kind: "broken", text }];
	}
	if (live === undefined || (live.zone !== name && isWithin(name, live.zone))) {
		const text = `${name} is not delegated: no server outside knows it; enter its name servers at the registrar, or as NS records in the zone above`;
		return [{ kind: "undelegated", text }];
	}
	if (live.zone !== name) {
		const text = `the live DNS answers for ${canonicalName(record.address)} from the zone ${live.zone} (${live.nameServers.join(", ")}), not from ${name}; publish the record there`;
		return [{ kind: "other-zone", text }];
	}
	const own = zone.nameServers?.map(canonicalName);
	if (own === undefined || live.nameServers.some((server) => own.includes(server))) return [];
	const text = `${name} is delegated to ${live.nameServers.join(", ")}, but this zone's servers are ${own.join(", ")}; correct the delegation, or publish the record where it leads`;
	return [{ kind: "other-servers", text }];
}

/** A form that appends the zone to whatever is entered makes `name.zone.zone` of a full name. */
async function findDoubled(
	record: DnsRecord,
	zone: PublishedZone,
	lookups: Lookups,
	at: LookupOptions & { server: string },
): Promise<Finding[]> {
	const doubled = `${canonicalName(record.address)}.${canonicalName(zone.name)}`;
	const answer = await lookups.query(doubled, record.type, at);
	if (judge(record, answer).state !== "found") return [];
	const text = `the record stands at ${doubled}: the zone's name was appended to a name that had it already; enter the name without ${canonicalName(zone.name)}`;
	return [{ kind: "doubled-suffix", text }];
}

async function findAlias(
	record: DnsRecord,
	lookups: Lookups,
	at: LookupOptions & { server: string },
): Promise<Finding[]> {
	const answer = await lookups.query(canonicalName(record.address), "CNAME", at);
	const target = answer.kind === "found" ? answer.values[0] : undefined;
	if (target === undefined || record.type === "CNAME" || sameName(target, record.address)) return [];
	const text = `a CNAME to ${canonicalName(target)} stands at ${canonicalName(record.address)}, where no ${record.type} record can stand beside it; remove it, or publish the record at its target`;
	return [{ kind: "alias", text }];
}
