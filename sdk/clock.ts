export interface Clock {
	/** Milliseconds since the epoch. */
	now(): number;
	/** @throws the signal's reason when it aborts */
	sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
	now: Date.now,
	sleep: (ms, signal) =>
		new Promise((resolve, reject) => {
			signal.throwIfAborted();
			const stop = () => {
				clearTimeout(timer);
				reject(signal.reason);
			};
			const timer = setTimeout(() => {
				signal.removeEventListener("abort", stop);
				resolve();
			}, ms);
			signal.addEventListener("abort", stop, { once: true });
		}),
};
