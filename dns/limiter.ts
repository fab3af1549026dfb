/** Runs at most `limit` of the tasks given to it at the same time, in the order they came. */
export function createLimiter(limit: number): <T>(task: () => Promise<T>) => Promise<T> {
	let running = 0;
	const waiting: (() => void)[] = [];
	return async (task) => {
		if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
		else running += 1;
		try {
			return await task();
		} finally {
			// The place goes to the next in line as it is, so that nobody else can take it.
			const next = waiting.shift();
			if (next === undefined) running -= 1;
			else next();
		}
	};
}
