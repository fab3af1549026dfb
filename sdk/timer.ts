/** The longest that Node.js waits: beyond it a timer fires at once (its manual, "Timers", `setTimeout`). */
const longestMs = 2 ** 31 - 1;

/** Calls back after so many milliseconds, however many; after Infinity never. @returns what calls it off */
export function callAfter(ms: number, callback: () => void): () => void {
	let timer: NodeJS.Timeout;
	const wait = (leftMs: number) => {
		const next = leftMs > longestMs ? () => wait(leftMs - longestMs) : callback;
		timer = setTimeout(next, Math.min(leftMs, longestMs));
	};
	wait(ms);
	return () => clearTimeout(timer);
}
