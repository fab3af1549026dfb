import { Route53Error } from "./api.js";
import { Coalescer, type CoalescerOptions } from "./coalesce.js";
import { inHalves } from "./halving.js";
import { covers, type Named, type Page, type Range, readRanges } from "./reader.js";

interface Reading<Item> {
	ranges: readonly Range[];
	resolve(items: Item[]): void;
	reject(error: unknown): void;
}

/** Somebody waits for each reading before it goes on. */
const longestWindowMs = 1_000;

/** Reads one listing for many: who asks at the same time, or while it is being read, shares the next reading. */
export class SharedReader<Item extends Named, Cursor extends Named> {
	readonly #queue: Coalescer<Reading<Item>>;

	constructor(
		private readonly page: Page<Item, Cursor>,
		options: Omit<CoalescerOptions, "longestWindowMs">,
	) {
		this.#queue = new Coalescer({ ...options, longestWindowMs }, (readings) => this.#readFor(readings));
	}

	/** What stands in these ranges now. @throws what reading a page throws */
	read(ranges: readonly Range[]): Promise<Item[]> {
		return new Promise((resolve, reject) => this.#queue.add({ ranges, resolve, reject }));
	}

	async #readFor(readings: Reading<Item>[]): Promise<void> {
		await readTogether(this.page, readings, ({ ranges, resolve }, items) =>
			resolve(items.filter((item) => ranges.some((range) => covers(range, item.name)))),
		);
	}
}

/** What Route 53 says of a range that no zone can have, such as one below a name of 250 characters. */
const impossible = new Set(["InvalidInput", "InvalidDomainName"]);

/**
 * Reads what all of these want with the same calls. Where Route 53 refuses the ranges, they are read in
 * halves, so that nobody fails for a neighbour.
 *
 * @param found told for each wish what stands in the ranges of all who share its reading.
 */
export async function readTogether<
	Item extends Named,
	Cursor extends Named,
	Wish extends { ranges: readonly Range[]; reject(error: unknown): void },
>(
	page: Page<Item, Cursor>,
	wishes: readonly Wish[],
	found: (wish: Wish, items: Item[]) => void,
): Promise<void> {
	await inHalves(
		wishes,
		async (together) => {
			const ranges = together.flatMap((wish) => wish.ranges);
			const items = await readRanges(page, ranges);
			for (const wish of together) found(wish, items);
		},
		(error) => error instanceof Route53Error && impossible.has(error.code),
		(alone, error) => {
			for (const { reject } of alone) reject(error);
		},
	);
}
