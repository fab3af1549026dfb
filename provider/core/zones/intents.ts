import { contains } from "../../../dns/index.js";
import type { RecordSetState } from "../../shapes.js";
import { plainSet } from "./sets.js";

/** What is to be done at a name, for one type. A host renders it as its zones are changed: by sets, or by values. */
export interface Intent {
	readonly name: string;
	readonly type: string;
	/** Values to add. */
	readonly add: readonly string[];
	/** Values to take out, and no others. */
	readonly drop: readonly string[];
	/** Seconds, for what stands then; undefined leaves it. */
	readonly ttl?: number | undefined;
	/** Whole sets that have to go, because nothing of this type can stand beside them. */
	readonly clear: readonly RecordSetState[];
	/** Whole sets to put back. One of the same type takes up what others have added since. */
	readonly restore: readonly RecordSetState[];
}

/** What stands once these are done. */
export const afterIntents = (
	current: readonly RecordSetState[],
	intents: readonly Intent[],
): RecordSetState[] => intents.reduce(applied, [...current]);

/** What stands once an intent is done. Sets that it does not touch are the same objects. */
function applied(current: readonly RecordSetState[], intent: Intent): RecordSetState[] {
	const { name, type, add, drop, ttl, clear, restore } = intent;
	const set = plainSet(current, name, type);
	const staying = (set?.values ?? []).filter((value) => !contains(type, drop, value));
	const back = plainSet(restore, name, type);
	const values = back
		? [...back.values, ...staying.filter((value) => !contains(type, back.values, value))]
		: [...staying, ...add];
	const made = { ...(back ?? set ?? { name, type }), values, ...(ttl !== undefined && { ttl }) };
	return [
		...current.filter((each) => each !== set && !clear.includes(each)),
		...(values.length > 0 ? [made] : []),
		...restore.filter((each) => each !== back),
	];
}
