import { canonicalName } from "../../../../dns/index.js";
import type { Range } from "../../zones/host.js";
import { covers } from "../../zones/shared-reader.js";

export interface Named {
	name: string;
}

/** One page of a listing in Route 53's order, from a name or a page's end on. */
export type Page<Item extends Named, Cursor extends Named> = (
	start: { name: string } | Cursor,
) => Promise<{ items: Item[]; next?: Cursor }>;

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

/**
 * Route 53's order of names: ASCII order of the labels reversed, each followed by a dot, so that `a-b` comes
 * before `a` and everything below a name stands together right behind it (API reference,
 * ListResourceRecordSets, "Sort order").
 */
export function compareNames(a: string, b: string): number {
	const [x, y] = [sortKey(a), sortKey(b)];
	if (x === y) return 0;
	return x < y ? -1 : 1;
}

const sortKey = (name: string) =>
	canonicalName(name)
		.split(".")
		.filter(Boolean)
		.reverse()
		.map((label) => `${label}.`)
		.join("");
