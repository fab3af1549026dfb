/** What state knows of the records in their zone, by name and type. */
import { canonicalName, contains } from "../../../dns/index.js";
import type { KeptRecordSet, RecordSetState, WrittenRecordSet } from "../../shapes.js";
import type { RecordsOutputs } from "../inputs.js";
import { plainSet } from "./sets.js";

/** One name and type. */
export interface Entry {
	readonly name: string;
	readonly type: string;
	/** The values that are ours. */
	readonly ours: readonly string[];
	/** What the Channels API asked for when it was last published. */
	readonly wanted: readonly string[];
	/** What stood there of others when it was last published: values, or whole sets in words where `isLeft`. */
	readonly beside: readonly string[];
	/** Seconds; undefined where nothing is ours. */
	readonly ttl?: number | undefined;
	/** Sets that `onConflict: "overwrite"` took away. */
	readonly replaced: readonly RecordSetState[];
	/** `onConflict: "keep"` left the place to others. */
	readonly isLeft: boolean;
}

/** A change to which no answer came: what stood before it, and what is ours if it was made. */
export interface Pending {
	readonly before: readonly RecordSetState[];
	readonly next: readonly Entry[];
}

export interface Ledger {
	readonly entries: readonly Entry[];
	/** What stood there when a preview could show that it was changed. States of 0.1.0 do not say: it was all shown. */
	readonly seen?: readonly RecordSetState[] | "everything" | undefined;
	readonly pending?: Pending | undefined;
}

type State = Partial<
	Pick<RecordsOutputs, "written" | "kept" | "drift" | "seen" | "pending" | "formerlyWritten">
>;

export const nothingOurs: Ledger = { entries: [] };

/** Whether something of it is ours, or has to be put back. */
export const isOurs = ({ ours, replaced }: Entry): boolean => ours.length > 0 || replaced.length > 0;

export const isAt =
	({ name, type }: Pick<Entry, "name" | "type">) =>
	(each: Pick<Entry, "name" | "type">): boolean =>
		each.type === type && canonicalName(each.name) === canonicalName(name);

/** The ledger of a state, of any version. */
export function ledgerOf({ written = [], kept = [], drift = [], ...state }: State): Ledger {
	const { seen, pending, formerlyWritten } = state;
	const entries = entriesOf(written, kept);
	if (pending) {
		const next = entriesOf(pending.written, pending.kept);
		return { entries, seen, pending: { before: pending.before, next } };
	}
	// In earlier states `written` has all that may be ours then, and `seen` what stood before the change.
	if (formerlyWritten && seen)
		return { entries: entriesOf(formerlyWritten, []), pending: { before: seen, next: entries } };
	return { entries, seen: seen ?? (drift.length > 0 ? "everything" : undefined) };
}

/** A ledger as state has it. */
export function stateOf({ entries, pending }: Ledger): Required<Pick<State, "written" | "kept">> & State {
	return {
		...setsOf(entries),
		...(pending && { pending: { before: [...pending.before], ...setsOf(pending.next) } }),
	};
}

const entriesOf = (written: readonly WrittenRecordSet[], kept: readonly KeptRecordSet[]): Entry[] => [
	...written.map(
		({ name, type, ttl, values, wanted = values, others, replaced = [] }): Entry => ({
			...{ name, type, ttl, ours: values, wanted, beside: others, replaced },
			isLeft: false,
		}),
	),
	...kept.map(
		({ name, type, wanted, found, reason }): Entry => ({
			...{ name, type, ours: [], wanted, beside: found, replaced: [] },
			isLeft: reason === "conflict",
		}),
	),
];

function setsOf(entries: readonly Entry[]): { written: WrittenRecordSet[]; kept: KeptRecordSet[] } {
	return {
		written: entries.filter(isOurs).map(({ name, type, ttl = 0, ours, wanted, beside, replaced }) => ({
			...{ name, type, ttl, values: [...ours], others: [...beside] },
			...(wanted.some((value) => !contains(type, ours, value)) && { wanted: [...wanted] }),
			...(replaced.length > 0 && { replaced: [...replaced] }),
		})),
		kept: entries
			.filter((entry) => !isOurs(entry))
			.map(({ name, type, wanted, beside, isLeft }) => ({
				...{ name, type, wanted: [...wanted], found: [...beside] },
				reason: isLeft ? "conflict" : "identical",
			})),
	};
}

/** What the ledger is once the zone is read again. Where a change was not made it may still come. */
export const settle = (ledger: Ledger, current: readonly RecordSetState[]): Ledger =>
	ledger.pending && wasMade(ledger.pending, current) ? { entries: ledger.pending.next } : ledger;

/**
 * Whether a change that no answer came to was made, as far as the zone tells. A zone takes a change whole or not at all, so
 * any part of it that has come proves the rest, whoever has taken that away since.
 */
export function wasMade({ before, next }: Pending, current: readonly RecordSetState[]): boolean {
	const ours = next.filter(isOurs);
	const added = ours.flatMap(({ name, type, ttl, ours }) =>
		ours.map((value) => (sets: readonly RecordSetState[]) => {
			const set = plainSet(sets, name, type);
			return set?.ttl === ttl && contains(type, set?.values ?? [], value);
		}),
	);
	// A change may have done no more than take away what stood beside ours.
	const taken = ours.flatMap(({ name, type, ours, beside }) =>
		(plainSet(before, name, type)?.values ?? [])
			.filter((value) => !contains(type, [...ours, ...beside], value))
			.map((value) => (sets: readonly RecordSetState[]) => {
				const values = plainSet(sets, name, type)?.values ?? [];
				return !contains(type, values, value) && ours.every((each) => contains(type, values, each));
			}),
	);
	return [...added, ...taken].some((holds) => holds(current) && !holds(before));
}
