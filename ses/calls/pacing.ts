import type { SesClock } from "./clock.js";
import { FairQueue } from "./fair-queue.js";

/** The queue of one operation. */
interface Lane {
	/** Urgent ones that SES has throttled: they had their turn before. */
	readonly again: FairQueue<() => void>;
	readonly urgent: FairQueue<() => void>;
	readonly rest: FairQueue<() => void>;
	/** By the clock. */
	freeAt: number;
	/** When SES was last found to throttle it. */
	slowedAt: number;
	/** By how much it is slowed down; 0 while SES does not throttle it. */
	backoffMs: number;
	/** Ends the wait for that; there is one only while somebody waits. */
	waiting: AbortController | undefined;
}

/** How long a lane is slowed down: the first time that SES throttles it, and at most, in milliseconds. */
const shortestMs = 500;
const longestMs = 8_000;

/**
 * Lets so many requests of each operation through in a second, and the others wait: SES takes about one, and refuses
 * more (API reference, version 1, VerifyDomainDkim: "You can execute this operation no more than once per second").
 * It says nothing of the kind about version 2, whose control plane is the same.
 */
export class Pacing {
	readonly #lanes = new Map<string, Lane>();
	readonly #intervalMs: number;
	/** How much earlier than its place a request may go. */
	readonly #leewayMs: number;

	/**
	 * @param random 0 to 1
	 * @param burst so many may follow one another at once after a pause, until SES is found to throttle them
	 */
	constructor(
		perSecond: number,
		private readonly clock: SesClock,
		private readonly random: () => number,
		burst = 1,
	) {
		// A little slower, as two requests may arrive closer together than they were sent.
		this.#intervalMs = 1_050 / perSecond;
		this.#leewayMs = (burst - 1) * this.#intervalMs;
	}

	/**
	 * Resolves when it is the caller's turn: the urgent ones' before the others'; of each, line by line; of each line, in
	 * the order of their asking.
	 * @throws what the signal is aborted with
	 */
	turn(operation: string, isUrgent: boolean, signal: AbortSignal, line = "", isAgain = false): Promise<void> {
		signal.throwIfAborted();
		const lane = this.#lane(operation);
		const queue = isUrgent ? (isAgain ? lane.again : lane.urgent) : lane.rest;
		return new Promise((resolve, reject) => {
			const leave = () => {
				queue.remove(line, go);
				if (isEmpty(lane)) lane.waiting?.abort();
				reject(signal.reason);
			};
			const go = () => {
				signal.removeEventListener("abort", leave);
				resolve();
			};
			signal.addEventListener("abort", leave, { once: true });
			queue.add(line, go);
			this.#advance(lane);
		});
	}

	/**
	 * SES has throttled a request: whoever else may be asking, all of this process ask less from now on.
	 * @param sentAt of what was sent before that was known, nothing more follows
	 */
	slow(operation: string, sentAt: number): void {
		const lane = this.#lane(operation);
		if (sentAt < lane.slowedAt) return;
		lane.slowedAt = this.clock.now();
		lane.backoffMs = Math.min(longestMs, Math.max(shortestMs, 2 * lane.backoffMs));
		// Half of it is left to chance, so that processes which were throttled together part.
		const pauseMs = lane.backoffMs * (0.5 + this.random() / 2);
		this.#setFreeAt(lane, lane.slowedAt + this.#intervalMs + pauseMs);
	}

	/** SES has not throttled a request: so all go on as before. */
	sped(operation: string, sentAt: number): void {
		const lane = this.#lane(operation);
		if (lane.backoffMs === 0 || sentAt < lane.slowedAt) return;
		lane.backoffMs = 0;
		// No burst right after: others may be asking.
		this.#setFreeAt(lane, this.clock.now() + this.#intervalMs + this.#leewayMs);
	}

	#setFreeAt(lane: Lane, freeAt: number): void {
		lane.freeAt = freeAt;
		lane.waiting?.abort();
	}

	#advance(lane: Lane): void {
		while (lane.waiting === undefined && !isEmpty(lane)) {
			const now = this.clock.now();
			const goesAt = lane.freeAt - (lane.backoffMs > 0 ? 0 : this.#leewayMs);
			if (now < goesAt) {
				void this.#wait(lane, goesAt - now);
				return;
			}
			const go = lane.again.next() ?? lane.urgent.next() ?? lane.rest.next();
			// While SES throttles, one at a time shows whether it still does.
			lane.freeAt = Math.max(now, lane.freeAt) + this.#intervalMs + lane.backoffMs;
			go?.();
		}
	}

	async #wait(lane: Lane, ms: number): Promise<void> {
		const waiting = new AbortController();
		lane.waiting = waiting;
		// Aborted when the last one has left: whoever comes then begins another wait.
		await this.clock.sleep(ms, waiting.signal).catch(() => {});
		lane.waiting = undefined;
		this.#advance(lane);
	}

	#lane(operation: string): Lane {
		const known = this.#lanes.get(operation);
		if (known) return known;
		const made: Lane = {
			again: new FairQueue(),
			urgent: new FairQueue(),
			rest: new FairQueue(),
			freeAt: Number.NEGATIVE_INFINITY,
			slowedAt: Number.NEGATIVE_INFINITY,
			backoffMs: 0,
			waiting: undefined,
		};
		this.#lanes.set(operation, made);
		return made;
	}
}

const isEmpty = ({ again, urgent, rest }: Lane) => again.isEmpty && urgent.isEmpty && rest.isEmpty;
