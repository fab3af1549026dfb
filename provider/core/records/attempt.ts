/** A change to which no answer came: what became of it, as far as the zone tells, and what state says until then. */
import { contains, recordSetKey } from "../../../dns/index.js";
import type { RecordSetState, WrittenRecordSet } from "../../shapes.js";
import type { RecordsOutputs } from "../inputs.js";
import type { PublishPlan } from "../route53/plan.js";
import { concerning, newRivals, plainSet } from "../route53/sets.js";

/** What state says of the records in their zone. */
export type Ledger = Pick<RecordsOutputs, "written" | "drift" | "seen" | "formerlyWritten">;

/* These complete "Changed since it was published: …". */
const unknownOutcome = "nobody knows, because Route 53's answer got lost";
const nothingDone = "nothing, because the last change, to which no answer came, was not made";

/** A change that may have been made, and what stood there before it. */
export interface Attempt {
	readonly plan: PublishPlan;
	readonly before: readonly RecordSetState[];
}

/**
 * Whether a change that was to write this has been made. Route 53 makes one whole or not at all, so any part of it that
 * has come proves the rest, whoever has taken that away since.
 */
export function wasMade(
	written: readonly WrittenRecordSet[],
	before: readonly RecordSetState[],
	current: readonly RecordSetState[],
): boolean {
	const stands = (sets: readonly RecordSetState[], { name, type, ttl, values }: WrittenRecordSet) => {
		const set = plainSet(sets, name, type);
		return set !== undefined && set.ttl === ttl && values.every((value) => contains(type, set.values, value));
	};
	// A change may have done no more than take a rival from beside ours.
	const standsAlone = (sets: readonly RecordSetState[], want: WrittenRecordSet) =>
		stands(sets, want) && newRivals(plainSet(sets, want.name, want.type), want).length === 0;
	return [stands, standsAlone].some((holds) =>
		written.some((set) => holds(current, set) && !holds(before, set)),
	);
}

/** What state says as long as nobody knows: all that may be ours, and what stood there before the attempt. */
export function unsettled({ plan, before }: Attempt, owned: readonly WrittenRecordSet[]): Ledger {
	const at = (sets: readonly Pick<WrittenRecordSet, "name" | "type">[], set: WrittenRecordSet) =>
		sets.findIndex((each) => recordSetKey(each) === recordSetKey(set));
	const written = [
		...plan.written.map((set) => {
			const more = owned[at(owned, set)]?.values.filter((value) => !contains(set.type, set.values, value));
			return { ...set, values: [...set.values, ...(more ?? [])] };
		}),
		...owned.filter((set) => at([...plan.written, ...plan.kept], set) < 0),
	];
	const seen = standingAt({ written, kept: plan.kept }, before);
	return { written, formerlyWritten: [...owned], drift: [unknownOutcome], seen };
}

/** What state can say once the zone is read again. What was not made is then to be done, whatever else has changed. */
export function settled(
	ledger: Ledger,
	current: readonly RecordSetState[],
): Ledger & { toDo?: readonly string[] } {
	const { written, drift, seen, formerlyWritten } = ledger;
	// It is still to be done, whatever another refresh finds.
	if (drift.includes(nothingDone)) return { ...ledger, toDo: [nothingDone] };
	if (!seen || !formerlyWritten) return ledger;
	if (wasMade(written, seen, current)) return { written, drift: [] };
	return { written: formerlyWritten, drift: [], toDo: [nothingDone] };
}

/** What stands at the names of what was written and kept. */
export const standingAt = (
	{ written, kept }: Pick<RecordsOutputs, "written" | "kept">,
	current: readonly RecordSetState[],
): RecordSetState[] => [...written, ...kept].flatMap((set) => concerning(current, { ...set, values: [] }));
