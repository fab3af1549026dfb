/** What state knows of the records in their zone. */
import { canonicalName, competing, contains, hasValue, type RecordSet } from "../../../dns/index.js";
import type { KeptRecordSet, RecordSetState, WrittenRecordSet } from "../../shapes.js";
import type { FormerZone, PendingChange, RecordsOutputs } from "../inputs.js";
import { concerning, plainSet } from "../zones/sets.js";

export interface Ledger {
	readonly written: readonly WrittenRecordSet[];
	readonly kept: readonly KeptRecordSet[];
	/** What stood there when a preview could show that it was changed. States of 0.1.0 do not say: it was all shown. */
	readonly seen?: readonly RecordSetState[] | "everything" | undefined;
	/** A change to which no answer came. */
	readonly pending?: PendingChange | undefined;
}

export const nothingOurs: Ledger = { written: [], kept: [] };

/** The ledger of a state, of any version. */
export function ledgerOf(state: Partial<RecordsOutputs> | FormerZone): Ledger {
	const {
		written = [],
		kept = [],
		drift = [],
		seen,
		pending,
		formerlyWritten,
	}: Partial<RecordsOutputs> = state;
	// In earlier states `written` has all that may be ours then, and `seen` what stood before the change.
	if (formerlyWritten && seen)
		return { written: formerlyWritten, kept: [], pending: { before: seen, written, kept } };
	const isAllShown = drift.length > 0 && !pending;
	return { written, kept, seen: seen ?? (isAllShown ? "everything" : undefined), pending };
}

type Place = Pick<RecordSet, "name" | "type">;

export const isAt =
	({ name, type }: Place) =>
	(each: Place): boolean =>
		each.type === type && canonicalName(each.name) === canonicalName(name);

/** All names and types that it may have to do with. */
export const placesOf = ({ written, kept, pending }: Ledger): Place[] => [
	...[...written, ...kept],
	...(pending ? [...pending.written, ...pending.kept] : []),
];

/** What stands at these names. */
export const existingAt = (
	places: readonly Place[],
	current: readonly RecordSetState[],
): RecordSetState[] => [...new Set(places.flatMap((place) => concerning(current, place)))];

/** The ledger once the zone is read again. Where a change was not made it may still come. */
export const settle = (ledger: Ledger, current: readonly RecordSetState[]): Ledger =>
	ledger.pending && wasMade(ledger.pending, current)
		? { written: ledger.pending.written, kept: ledger.pending.kept }
		: ledger;

/**
 * Whether a change that no answer came to was made, as far as the zone tells. A zone takes a change whole or not at all, so
 * any part of it that has come proves the rest, whoever has taken that away since.
 */
export function wasMade({ before, written }: PendingChange, current: readonly RecordSetState[]): boolean {
	const signs = written.flatMap((set) =>
		[
			...set.values.map((value) => (existing: RecordSetState | undefined) => hasValue(existing, value)),
			// A change may have done no more than take away what stood beside ours.
			(existing: RecordSetState | undefined) =>
				set.values.every((value) => hasValue(existing, value)) &&
				competing(set, existing?.values ?? []).every((value) => contains(set.type, set.others, value)),
		].map((holds) => (sets: readonly RecordSetState[]) => {
			const existing = plainSet(sets, set.name, set.type);
			return existing?.ttl === set.ttl && holds(existing);
		}),
	);
	return signs.some((holds) => holds(current) && !holds(before));
}
