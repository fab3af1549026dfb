import { formatDuration } from "../../../arguments/duration.js";
import type { Clock } from "../../clock.js";
import { pauseBefore } from "../../jitter.js";
import { Route53Error } from "./api.js";

const deadlineMs = 5 * 60_000;
/** So often a call that only reads is sent when no answer comes. */
const attemptsWithoutAnswer = 5;

/**
 * Waits out throttling (five requests a second per account) and changes of others that are still being
 * made. The pause is shared: when one call is told to wait, so do all of this account's, or they would
 * only keep each other out.
 */
export class Throttling {
	#until = 0;
	#refusals = 0;

	constructor(
		private readonly clock: Clock,
		private readonly random: () => number,
		private readonly onBusy: (line: string) => void,
		/** How often a call is sent in all, where somebody has set a limit. */
		private readonly maxAttempts = Number.POSITIVE_INFINITY,
	) {}

	/**
	 * @param repeatable whether the call may be sent again when nobody knows whether it was done.
	 * @throws what the call throws, and Route53Error once it has been refused for five minutes.
	 */
	async run<T>(repeatable: boolean, signal: AbortSignal, call: () => Promise<T>): Promise<T> {
		const deadline = this.clock.now() + deadlineMs;
		for (let unanswered = 0, attempts = 1; ; attempts += 1) {
			await this.#waitForTurn(signal);
			try {
				const result = await call();
				this.#refusals = 0;
				return result;
			} catch (error) {
				if (!(error instanceof Route53Error)) throw error;
				const isLast = attempts >= this.maxAttempts;
				if (error.kind === "busy") {
					if (isLast) throw givenUp(error, `${attempts} times`);
					if (this.clock.now() > deadline) throw givenUp(error, `for ${formatDuration(deadlineMs)}`);
					this.#postpone(error.word);
				} else if (
					!isLast &&
					error.kind === "unanswered" &&
					repeatable &&
					++unanswered < attemptsWithoutAnswer
				) {
					await this.clock.sleep(pauseBefore(unanswered - 1, this.random), signal);
				} else {
					throw error;
				}
			}
		}
	}

	async #waitForTurn(signal: AbortSignal): Promise<void> {
		while (this.#until > this.clock.now()) {
			await this.clock.sleep(this.#until - this.clock.now() + this.random() * 200, signal);
		}
	}

	#postpone(word: string): void {
		const pause = pauseBefore(this.#refusals, this.random);
		this.#refusals += 1;
		this.#until = Math.max(this.#until, this.clock.now() + pause);
		const why =
			word === "PriorRequestNotComplete" ? "is making another change of this zone" : "throttles this account";
		this.onBusy(`Route 53 ${why}; waiting ${formatDuration(Math.max(pause, 1000))}`);
	}
}

function givenUp(error: Route53Error, howOften: string): Route53Error {
	return new Route53Error(
		`${error.message} It was tried ${howOften}; run it again when less is going on in this AWS account.`,
		error.word,
		{ cause: error, ...(error.requestId && { requestId: error.requestId }) },
	);
}
