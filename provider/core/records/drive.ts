import { isDeepStrictEqual } from "node:util";
import type { RecordSetState } from "../../shapes.js";
import type { PendingChange } from "../inputs.js";
import { changesFor } from "../route53/changes.js";
import type { AcceptedChange } from "../route53/publisher.js";
import type { Range } from "../route53/reader.js";
import type { Zones } from "../route53/zones.js";
import { afterIntents } from "./intents.js";
import { type Ledger, wasMade } from "./ledger.js";
import type { Conflict, Plan } from "./plan.js";

export interface Course {
	readonly zoneId: string;
	readonly ledger: Ledger;
	/** What of the zone the plan must see. */
	readonly ranges: Range[];
	plan(look: Look): Plan;
	/** What the user is told where the plan is refused. */
	refusal?(conflicts: readonly Conflict[], consequence: string): Error;
}

export interface Look {
	readonly ledger: Ledger;
	readonly current: readonly RecordSetState[];
	/** What stood there when this operation began. */
	readonly first: readonly RecordSetState[];
	/** False where the zone has refused to take back what was replaced. */
	readonly canRestore: boolean;
}

export interface Driven {
	/** Undefined where nothing had to be changed, or no answer came. */
	readonly change: AcceptedChange | undefined;
	readonly plan: Plan;
	/** What stands in the zone now. */
	readonly after: readonly RecordSetState[];
	/** Whether something was made by a change to which no answer came. */
	readonly isUnanswered: boolean;
}

/** The zone could not be brought to what was planned. */
export class DriveError extends Error {
	override readonly name = "DriveError";
	/**
	 * @param reached what stands by then, or may; undefined where that is what it was.
	 * @param isWriting whether a change was on its way.
	 */
	constructor(
		override readonly cause: Error,
		readonly reached: Ledger | undefined,
		readonly isWriting: boolean,
	) {
		super(cause.message, { cause });
	}
}

/**
 * Reads, plans and changes, until the zone is as it was planned: where it has moved meanwhile it is read again, and where no
 * answer came it is found out whether the change was made.
 *
 * @throws DriveError
 */
export async function drive(zones: Zones, course: Course): Promise<Driven> {
	let { ledger } = course;
	/** Whether something was made without an answer, and whether something may be. */
	let [isMade, isOpen] = [false, false];
	let look: Look | undefined;
	let plan: Plan | undefined;
	let attempt: PendingChange | undefined;
	/** What stood there whenever a change was refused: of others meanwhile, or for what cannot be put back. */
	const refusedAt: (readonly RecordSetState[])[] = [];
	const canRestoreAt = (current: readonly RecordSetState[]) =>
		refusedAt.filter((stood) => isDeepStrictEqual(stood, current)).length < 2;
	try {
		const change = await zones.submit(course.zoneId, {
			ranges: course.ranges,
			plan(current) {
				const made = [attempt, ledger.pending].find((each) => each && wasMade(each, current));
				if (made) {
					ledger = { written: made.written, kept: made.kept };
					[isMade, isOpen] = [true, false];
				}
				attempt = undefined;
				look = { ledger, current, first: look?.first ?? current, canRestore: canRestoreAt(current) };
				plan = course.plan(look);
				if (plan.refused.length === 0) return changesFor(plan.intents, current);
				// What is in its way keeps out a change that is under way as well.
				isOpen = false;
				throw course.refusal?.(plan.refused, isMade ? madeBefore : madeNothing);
			},
			failed(isUnanswered) {
				const before = [...(look?.current ?? [])];
				attempt = { before, written: plan?.written ?? [], kept: plan?.kept ?? [] };
				if (!isUnanswered) return void refusedAt.push(before);
				ledger = { ...ledger, pending: attempt };
				isOpen = true;
			},
		});
		const done = plan as unknown as Plan;
		const after = afterIntents((look as unknown as Look).current, done.intents);
		return { change, plan: done, after, isUnanswered: isMade };
	} catch (error) {
		const { written, kept, pending } = ledger;
		const reached = { written, kept, ...(isOpen && { pending }) };
		throw new DriveError(error as Error, isMade || isOpen ? reached : undefined, plan?.intents.length !== 0);
	}
}

const madeBefore = "The records were written, and are in the state.";
const madeNothing = "Nothing was changed in it.";
