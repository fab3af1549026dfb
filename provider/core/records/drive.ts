import { isDeepStrictEqual } from "node:util";
import type { RecordSetState } from "../../shapes.js";
import type { PendingChange } from "../inputs.js";
import type { AcceptedChange, Range } from "../zones/host.js";
import type { Zones } from "../zones/zones.js";
import { existingAt, type Ledger, placesOf, wasMade } from "./ledger.js";
import type { Plan } from "./plan.js";

export interface Course {
	readonly zoneId: string;
	readonly ledger: Ledger;
	/** What of the zone the plan must see. */
	readonly ranges: Range[];
	plan(look: Look): Plan;
	/** What is told where the plan is refused. */
	refusal?(plan: Plan, consequence: string): Error;
}

interface Look {
	readonly ledger: Ledger;
	readonly current: readonly RecordSetState[];
	/** What stood there when this operation began. */
	readonly first: readonly RecordSetState[];
	/** False where the zone has refused to take back what was replaced. */
	readonly canRestore: boolean;
}

/** How far it has come. */
export interface Driven {
	/** The last plan. */
	readonly plan: Plan | undefined;
	/** What it was made of. */
	readonly look: Look | undefined;
	/** Undefined where nothing had to be changed, or no answer came. */
	readonly change: AcceptedChange | undefined;
	/** What was written without an answer, or may have been; undefined where nothing was. */
	readonly unanswered: Ledger | undefined;
	/** Why the zone is not as it was planned. */
	readonly error?: Error;
}

/**
 * Reads, plans and changes, until the zone is as it was planned: where it has moved meanwhile it is read again, and where no
 * answer came it is found out whether the change was made. Never throws.
 */
export async function drive(zones: Zones, course: Course): Promise<Driven> {
	let { ledger } = course;
	let unanswered: Ledger | undefined;
	/** What of it is known to be made. */
	let known: Ledger | undefined;
	let look: Look | undefined;
	let plan: Plan | undefined;
	let attempt: PendingChange | undefined;
	/** What stood there whenever a change was refused: of others meanwhile, or for what cannot be put back. */
	const refusedAt: (readonly RecordSetState[])[] = [];
	const submission = {
		ranges: course.ranges,
		plan(current: readonly RecordSetState[]) {
			const made = [attempt, ledger.pending].find((each) => each && wasMade(each, current));
			attempt = undefined;
			if (made) known = unanswered = ledger = { written: made.written, kept: made.kept };
			const canRestore = refusedAt.filter((stood) => isDeepStrictEqual(stood, current)).length < 2;
			look = { ledger, current, first: look?.first ?? current, canRestore };
			plan = course.plan(look);
			if (plan.refused.length === 0) return plan.intents;
			// What is in its way keeps out a change that is under way as well.
			unanswered = known;
			throw course.refusal?.(plan, known ? madeBefore : madeNothing);
		},
		failed(isUnanswered: boolean) {
			const { written = [], kept = [] } = plan ?? {};
			const current = look?.current ?? [];
			// What was read is of all who share the reading.
			const before = existingAt([...placesOf(ledger), ...written, ...kept], current);
			attempt = { before, written, kept };
			if (isUnanswered) unanswered = ledger = { ...ledger, pending: attempt };
			else refusedAt.push(current);
		},
	};
	try {
		const change = await zones.submit(course.zoneId, submission);
		return { plan, look, change, unanswered };
	} catch (error) {
		return { plan, look, change: undefined, unanswered, error: error as Error };
	}
}

const madeBefore = "The records were written, and are in the state.";
const madeNothing = "Nothing was changed in it.";
