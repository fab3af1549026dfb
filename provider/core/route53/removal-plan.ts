import { contains } from "../../../dns/index.js";
import type { RecordSetState, WrittenRecordSet } from "../../shapes.js";
import { type Change, plainSet, setsAt } from "./sets.js";

/**
 * Plans the removal of exactly what was written. Values that others added or changed stay; what was
 * overwritten is put back if nobody has touched the set since.
 *
 * @param putBack false where putting back is impossible, such as an alias whose target is gone.
 */
export function planRemoval(
	owned: readonly WrittenRecordSet[],
	current: readonly RecordSetState[],
	putBack = true,
): Change[] {
	return owned.flatMap((written) => {
		const { name, type, values, replaced = [] } = written;
		const set = plainSet(current, name, type);
		if (!set) return [];
		const rest = set.values.filter((value) => !contains(type, values, value));
		if (putBack && replaced.length > 0 && isUntouched(written, set, current)) {
			const back = besideOthers(replaced, { ...set, values: rest });
			if (back) return [deletion(set), ...back.map(creation)];
		}
		if (rest.length === set.values.length) return [];
		return [deletion(set), ...(rest.length > 0 ? [creation({ ...set, values: rest })] : [])];
	});
}

const deletion = (set: RecordSetState): Change => ({ action: "DELETE", set });
const creation = (set: RecordSetState): Change => ({ action: "CREATE", set });

/**
 * What was replaced, and beside it what others have added since. Undefined where the two cannot stand together: what was
 * replaced yields then.
 */
function besideOthers(
	replaced: readonly RecordSetState[],
	others: RecordSetState,
): RecordSetState[] | undefined {
	const { name, type } = others;
	const same = plainSet(replaced, name, type);
	const added = others.values.filter((value) => !contains(type, same?.values ?? [], value));
	if (added.length === 0) return [...replaced];
	if (same)
		return replaced.map((each) => (each === same ? { ...same, values: [...same.values, ...added] } : each));
	const excludes = replaced.some((each) => each.type === "CNAME" || each.type === type);
	return excludes ? undefined : [...replaced, { ...others, values: added }];
}

/** Whether a set is as it was written, and nothing has come that its replaced sets could not stand beside. */
function isUntouched(
	{ name, type, ttl, values, others, replaced = [] }: WrittenRecordSet,
	set: RecordSetState,
	current: readonly RecordSetState[],
): boolean {
	return (
		set.ttl === ttl &&
		set.values.length === values.length + others.length &&
		set.values.every((value) => contains(type, values, value) || others.includes(value)) &&
		(replaced.every((each) => each.type === type) || setsAt(current, name).length === 1)
	);
}
