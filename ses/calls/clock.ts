import { setTimeout as delay } from "node:timers/promises";

export interface SesClock {
	/** Milliseconds, only ever compared with one another. */
	now(): number;
	/** @throws the signal's reason when it aborts. */
	sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: SesClock = {
	now: () => performance.now(),
	async sleep(ms, signal) {
		signal.throwIfAborted();
		try {
			await delay(ms, undefined, { signal });
		} catch (error) {
			signal.throwIfAborted();
			throw error;
		}
	},
};
