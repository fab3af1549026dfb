import { callAfter } from "./timer.js";

export interface Clock {
	/** Milliseconds since the epoch. */
	now(): number;
	/** Milliseconds since some moment, whatever the time of day is set to: deadlines are counted by it. */
	monotonic(): number;
	/** @throws the signal's reason when it aborts */
	sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
	now: Date.now,
	monotonic: () => performance.now(),
	sleep: (ms, signal) =>
		new Promise((resolve, reject) => {
			signal.throwIfAborted();
			const stop = () => {
				callOff();
				reject(signal.reason);
			};
			const callOff = callAfter(ms, () => {
				signal.removeEventListener("abort", stop);
				resolve();
			});
			signal.addEventListener("abort", stop, { once: true });
		}),
};
