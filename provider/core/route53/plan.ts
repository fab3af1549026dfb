/**
 * What to change in a zone to publish record sets, decided from what stands there. Pure: every change
 * deletes or creates a set exactly as it was read, and nothing is overwritten unseen.
 */
import { contains, diffValues, hasValue, type RecordSet } from "../../../dns/index.js";
import type { ConflictPolicy } from "../../arguments/inputs.js";
import type { KeptRecordSet, RecordSetState, WrittenRecordSet } from "../../shapes.js";
import { planRemoval } from "./removal-plan.js";
import {
	afterChanges,
	blockers,
	type Change,
	type ConflictKind,
	conflictKind,
	describeSet,
	plainSet,
	rivals,
} from "./sets.js";

export type ConflictPolicies = Record<ConflictKind, ConflictPolicy>;

/** What stands where a record should be published. */
export interface Conflict {
	kind: ConflictKind;
	name: string;
	/** Type of the record that should be published. */
	type: string;
	/** What the Channels API asks for; undefined while it is not known yet. */
	wanted: string[] | undefined;
	found: RecordSetState[];
}

export interface PublishInput {
	desired: readonly RecordSet[];
	/** Every set at the desired and the owned names. */
	current: readonly RecordSetState[];
	/** Seconds, for sets that hold nothing but our values. */
	ttl: number;
	policies: ConflictPolicies;
	/** What state says we wrote. */
	owned: readonly WrittenRecordSet[];
	/**
	 * What stood there before we came: a value in it is not ours, a value that came since is. Where that is
	 * not known, what stands there now.
	 */
	before: readonly RecordSetState[];
}

export interface PublishPlan {
	changes: Change[];
	written: WrittenRecordSet[];
	kept: KeptRecordSet[];
	/** What the policy `"error"` refuses. */
	conflicts: Conflict[];
}

/** Plans one atomic batch that publishes `desired`, and gives up what is owned and no longer desired. */
export function planPublish(input: PublishInput): PublishPlan {
	const abandoned = input.owned.filter(
		({ name, type }) => !input.desired.some((want) => want.name === name && want.type === type),
	);
	const changes = planRemoval(abandoned, input.current);
	const plan: PublishPlan = { changes, written: [], kept: [], conflicts: [] };
	const rest = { ...input, current: afterChanges(input.current, changes) };
	for (const want of input.desired) publishSet(rest, want, plan);
	return plan;
}

function publishSet(input: PublishInput, want: RecordSet, plan: PublishPlan): void {
	const { name, type } = want;
	const set = plainSet(input.current, name, type);
	const ledger = input.owned.find((owned) => owned.name === name && owned.type === type);
	const { missing } = diffValues(set, want);
	const competing = rivals(set, want);

	// What competes in the place of a value of ours is a change of ours, to be put back. What competes beside
	// it is somebody's addition: a second mail exchanger may stay, a second DMARC policy may not.
	const changed = (value: string) =>
		ledger !== undefined && missing.length > 0 && !contains(type, ledger.others, value);
	const foreign = competing.filter((value) => !changed(value) && (missing.length > 0 || type !== "MX"));
	const blocking = blockers(input.current, want);
	const found = [...blocking, ...(set && foreign.length > 0 ? [set] : [])];

	const kind = conflictKind(name, type);
	const policy = input.policies[kind];
	if (found.length > 0 && policy === "error") {
		plan.conflicts.push({ kind, name, type, wanted: want.values, found });
		return;
	}
	if (found.length > 0 && policy === "keep" && missing.length > 0) {
		const standing = found.flatMap(describeSet);
		plan.kept.push({ name, type, wanted: want.values, found: standing, reason: "conflict" });
		return;
	}
	const overwriting = found.length > 0 && policy === "overwrite";

	const owns = (value: string) => contains(type, ledger?.values ?? [], value);
	const stale = (set?.values ?? []).filter((value) => owns(value) && !hasValue(want, value));
	const dropped = [...stale, ...competing.filter((value) => changed(value) || overwriting)];
	const staying = (set?.values ?? []).filter((value) => !contains(type, dropped, value));
	const stoodBefore = plainSet(input.before, name, type);
	const ours = want.values.filter(
		(value) => contains(type, missing, value) || owns(value) || !hasValue(stoodBefore, value),
	);
	if (ours.length === 0 && dropped.length === 0) {
		plan.kept.push({ name, type, wanted: want.values, found: set?.values ?? [], reason: "identical" });
		return;
	}

	const values = [...staying, ...missing];
	const others = values.filter((value) => !contains(type, ours, value));
	const ttl = others.length > 0 ? (set?.ttl ?? input.ttl) : input.ttl;
	const obstacles = overwriting ? blocking : [];
	if (dropped.length > 0 || missing.length > 0 || ttl !== set?.ttl || obstacles.length > 0) {
		for (const gone of [...obstacles, ...(set ? [set] : [])]) {
			plan.changes.push({ action: "DELETE", set: gone });
		}
		plan.changes.push({ action: "CREATE", set: { name, type, ttl, values } });
	}
	const replaced = overwriting
		? found.map((each) => (each === set ? without(each, ours) : each))
		: ((ledger ? ledger.replaced : supplanted(input, want)) ?? []);
	plan.written.push({ name, type, ttl, values: ours, others, ...(replaced.length > 0 && { replaced }) });
}

const without = (set: RecordSetState, values: readonly string[]): RecordSetState => ({
	...set,
	values: set.values.filter((value) => !contains(set.type, values, value)),
});

/** What an earlier attempt, of which only the snapshot from before knows, has overwritten. */
function supplanted(input: PublishInput, want: RecordSet): RecordSetState[] {
	if (input.policies[conflictKind(want.name, want.type)] !== "overwrite") return [];
	const set = plainSet(input.before, want.name, want.type);
	const current = plainSet(input.current, want.name, want.type);
	const overwritten = rivals(set, want).some((value) => !hasValue(current, value));
	return [...blockers(input.before, want), ...(set && overwritten ? [set] : [])];
}
