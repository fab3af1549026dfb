/** Record sets as Route 53 holds them: what a plan needs to know of them. */
import {
	canonicalName,
	competing,
	contains,
	isDmarcName,
	type RecordSet,
	removeValues,
} from "../../../dns/index.js";
import type { RecordSetState } from "../../shapes.js";

/** One change of a batch. A set is deleted exactly as it was read, so that a batch is a compare-and-swap. */
export interface Change {
	action: "CREATE" | "DELETE";
	set: RecordSetState;
}

export type ConflictKind = "dmarc" | "mx" | "other";

/** Which policy decides about a record that these sets keep out. A CNAME at the domain is more than its mail. */
export function kindOf(
	{ name, type }: Pick<RecordSet, "name" | "type">,
	blocking: readonly RecordSetState[],
): ConflictKind {
	if (isDmarcName(name)) return "dmarc";
	return type === "MX" && !blocking.some((set) => set.type === "CNAME") ? "mx" : "other";
}

/** Whether a set is plain: neither an alias nor one of several with a routing policy. */
export const isPlain = (set: RecordSetState): boolean => set.rest === undefined;

/** The sets at a name, in canonical spelling. */
export const setsAt = (sets: readonly RecordSetState[], name: string): RecordSetState[] =>
	sets.filter((set) => canonicalName(set.name) === name);

export const plainSet = (
	sets: readonly RecordSetState[],
	name: string,
	type: string,
): RecordSetState | undefined => setsAt(sets, name).find((set) => set.type === type && isPlain(set));

type Wanted = Pick<RecordSet, "name" | "type" | "values">;

/**
 * Sets at the name that exclude one of this type: a CNAME, any set beside a CNAME, a routed or alias set, and name
 * servers that `_dmarc` is delegated to.
 */
export function blockers(sets: readonly RecordSetState[], { name, type }: Wanted): RecordSetState[] {
	return setsAt(sets, name).filter((set) =>
		set.type === type
			? !isPlain(set)
			: type === "CNAME" || set.type === "CNAME" || (set.type === "NS" && isDmarcName(name)),
	);
}

/** The sets at its name that a record has to do with: its own, and what excludes it. */
export function concerning(sets: readonly RecordSetState[], want: Wanted): RecordSetState[] {
	const set = plainSet(sets, want.name, want.type);
	return [...blockers(sets, want), ...(set ? [set] : [])];
}

/** What stands without these values; sets that held nothing else are gone. Routed and alias sets stay as they are. */
export function withoutValues<Set extends RecordSetState>(
	sets: readonly Set[],
	gone: readonly Wanted[],
): Set[] {
	return sets.flatMap((set) => {
		const own = gone.find(({ name, type }) => name === set.name && type === set.type);
		if (!own || !isPlain(set)) return [set];
		const rest = removeValues(set, own.values);
		return rest ? [{ ...set, values: rest.values }] : [];
	});
}

/** Values of a plain set that compete with the wanted ones. */
export const rivals = (set: RecordSetState | undefined, want: Wanted): string[] =>
	competing(want, set?.values ?? []);

/** Those that were not beside it when it was written. */
export const newRivals = (
	set: RecordSetState | undefined,
	written: Wanted & { others: readonly string[] },
): string[] => rivals(set, written).filter((value) => !contains(written.type, written.others, value));

/** What stands in the zone once these changes are made. */
export function afterChanges(
	current: readonly RecordSetState[],
	changes: readonly Change[],
): RecordSetState[] {
	const gone = new Set(changes.filter(({ action }) => action === "DELETE").map(({ set }) => set));
	const made = changes.filter(({ action }) => action === "CREATE").map(({ set }) => set);
	return [...current.filter((set) => !gone.has(set)), ...made];
}

/** A set's values as a person reads them, one per item; a routed or alias set says what it is. */
export function describeSet(set: RecordSetState): string[] {
	if (isPlain(set)) return set.values.map((value) => `${set.type} ${value}`);
	const { SetIdentifier, AliasTarget } = set.rest as {
		SetIdentifier?: string;
		AliasTarget?: { DNSName?: string };
	};
	const target = AliasTarget?.DNSName
		? ` alias of ${canonicalName(AliasTarget.DNSName)}`
		: ` ${set.values.join(", ")}`;
	return [`${set.type}${target}${SetIdentifier ? ` (routing policy, set "${SetIdentifier}")` : ""}`];
}
