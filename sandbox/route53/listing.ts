import { parseName, sortKey } from "./names.js";
import { type RecordSets, type ResourceRecordSet, recordSetKey, sorted } from "./record-sets.js";
import type { HostedZone } from "./zones.js";

/** Largest pages: https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html and siblings */
export const pageLimits = { zones: 100, recordSets: 300, healthChecks: 1_000 };

export interface Page<T> {
	readonly items: readonly T[];
	/** The first item of the next page. */
	readonly next: T | undefined;
}

function page<T>(all: readonly T[], from: number, size: number): Page<T> {
	const start = from < 0 ? all.length : from;
	return { items: all.slice(start, start + size), next: all[start + size] };
}

export interface RecordSetStart {
	readonly name: string;
	readonly type?: string;
	readonly identifier?: string;
}

/** The record sets from `start` on, by name with its labels reversed, then type, then set identifier. */
export function listRecordSets(
	records: RecordSets,
	start: RecordSetStart | undefined,
	size: number,
): Page<ResourceRecordSet> {
	const all = sorted(records);
	if (!start) return page(all, 0, size);
	const from = recordSetKey(start.name, start.type ?? "", start.identifier ?? "");
	return page(
		all,
		all.findIndex((set) => recordSetKey(set.Name, set.Type, set.SetIdentifier) >= from),
		size,
	);
}

/** The zones from `start` on, by name with its labels reversed, those of one name by id. */
export function listZonesByName(
	zones: readonly HostedZone[],
	start: { name: string; id: string | undefined } | undefined,
	size: number,
): Page<HostedZone> {
	const keyed = zones
		.map((zone) => ({ key: `${sortKey(zone.name)}\0${zone.id}`, zone }))
		.sort((a, b) => (a.key < b.key ? -1 : 1));
	const all = keyed.map(({ zone }) => zone);
	if (!start || parseName(start.name).length === 0) return page(all, 0, size);
	const from = `${sortKey(start.name)}\0${start.id ?? ""}`;
	return page(
		all,
		keyed.findIndex(({ key }) => key >= from),
		size,
	);
}

/** The zones from the one with id `marker` on. */
export function listZones(
	zones: readonly HostedZone[],
	marker: string | undefined,
	size: number,
): Page<HostedZone> {
	return page(zones, marker === undefined ? 0 : zones.findIndex((zone) => zone.id === marker), size);
}
