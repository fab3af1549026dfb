import type { Clock } from "./clock.js";

/** Gives turns one after the other, so that many ask no faster than one. */
export class RateLimiter {
	#nextAt = Number.NEGATIVE_INFINITY;

	/**
	 * Resolves when it is one's turn.
	 * @param ms how long the next one waits after it
	 * @throws the signal's reason when it aborts
	 */
	async turn(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
		const now = clock.now();
		const at = Math.max(now, this.#nextAt);
		this.#nextAt = at + ms;
		if (at > now) await clock.sleep(at - now, signal);
	}
}
