import { FairQueue } from "./fair-queue.js";

/** The queue of one operation. */
interface Lane {
	readonly urgent: FairQueue<() => void>;
	readonly rest: FairQueue<() => void>;
	/** By `performance.now()`. */
	freeAt: number;
	timer: NodeJS.Timeout | undefined;
}

/**
 * Lets so many requests of each operation through in a second, and the others wait: SES takes about one, and refuses
 * more (API reference, version 1, VerifyDomainDkim: "You can execute this operation no more than once per second").
 * It says nothing of the kind about version 2, whose control plane is the same.
 */
export class Pacing {
	readonly #lanes = new Map<string, Lane>();
	readonly #intervalMs: number;

	constructor(perSecond: number) {
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
		if (lane.timer !== undefined || (lane.urgent.isEmpty && lane.rest.isEmpty)) return;
		const now = performance.now();
		if (now >= lane.freeAt) {
			const go = lane.urgent.next() ?? lane.rest.next();
			lane.freeAt = now + this.#intervalMs;
			go?.();
			this.#advance(lane);
			return;
		}
		lane.timer = setTimeout(() => {
			lane.timer = undefined;
			this.#advance(lane);
		}, lane.freeAt - now);
	}

	#lane(operation: string): Lane {
		const known = this.#lanes.get(operation);
		if (known) return known;
		const made: Lane = { urgent: new FairQueue(), rest: new FairQueue(), freeAt: 0, timer: undefined };
		this.#lanes.set(operation, made);
		return made;
	}
}
