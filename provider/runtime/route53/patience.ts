import type { Clock } from "../clock.js";
import { DeadlineError, formatDuration } from "../deadline.js";
import { Route53Error } from "./api.js";

/** What Route 53 answers when the same call, sent later, can succeed; nothing was done. */
const busy = new Set([
	"Throttling",
	"ThrottlingException",
	"PriorRequestNotComplete",
	"RequestLimitExceeded",
]);

const firstPauseMs = 500;
const longestPauseMs = 20_000;
const deadlineMs = 5 * 60_000;

/**
 * Waits out throttling (five requests a second per account) and changes of others that are still being
 * made. The pause is shared: when one call is told to wait, so do all of this account's, or they would
 * only keep each other out.
 */
export class Patience {
	#until = 0;
	#pause = firstPauseMs;

	constructor(
		private readonly clock: Clock,
		private readonly random: () => number,
		private readonly stop: AbortSignal,
		private readonly onBusy: (line: string) => void,
	) {}

	/** @throws what the call throws, or Route53Error once it has been busy for five minutes. */
	async run<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
		const either = AbortSignal.any([signal, this.stop]);
		const deadline = this.clock.now() + deadlineMs;
		for (;;) {
			while (this.#until > this.clock.now()) {
				await this.clock.sleep(this.#until - this.clock.now() + this.random() * 200, either);
			}
			try {
				const result = await call();
				this.#pause = firstPauseMs;
				return result;
			} catch (error) {
				if (!(error instanceof Route53Error) || !busy.has(error.code)) throw error;
				if (this.clock.now() > deadline) {
					throw new Route53Error(
						`${error.message} ${new DeadlineError("Route 53 to have time", deadlineMs).message}`,
						error.code,
						{ cause: error },
					);
				}
				const pause = this.#pause * (0.5 + 0.5 * this.random());
				this.#until = Math.max(this.#until, this.clock.now() + pause);
				this.#pause = Math.min(this.#pause * 2, longestPauseMs);
				const why =
					error.code === "PriorRequestNotComplete"
						? "is making another change of this zone"
						: "throttles this account";
				this.onBusy(`Route 53 ${why}; waiting ${formatDuration(Math.max(pause, 1000))}`);
			}
		}
	}
}
