import { type SesClock, systemClock } from "./clock.js";

export interface DeadlineOptions {
	readonly clock?: SesClock;
	/** Whether somebody waits for it, which is the default: such work comes before the other. */
	readonly isUrgent?: boolean;
	/** For whom it is, a workspace's id: what is as urgent has its turns line by line. */
	readonly line?: string;
	/** Ends the work earlier. */
	readonly signal?: AbortSignal | undefined;
}

/**
 * A time by which work ends. Its signal alone is not enough: a process that was paused runs on with what it was
 * about to do before its timers fire. So whoever does something that cannot be taken back asks {@link check} first.
 * Whoever makes one disposes of it, or its timer keeps the process until it fires.
 */
export class Deadline implements Disposable {
	readonly signal: AbortSignal;
	readonly isUrgent: boolean;
	readonly line: string;
	readonly #clock: SesClock;
	readonly #end: number;
	readonly #disposed = new AbortController();

	/** @param ms from now. */
	constructor(
		ms: number,
		{ clock = systemClock, isUrgent = true, line = "", signal: outer }: DeadlineOptions = {},
	) {
		this.isUrgent = isUrgent;
		this.line = line;
		this.#clock = clock;
		this.#end = clock.now() + ms;
		const over = new AbortController();
		this.signal = outer ? AbortSignal.any([outer, over.signal]) : over.signal;
		clock.sleep(ms, this.#disposed.signal).then(
			() => over.abort(hasPassed()),
			() => {},
		);
	}

	/** @throws DOMException TimeoutError when the time is over, or the outer signal's reason. */
	check(): void {
		this.signal.throwIfAborted();
		if (this.#clock.now() >= this.#end) throw hasPassed();
	}

	[Symbol.dispose](): void {
		this.#disposed.abort();
	}
}

const hasPassed = () => new DOMException("The deadline has passed", "TimeoutError");

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
