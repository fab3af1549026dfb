/** The time as the sandbox's servers see it: the machine's in {@link systemClock}, a test's own in-process. */
export interface Clock {
	/** Milliseconds since the epoch. */
	now(): number;
	/** Resolves after `ms` milliseconds, or at once when `signal` is aborted. */
	sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
	now: () => Date.now(),
	sleep: (ms, signal) =>
		new Promise((resolve) => {
			if (signal?.aborted) return resolve();
			const done = () => {
				clearTimeout(timer);
				signal?.removeEventListener("abort", done);
				resolve();
			};
			// What waits is a server's answer: its sockets keep the process alive, not its delays.
			const timer = setTimeout(done, ms).unref();
			signal?.addEventListener("abort", done, { once: true });
		}),
};
