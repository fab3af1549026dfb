import { canonicalName, isWithin } from "../../../dns/index.js";
import { Coalescer, type CoalescerOptions, inHalves } from "./coalesce.js";
import { isHostError, type Range } from "./host.js";

interface Named {
	name: string;
}

interface Reading<Item> {
	ranges: readonly Range[];
	resolve(items: Item[]): void;
	reject(error: unknown): void;
}

/** Somebody waits for each reading before it goes on. */
const longestWindowMs = 1_000;

/** Reads for many: who asks at the same time, or while it is being read, shares the next reading. */
export class SharedReader<Item extends Named> {
	readonly #queue: Coalescer<Reading<Item>>;

	constructor(
		private readonly readAll: (ranges: readonly Range[]) => Promise<Item[]>,
		options: Omit<CoalescerOptions, "longestWindowMs">,
	) {
		this.#queue = new Coalescer({ ...options, longestWindowMs }, (readings) => this.#readFor(readings));
	}

	/** What stands in these ranges now. @throws what the reading throws */
	read(ranges: readonly Range[]): Promise<Item[]> {
		return new Promise((resolve, reject) => this.#queue.add({ ranges, resolve, reject }));
	}

	async #readFor(readings: Reading<Item>[]): Promise<void> {
		await readTogether(this.readAll, readings, ({ ranges, resolve }, items) =>
			resolve(items.filter((item) => ranges.some((range) => covers(range, item.name)))),
		);
	}
}

/** Whether a name lies in a range. */
export const covers = (range: Range, name: string): boolean =>
	range.below ? isWithin(name, range.name) : canonicalName(name) === canonicalName(range.name);

/**
 * Reads what all of these want with the same calls. Where the host refuses the ranges, they are read in halves, so that
 * nobody fails for a neighbour.
 *
 * @param found told for each wish what stands in the ranges of all who share its reading.
 */
export async function readTogether<
	Item,
	Wish extends { ranges: readonly Range[]; reject(error: unknown): void },
>(
	readAll: (ranges: readonly Range[]) => Promise<Item[]>,
	wishes: readonly Wish[],
	found: (wish: Wish, items: Item[]) => void,
): Promise<void> {
	await inHalves(
		wishes,
		async (together) => {
			const items = await readAll(together.flatMap((wish) => wish.ranges));
			for (const wish of together) found(wish, items);
		},
		(error) => isHostError(error, "refused"),
		(alone, error) => {
			for (const { reject } of alone) reject(error);
		},
	);
}
