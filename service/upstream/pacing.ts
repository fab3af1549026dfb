/** One that waits for its turn. */
interface Waiting {
	readonly go: () => void;
}

/** The queue of one operation. */
interface Lane {
	readonly urgent: Set<Waiting>;
	readonly rest: Set<Waiting>;
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
	 * Resolves when it is the caller's turn: the urgent ones' before the others', each in the order of their asking.
	 * @throws what the signal is aborted with
	 */
	turn(operation: string, isUrgent: boolean, signal: AbortSignal): Promise<void> {
		signal.throwIfAborted();
		const lane = this.#lane(operation);
		const queue = isUrgent ? lane.urgent : lane.rest;
		return new Promise((resolve, reject) => {
			const leave = () => {
				queue.delete(waiting);
				reject(signal.reason);
			};
			const waiting: Waiting = {
				go: () => {
					signal.removeEventListener("abort", leave);
					resolve();
				},
			};
			signal.addEventListener("abort", leave, { once: true });
			queue.add(waiting);
			this.#advance(lane);
		});
	}

	#advance(lane: Lane): void {
		if (lane.timer !== undefined) return;
		const first = lane.urgent.values().next().value ?? lane.rest.values().next().value;
		if (!first) return;
		const now = performance.now();
		if (now >= lane.freeAt) {
			lane.urgent.delete(first);
			lane.rest.delete(first);
			lane.freeAt = now + this.#intervalMs;
			first.go();
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
		const made: Lane = { urgent: new Set(), rest: new Set(), freeAt: 0, timer: undefined };
		this.#lanes.set(operation, made);
		return made;
	}
}
