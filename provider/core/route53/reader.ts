import { canonicalName, isWithin } from "../../../dns/index.js";
import { compareNames } from "./order.js";

/** What to read of an ordered listing: one name, or a name and everything below it. */
export interface Range {
	name: string;
	below?: boolean;
}

export interface Named {
	name: string;
}

/** One page of a listing in Route 53's order, from a name or a page's end on. */
export type Page<Item extends Named, Cursor extends Named> = (
	start: { name: string } | Cursor,
) => Promise<{ items: Item[]; next?: Cursor }>;

/** The names of these, each once. */
export const rangesOf = (named: readonly Named[]): Range[] =>
	[...new Set(named.map(({ name }) => name))].map((name) => ({ name }));

/** Whether a name lies in a range. */
export const covers = (range: Range, name: string): boolean =>
	range.below ? isWithin(name, range.name) : canonicalName(name) === canonicalName(range.name);

/**
 * Reads what lies in these ranges, of a listing in Route 53's order, with as few calls as that order allows:
 * it pages through neighbours, and jumps where a page ends before the next range begins.
 */
export async function readRanges<Item extends Named, Cursor extends Named>(
	page: Page<Item, Cursor>,
	ranges: readonly Range[],
): Promise<Item[]> {
	const pending = [...ranges].sort((a, b) => compareNames(a.name, b.name));
	const read: Item[] = [];
	let cursor: { name: string } | Cursor | undefined = pending[0];
	while (cursor) {
		const { items, next }: { items: Item[]; next?: Cursor } = await page(cursor);
		read.push(...items.filter((item) => ranges.some((range) => covers(range, item.name))));
		if (!next) break;
		const open = pending.find(
			(range) => compareNames(next.name, range.name) <= 0 || covers(range, next.name),
		);
		cursor = open && (compareNames(open.name, next.name) > 0 ? { name: open.name } : next);
	}
	return read;
}
