import { isDeepStrictEqual } from "node:util";
import { canonicalName } from "./names.js";
import type { RecordSet } from "./records.js";
import { contains } from "./values.js";

/** Identifies a set within its zone: name, type and, for routed sets, the set identifier. */
export function recordSetKey(set: Pick<RecordSet, "name" | "type" | "setIdentifier">): string {
	return JSON.stringify([canonicalName(set.name), set.type, set.setIdentifier ?? null]);
}

/** Whether a set holds a value, in whatever spelling. */
export function hasValue(set: RecordSet | undefined, value: string): boolean {
	return set !== undefined && contains(set.type, set.values, value);
}

/**
 * What stands at a name once our values are added: foreign values keep their bytes and their order,
 * and a set that exists keeps its TTL. Returns `current` itself when nothing is to be added.
 */
export function addValues(current: RecordSet | undefined, ours: RecordSet): RecordSet {
	if (current === undefined) return ours;
	const missing = ours.values.filter((value) => !hasValue(current, value));
	return missing.length === 0 ? current : { ...current, values: [...current.values, ...missing] };
}

/**
 * What stays at a name once these values are taken out, undefined if nothing does. Values that are not
 * there are ignored; returns `current` itself when none is.
 */
export function removeValues(current: RecordSet, values: readonly string[]): RecordSet | undefined {
	const kept = current.values.filter((each) => !contains(current.type, values, each));
	if (kept.length === current.values.length) return current;
	return kept.length === 0 ? undefined : { ...current, values: kept };
}

/** A set's values against the ones we want there. */
export interface ValueDiff {
	/** Wanted and there, spelled as they stand there. */
	present: string[];
	/** Wanted and not there. */
	missing: string[];
	/** There and not wanted: somebody else's. */
	foreign: string[];
}

/** Compares what stands at a name with what we want there. */
export function diffValues(
	current: RecordSet | undefined,
	ours: Pick<RecordSet, "type" | "values">,
): ValueDiff {
	const wanted = (value: string) => contains(ours.type, ours.values, value);
	const standing = current?.values ?? [];
	return {
		present: standing.filter(wanted),
		missing: ours.values.filter((value) => !hasValue(current, value)),
		foreign: standing.filter((value) => !wanted(value)),
	};
}

/** Whether two sets mean the same to DNS: key, TTL, alias and values, in whatever spelling and order. */
export function sameRecordSet(a: RecordSet, b: RecordSet): boolean {
	return (
		recordSetKey(a) === recordSetKey(b) &&
		a.ttl === b.ttl &&
		isDeepStrictEqual(a.alias, b.alias) &&
		a.values.every((value) => hasValue(b, value)) &&
		b.values.every((value) => hasValue(a, value))
	);
}
