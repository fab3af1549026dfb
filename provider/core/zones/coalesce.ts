import type { Clock } from "../clock.js";

/** Enough for what one event of the engine sets off, and not to be felt by one who is alone. */
const firstWindowMs = 15;
const windowGrowth = 4;
/** Who comes so soon after the last work is of the same burst. */
const burstGapMs = 1_000;
/**
 * Where nobody has come for so long, or for four times as long as between those who came, the burst is over, or waits
 * for what is gathered here.
 */
const quietMs = 300;
const tickMs = 20;

export interface CoalescerOptions {
	clock: Clock;
	/** How long a burst may be gathered. */
	longestWindowMs: number;
	/** Whether nobody else can come until something ends, so that gathering on would be in vain. */
	complete: () => boolean;
}

/**
 * Gathers what is added within a window, and while the last work is under way, into one piece of work for
 * all. The window is a few milliseconds; where more keeps coming it grows, because the engine needs seconds
 * to set off the resources of a large stack, one after the other.
 *
 * @param work takes what was gathered, settles every item itself and never rejects.
 */
export class Coalescer<Item> {
	#waiting: Item[] = [];
	#busy = false;
	#windowMs = firstWindowMs;
	#endedAt = Number.NEGATIVE_INFINITY;
	#lastAt = Number.NEGATIVE_INFINITY;
	#longestGapMs = 0;

	constructor(
		private readonly options: CoalescerOptions,
		private readonly work: (items: Item[]) => Promise<void>,
	) {}

	add(item: Item): void {
		const now = this.options.clock.now();
		if (this.#waiting.length > 0) this.#longestGapMs = Math.max(this.#longestGapMs, now - this.#lastAt);
		this.#waiting.push(item);
		this.#lastAt = now;
		if (!this.#busy) {
			this.#busy = true;
			void this.#run();
		}
	}

	async #run(): Promise<void> {
		const { clock, longestWindowMs } = this.options;
		while (this.#waiting.length > 0) {
			const burst = clock.now() - this.#endedAt < burstGapMs;
			if (!burst) this.#longestGapMs = 0;
			this.#windowMs = burst ? Math.min(this.#windowMs * windowGrowth, longestWindowMs) : firstWindowMs;
			await this.#gather();
			await this.work(this.#waiting.splice(0));
			this.#endedAt = clock.now();
		}
		this.#busy = false;
	}

	async #gather(): Promise<void> {
		const { clock, complete } = this.options;
		const longest = clock.now() + this.#windowMs;
		const leftMs = () =>
			Math.min(longest, this.#lastAt + Math.max(quietMs, 4 * this.#longestGapMs)) - clock.now();
		await clock.sleep(firstWindowMs, never);
		for (let left = leftMs(); left > 0 && !complete(); left = leftMs()) {
			await clock.sleep(Math.min(tickMs, left), never);
		}
	}
}

const never = new AbortController().signal;

/**
 * Does work for all of these together. Where it is refused, it is done for each half on its own, so that nobody fails
 * for a neighbour.
 *
 * @param failed told of those for whom it failed, alone or for another reason than a refusal.
 */
export async function inHalves<Item>(
	items: readonly Item[],
	work: (items: readonly Item[]) => Promise<void>,
	isRefusal: (error: unknown) => boolean,
	failed: (items: readonly Item[], error: unknown) => Promise<void> | void,
): Promise<void> {
	try {
		await work(items);
	} catch (error) {
		if (items.length < 2 || !isRefusal(error)) return failed(items, error);
		const middle = Math.ceil(items.length / 2);
		await inHalves(items.slice(0, middle), work, isRefusal, failed);
		await inHalves(items.slice(middle), work, isRefusal, failed);
	}
}
