import type { Clock } from "../clock.js";

/** Long enough for calls that one event of the engine sets off, short enough not to be felt. */
const windowMs = 15;

/**
 * Gathers what is added within a few milliseconds, and while the last work is under way, into one piece of
 * work for all.
 *
 * @param work takes what was gathered, settles every item itself and never rejects.
 */
export class Coalescer<Item> {
	#waiting: Item[] = [];
	#busy = false;

	constructor(
		private readonly clock: Clock,
		private readonly work: (items: Item[]) => Promise<void>,
	) {}

	add(item: Item): void {
		this.#waiting.push(item);
		if (!this.#busy) {
			this.#busy = true;
			void this.#run();
		}
	}

	async #run(): Promise<void> {
		while (this.#waiting.length > 0) {
			await this.clock.sleep(windowMs, never);
			await this.work(this.#waiting.splice(0));
		}
		this.#busy = false;
	}
}

const never = new AbortController().signal;
