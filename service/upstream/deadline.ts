/**
 * A time by which work ends. Its signal alone is not enough: a process that was paused runs on with what it was
 * about to do before its timers fire. So whoever does something that cannot be taken back asks {@link check} first.
 */
export class Deadline {
	readonly signal: AbortSignal;
	readonly #end: number;

	/**
	 * @param ms from now.
	 * @param isUrgent whether somebody waits for it: such work comes before the other.
	 * @param line for whom it is, a workspace's id: what is as urgent has its turns line by line.
	 */
	constructor(
		ms: number,
		readonly isUrgent = true,
		readonly line = "",
	) {
		this.signal = AbortSignal.timeout(ms);
		this.#end = performance.now() + ms;
	}

	/** @throws DOMException TimeoutError when the time is over. */
	check(): void {
		this.signal.throwIfAborted();
		if (performance.now() >= this.#end) throw new DOMException("The deadline has passed", "TimeoutError");
	}
}

/** An answer, or the signal's reason where that comes first: some work does not end with its signal. */
export async function orAborted<Answer>(answer: Promise<Answer>, signal: AbortSignal): Promise<Answer> {
	let abort = () => {};
	const aborted = new Promise<never>((_, reject) => {
		abort = () => reject(signal.reason);
		signal.addEventListener("abort", abort, { once: true });
	});
	try {
		return await Promise.race([answer, aborted]);
	} finally {
		signal.removeEventListener("abort", abort);
	}
}
