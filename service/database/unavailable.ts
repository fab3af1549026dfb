import { setTimeout as sleep } from "node:timers/promises";
import { ServiceError } from "../error-codes.js";

/**
 * The database could not do its work now; the same may succeed later. It is made at the database's edge and nowhere
 * else, so that no other part's trouble is taken for the database's, whatever code it has.
 */
export class DatabaseUnavailable extends ServiceError {
	override readonly name = "DatabaseUnavailable";

	constructor(
		override readonly cause: unknown,
		/** Whether it is certain that nothing was changed, so that repeating is safe. */
		readonly nothingDone: boolean,
	) {
		super("database-unavailable", `The database is unavailable: ${describe(cause)}`, { cause });
	}
}

/** An error of several addresses that were tried in vain has no message of its own. */
function describe(cause: unknown): string {
	if (!(cause instanceof Error)) return String(cause);
	const code = "code" in cause ? String(cause.code) : cause.name;
	return cause.message || code;
}

/** What took longer than this is not repeated: whoever waits for it hears of the trouble instead. Milliseconds. */
const patienceMs = 2_000;

/**
 * Does a piece of work once more, after a moment, when the database was unavailable and nothing was done.
 * @param random 0 to 1
 */
export async function onceMore<Result>(work: () => Promise<Result>, random: () => number): Promise<Result> {
	const began = performance.now();
	try {
		return await work();
	} catch (error) {
		const isSafe = error instanceof DatabaseUnavailable && error.nothingDone;
		if (!isSafe || performance.now() - began > patienceMs) throw error;
		await sleep(20 + 80 * random());
		return work();
	}
}
