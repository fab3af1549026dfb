/** Record sets as they stand in a zone. */
import { canonicalName, isDmarcName, type RecordSet, removeValues } from "../../../dns/index.js";
import type { RecordKind } from "../../arguments/inputs.js";
import type { RecordSetState } from "../../shapes.js";

export type ConflictKind = "dmarc" | "mx" | "mailFrom" | "spf" | "other";

/** Which policy decides about a record of this kind that these sets keep out. A CNAME at a name is more than its mail. */
export function policyFor(kind: RecordKind, blocking: readonly RecordSetState[]): ConflictKind {
	if (kind === "dmarc") return kind;
	const isMail = kind === "mx" || kind === "mailFrom" || kind === "spf";
	return isMail && !blocking.some(({ type }) => type === "CNAME") ? kind : "other";
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

type Place = Pick<RecordSet, "name" | "type">;

/**
 * Sets at the name that exclude one of this type: a CNAME, any set beside a CNAME, a routed or alias set, and name
 * servers that `_dmarc` is delegated to.
 */
export function blockers(sets: readonly RecordSetState[], { name, type }: Place): RecordSetState[] {
	return setsAt(sets, name).filter((set) =>
		set.type === type
			? !isPlain(set)
			: type === "CNAME" || set.type === "CNAME" || (set.type === "NS" && isDmarcName(name)),
	);
}

/** The sets at its name that a record has to do with: its own, and what excludes it. */
export function concerning(sets: readonly RecordSetState[], place: Place): RecordSetState[] {
	const set = plainSet(sets, place.name, place.type);
	return [...blockers(sets, place), ...(set ? [set] : [])];
}

/** What stands without these values; sets that held nothing else are gone. Routed and alias sets stay as they are. */
export function withoutValues<Set extends RecordSetState>(
	sets: readonly Set[],
	gone: readonly Pick<RecordSet, "name" | "type" | "values">[],
): Set[] {
	return sets.flatMap((set) => {
		const own = gone.find(({ name, type }) => name === set.name && type === set.type);
		if (!own || !isPlain(set)) return [set];
		const rest = removeValues(set, own.values);
		return rest ? [{ ...set, values: rest.values }] : [];
	});
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
