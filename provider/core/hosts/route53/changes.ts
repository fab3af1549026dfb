import { canonicalName } from "../../../../dns/index.js";
import type { RecordSetState } from "../../../shapes.js";
import { afterIntents, type Intent } from "../../zones/intents.js";

/** One change of a batch. A set is deleted exactly as it was read, so that a batch is a compare-and-swap. */
export interface Change {
	action: "CREATE" | "DELETE";
	set: RecordSetState;
}

/** Intents as Route 53 takes them: by whole sets. */
export function changesFor(intents: readonly Intent[], current: readonly RecordSetState[]): Change[] {
	// What was read is of all who share the reading, and an intent is about one name.
	const names = new Set(intents.map(({ name }) => canonicalName(name)));
	const before = current.filter((set) => names.has(canonicalName(set.name)));
	const after = afterIntents(before, intents);
	return [
		...before.filter((set) => !after.includes(set)).map((set): Change => ({ action: "DELETE", set })),
		...after.filter((set) => !before.includes(set)).map((set): Change => ({ action: "CREATE", set })),
	];
}

/**
 * Limits of one ChangeResourceRecordSets call (Route 53 Developer Guide, quotas): 1,000 ResourceRecord
 * elements and 32,000 characters in their values.
 */
export const limits = { records: 1000, characters: 32_000 } as const;

/** Packs changes into as few batches as the limits allow. Those of one item stay together, in order. */
export function pack<Item>(items: readonly Item[], changesOf: (item: Item) => readonly Change[]): Item[][] {
	const batches: { items: Item[]; records: number; characters: number }[] = [];
	for (const item of items) {
		const size = sizeOf(changesOf(item));
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
