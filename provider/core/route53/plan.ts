/**
 * What to change in a zone to publish record sets, decided from what stands there. Pure: every change
 * deletes or creates a set exactly as it was read, and nothing is overwritten unseen.
 */
import { isDeepStrictEqual } from "node:util";
import { contains, diffValues, hasValue, type RecordSet } from "../../../dns/index.js";
import type { ConflictPolicy } from "../../arguments/inputs.js";
import type { KeptRecordSet, RecordSetState, WrittenRecordSet } from "../../shapes.js";
import { planRemoval } from "./removal-plan.js";
import {
	afterChanges,
	blockers,
	type Change,
	type ConflictKind,
	concerning,
	describeSet,
	isPlain,
	kindOf,
	newRivals,
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
	/** It was ours, and somebody has changed it since, which no preview has shown. */
	unseen?: boolean;
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
	/** What stood at the owned names when a refresh found them changed, and a preview could show it. */
	seen?: readonly RecordSetState[] | undefined;
}

export interface PublishPlan {
	changes: Change[];
	written: WrittenRecordSet[];
	kept: KeptRecordSet[];
	/** What the policy `"error"` refuses. */
	conflicts: Conflict[];
	/** What of ours is gone, which no preview has shown: `"keep"` leaves it so until one has. */
	gone: WrittenRecordSet[];
}

/** Plans one atomic batch that publishes `desired`, and gives up what is owned and no longer desired. */
export function planPublish(input: PublishInput): PublishPlan {
	const abandoned = input.owned.filter(
		({ name, type }) => !input.desired.some((want) => want.name === name && want.type === type),
	);
	const changes = planRemoval(abandoned, input.current);
	const plan: PublishPlan = { changes, written: [], kept: [], conflicts: [], gone: [] };
	const rest = { ...input, current: afterChanges(input.current, changes) };
	for (const want of input.desired) publishSet(rest, want, plan);
	return plan;
}

function publishSet(input: PublishInput, want: RecordSet, plan: PublishPlan): void {
	const { name, type } = want;
	const set = plainSet(input.current, name, type);
	const blocking = blockers(input.current, want);
	const ledger = input.owned.find((owned) => owned.name === name && owned.type === type);
	const { missing } = diffValues(set, want);
	const competing = rivals(set, want);
	const owns = (value: string) => contains(type, ledger?.values ?? [], value);

	const touched = ledger !== undefined && !isAsWritten(ledger, set, blocking);
	const shown = touched && isShown(input, want);
	// What competes in the place of a value of ours is a change of ours, to be put back once a preview has shown it.
	// What competes beside it is somebody's addition: a second mail exchanger may stay, a second DMARC policy may not.
	const changed = (value: string) =>
		ledger !== undefined &&
		missing.length > 0 &&
		!contains(type, ledger.others, value) &&
		(shown || owns(value));
	const foreign = competing.filter(
		(value) => !changed(value) && !(ledger && !touched) && (missing.length > 0 || type !== "MX"),
	);
	const ttlAlone = set !== undefined && missing.length === 0 && isAlone(set, want) && set.ttl !== input.ttl;
	const unseen = touched && !shown && (missing.length > 0 || ttlAlone);
	const found = [...blocking, ...(set && (foreign.length > 0 || unseen) ? [set] : [])];
	const conflict = found.length > 0 || unseen;

	const kind = kindOf(want, blocking);
	const policy = input.policies[kind];
	if (conflict && policy === "error") {
		plan.conflicts.push({ kind, name, type, wanted: want.values, found, ...(unseen && { unseen }) });
		return;
	}
	// What has come in the place of ours is kept for good, shown or not. Where ours has only gone there is nothing to keep,
	// and it comes back once a preview has shown that.
	const inItsPlace = blocking.length > 0 || competing.length > 0;
	if (policy === "keep" && missing.length > 0) {
		if (inItsPlace && (conflict || touched)) {
			const standing = concerning(input.current, want).flatMap(describeSet);
			plan.kept.push({ name, type, wanted: want.values, found: standing, reason: "conflict" });
			return;
		}
		if (ledger && unseen) {
			plan.gone.push(ledger);
			plan.written.push(ledger);
			return;
		}
	}
	const overwriting = conflict && policy === "overwrite";

	const stale = (set?.values ?? []).filter((value) => owns(value) && !hasValue(want, value));
	const dropped = [...stale, ...competing.filter((value) => changed(value) || overwriting)];
	const staying = (set?.values ?? []).filter((value) => !contains(type, dropped, value));
	const stoodBefore = plainSet(input.before, name, type);
	const ours = want.values.filter(
		(value) => contains(type, missing, value) || owns(value) || !hasValue(stoodBefore, value),
	);
	const replacedBefore = (ledger ? ledger.replaced : supplanted(input, want)) ?? [];
	if (ours.length === 0 && dropped.length === 0 && replacedBefore.length === 0) {
		plan.kept.push({ name, type, wanted: want.values, found: set?.values ?? [], reason: "identical" });
		return;
	}

	const values = [...staying, ...missing];
	const others = values.filter((value) => !contains(type, ours, value));
	const keepsTtl = others.length > 0 || (touched && policy === "keep");
	const ttl = keepsTtl ? (set?.ttl ?? input.ttl) : input.ttl;
	const obstacles = overwriting ? blocking : [];
	if (dropped.length > 0 || missing.length > 0 || ttl !== set?.ttl || obstacles.length > 0) {
		for (const gone of [...obstacles, ...(set ? [set] : [])]) {
			plan.changes.push({ action: "DELETE", set: gone });
		}
		plan.changes.push({ action: "CREATE", set: { name, type, ttl, values } });
	}
	const overwritten = found.map((each) => (each === set ? without(each, ours) : each));
	const replaced =
		overwriting && overwritten.some((each) => each.values.length > 0 || !isPlain(each))
			? overwritten
			: replacedBefore;
	plan.written.push({ name, type, ttl, values: ours, others, ...(replaced.length > 0 && { replaced }) });
}

/** Whether nobody has changed what we wrote. What others put beside it is no change of it. */
function isAsWritten(
	ledger: WrittenRecordSet,
	set: RecordSetState | undefined,
	blocking: readonly RecordSetState[],
): boolean {
	if (!set || blocking.length > 0) return false;
	if (ledger.values.some((value) => !contains(set.type, set.values, value))) return false;
	if (set.type !== "MX" && newRivals(set, ledger).length > 0) return false;
	return !isAlone(set, ledger) || set.ttl === ledger.ttl;
}

const isAlone = (set: RecordSetState, { values }: Pick<RecordSet, "values">) =>
	set.values.length === values.length;

/** Whether what stands there is what the last refresh saw, so that the preview has shown that it goes. */
function isShown({ seen, current }: PublishInput, want: RecordSet): boolean {
	if (seen === undefined) return false;
	const standing = (sets: readonly RecordSetState[]) =>
		concerning(sets, want)
			.map(({ type, ttl, values, rest }) => JSON.stringify([type, ttl, [...values].sort(), rest]))
			.sort();
	return isDeepStrictEqual(standing(seen), standing(current));
}

const without = (set: RecordSetState, values: readonly string[]): RecordSetState => ({
	...set,
	values: set.values.filter((value) => !contains(set.type, values, value)),
});

/** What an earlier attempt, of which only the snapshot from before knows, has overwritten. */
function supplanted(input: PublishInput, want: RecordSet): RecordSetState[] {
	const blocking = blockers(input.before, want);
	if (input.policies[kindOf(want, blocking)] !== "overwrite") return [];
	const set = plainSet(input.before, want.name, want.type);
	const current = plainSet(input.current, want.name, want.type);
	const overwritten = rivals(set, want).some((value) => !hasValue(current, value));
	return [...blocking, ...(set && overwritten ? [set] : [])];
}
