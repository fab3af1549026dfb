import type { Change } from "./changes.js";

/**
 * Limits of one ChangeResourceRecordSets call (Route 53 Developer Guide, quotas): 1,000 ResourceRecord
 * elements and 32,000 characters in their values.
 */
export const limits = { records: 1000, characters: 32_000 } as const;

/** Packs changes into as few batches as the limits allow. Those of one item stay together, in order. */
export function pack<Item extends { changes: Change[] }>(items: readonly Item[]): Item[][] {
	const batches: { items: Item[]; records: number; characters: number }[] = [];
	for (const item of items) {
		const size = sizeOf(item.changes);
		const last = batches.at(-1);
		if (
			last &&
			last.records + size.records <= limits.records &&
			last.characters + size.characters <= limits.characters
		) {
			last.items.push(item);
			last.records += size.records;
			last.characters += size.characters;
		} else {
			batches.push({ items: [item], ...size });
		}
	}
	return batches.map((batch) => batch.items);
}

function sizeOf(changes: readonly Change[]): { records: number; characters: number } {
	const values = changes.flatMap(({ set }) => (set.values.length > 0 ? set.values : [""]));
	return { records: values.length, characters: values.reduce((sum, value) => sum + value.length, 0) };
}
