import type { RecordSetState } from "../../shapes.js";
import { afterIntents, type Intent } from "../records/intents.js";

/** One change of a batch. A set is deleted exactly as it was read, so that a batch is a compare-and-swap. */
export interface Change {
	action: "CREATE" | "DELETE";
	set: RecordSetState;
}

/** Intents as Route 53 takes them: by whole sets. */
export function changesFor(intents: readonly Intent[], current: readonly RecordSetState[]): Change[] {
	const after = afterIntents(current, intents);
	return [
		...current.filter((set) => !after.includes(set)).map((set): Change => ({ action: "DELETE", set })),
		...after.filter((set) => !current.includes(set)).map((set): Change => ({ action: "CREATE", set })),
	];
}
