import type { SesClock } from "./clock.js";
import { FairQueue } from "./fair-queue.js";

/** The queue of one operation. */
interface Lane {
	readonly urgent: FairQueue<() => void>;
	readonly rest: FairQueue<() => void>;
	/** By the clock. */
	freeAt: number;
	/** Ends the wait for that; there is one only while somebody waits. */
	waiting: AbortController | undefined;
}

/**
 * Lets so many requests of each operation through in a second, and the others wait: SES takes about one, and refuses
 * more (API reference, version 1, VerifyDomainDkim: "You can execute this operation no more than once per second").
 * It says nothing of the kind about version 2, whose control plane is the same.
 */
export class Pacing {
	readonly #lanes = new Map<string, Lane>();
	readonly #intervalMs: number;

	constructor(
		perSecond: number,
		private readonly clock: SesClock,
	) {
		// A little slower, as two requests may arrive closer together than they were sent.
		this.#intervalMs = 1_050 / perSecond;
	}

	/**
	 * Resolves when it is the caller's turn: the urgent ones' before the others'; of each, line by line; of each line, in
	 * the order of their asking.
	 * @throws what the signal is aborted with
	 */
	turn(operation: string, isUrgent: boolean, signal: AbortSignal, line = ""): Promise<void> {
		signal.throwIfAborted();
		const lane = this.#lane(operation);
		const queue = isUrgent ? lane.urgent : lane.rest;
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

	#advance(lane: Lane): void {
		while (lane.waiting === undefined && !isEmpty(lane)) {
			const now = this.clock.now();
			if (now < lane.freeAt) {
				void this.#wait(lane, lane.freeAt - now);
				return;
			}
			const go = lane.urgent.next() ?? lane.rest.next();
			lane.freeAt = now + this.#intervalMs;
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
		const made: Lane = { urgent: new FairQueue(), rest: new FairQueue(), freeAt: 0, waiting: undefined };
		this.#lanes.set(operation, made);
		return made;
	}
}

const isEmpty = ({ urgent, rest }: Lane) => urgent.isEmpty && rest.isEmpty;
