import type { Clock } from "../clock.js";
import { Coalescer } from "./coalesce.js";
import { covers, type Named, type Page, type Range, readRanges } from "./reader.js";

interface Reading<Item> {
	ranges: readonly Range[];
	resolve(items: Item[]): void;
	reject(error: unknown): void;
}

/** Reads one listing for many: who asks at the same time, or while it is being read, shares the next reading. */
export class SharedReader<Item extends Named, Cursor extends Named> {
	readonly #queue: Coalescer<Reading<Item>>;

	constructor(
		private readonly page: Page<Item, Cursor>,
		clock: Clock,
	) {
		this.#queue = new Coalescer(clock, (readings) => this.#readFor(readings));
	}

	/** What stands in these ranges now. @throws what reading a page throws */
	read(ranges: readonly Range[]): Promise<Item[]> {
		return new Promise((resolve, reject) => this.#queue.add({ ranges, resolve, reject }));
	}

	async #readFor(readings: Reading<Item>[]): Promise<void> {
		try {
			const items = await readRanges(
				this.page,
				readings.flatMap(({ ranges }) => ranges),
			);
			for (const { ranges, resolve } of readings) {
				resolve(items.filter((item) => ranges.some((range) => covers(range, item.name))));
			}
		} catch (error) {
			for (const { reject } of readings) reject(error);
		}
	}
}
