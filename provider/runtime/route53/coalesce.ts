import type { Clock } from "../clock.js";

/**
 * Gathers calls that arrive within a few milliseconds, and while one is under way, into one call for all.
 *
 * @param work takes what was gathered and settles every item itself.
 */
export class Coalescer<Item> {
	#waiting: Item[] = [];
	#busy = false;

	constructor(
		private readonly clock: Clock,
		private readonly windowMs: number,
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
			await this.clock.sleep(this.windowMs, never);
			const items = this.#waiting.splice(0);
			await this.work(items);
		}
		this.#busy = false;
	}
}

const never = new AbortController().signal;
