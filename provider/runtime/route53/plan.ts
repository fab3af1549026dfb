/**
 * What to change in a zone, decided from what stands there. Pure: every change deletes or creates a set
 * exactly as it was read, so that a batch is a compare-and-swap and nothing is overwritten unseen.
 */
import { canonicalName, diffValues, hasValue, isDmarc, joinTxt, type RecordSet } from "../../../dns/index.js";
import type { ConflictPolicy, KeptRecordSet, RecordSetState, WrittenRecordSet } from "../../shapes.js";

export interface Change {
	action: "CREATE" | "DELETE";
	set: RecordSetState;
}

export type ConflictKind = "dmarc" | "mx" | "other";
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
	desired: RecordSet[];
	/** Every set at the desired and the owned names. */
	current: RecordSetState[];
	/** Seconds, for sets that hold nothing but our values. */
	ttl: number;
	policies: ConflictPolicies;
	/** What state says we wrote. */
	owned: WrittenRecordSet[];
	/**
	 * What stood there before we came: a value in it is not ours, a value that came since is. Where that is
	 * not known, what stands there now.
	 */
	before: RecordSetState[];
}

export interface PublishPlan {
	changes: Change[];
	written: WrittenRecordSet[];
	kept: KeptRecordSet[];
	/** What the policy `"error"` refuses. */
	conflicts: Conflict[];
}

/** Whether a set is plain: neither an alias nor one of several with a routing policy. */
export const isPlain = (set: RecordSetState): boolean => set.rest === undefined;

const at = (sets: RecordSetState[], name: string) => sets.filter((set) => canonicalName(set.name) === name);

const plainSet = (sets: RecordSetState[], name: string, type: string) =>
	at(sets, name).find((set) => set.type === type && isPlain(set));

const contains = (type: string, values: readonly string[], value: string) =>
	hasValue({ name: "", type, values: [...values] }, value);

/** Which policy decides about a record. */
export function conflictKind(name: string, type: string): ConflictKind {
	if (canonicalName(name).startsWith("_dmarc.")) return "dmarc";
	return type === "MX" ? "mx" : "other";
}

/** Sets at the name that exclude one of this type: a CNAME, any set beside a CNAME, a routed or alias set. */
function blockers(sets: RecordSetState[], { name, type }: RecordSet): RecordSetState[] {
	return at(sets, name).filter((set) =>
		set.type === type ? !isPlain(set) : type === "CNAME" || set.type === "CNAME",
	);
}

/**
 * Values of a plain set that compete with ours: another target of the CNAME, another mail exchanger, a
 * second DMARC policy (two count as none, RFC 7489, 6.6.3). Other TXT values do not.
 */
function rivals(set: RecordSetState | undefined, want: RecordSet): string[] {
	const { foreign } = diffValues(set, want);
	if (want.type !== "TXT") return foreign;
	return conflictKind(want.name, "TXT") === "dmarc" ? foreign.filter((value) => isDmarc(joinTxt(value))) : [];
}

/** Plans one atomic batch that publishes `desired`, and gives up what is owned and no longer desired. */
export function planPublish(input: PublishInput): PublishPlan {
	const abandoned = input.owned.filter(
		({ name, type }) => !input.desired.some((want) => want.name === name && want.type === type),
	);
	const plan: PublishPlan = {
		changes: planRemoval(abandoned, input.current),
		written: [],
		kept: [],
		conflicts: [],
	};
	for (const want of input.desired) publishSet(input, want, plan);
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

	const policy = input.policies[conflictKind(name, type)];
	if (found.length > 0 && policy === "error") {
		plan.conflicts.push({ kind: conflictKind(name, type), name, type, wanted: want.values, found });
		return;
	}
	if (found.length > 0 && policy === "keep" && missing.length > 0) {
		plan.kept.push({
			name,
			type,
			wanted: want.values,
			found: found.flatMap(describeSet),
			reason: "conflict",
		});
		return;
	}
	const overwriting = found.length > 0 && policy === "overwrite";

	const stale = (ledger?.values ?? []).filter((value) => !hasValue(want, value));
	const dropped = [...stale, ...competing.filter((value) => changed(value) || overwriting)];
	const staying = (set?.values ?? []).filter((value) => !contains(type, dropped, value));
	const values = [...staying, ...missing];
	const stoodBefore = plainSet(input.before, name, type);
	const ours = want.values.filter(
		(value) =>
			contains(type, missing, value) ||
			contains(type, ledger?.values ?? [], value) ||
			!hasValue(stoodBefore, value),
	);
	if (ours.length === 0 && dropped.length === 0) {
		plan.kept.push({ name, type, wanted: want.values, found: set?.values ?? [], reason: "identical" });
		return;
	}
	const others = values.filter((value) => !contains(type, ours, value));
	const ttl = others.length > 0 ? (set?.ttl ?? input.ttl) : input.ttl;
	const obstacles = overwriting ? blocking : [];
	if (values.length !== set?.values.length || missing.length > 0 || ttl !== set.ttl || obstacles.length > 0) {
		for (const gone of [...obstacles, ...(set ? [set] : [])])
			plan.changes.push({ action: "DELETE", set: gone });
		plan.changes.push({ action: "CREATE", set: { name, type, ttl, values } });
	}
	const replaced = overwriting ? found : (ledger?.replaced ?? supplanted(input, want, policy));
	plan.written.push({ name, type, ttl, values: ours, others, ...(replaced.length > 0 && { replaced }) });
}

/** What an earlier attempt, of which only the snapshot from before knows, has overwritten. */
function supplanted(input: PublishInput, want: RecordSet, policy: ConflictPolicy): RecordSetState[] {
	if (policy !== "overwrite") return [];
	const set = plainSet(input.before, want.name, want.type);
	const current = plainSet(input.current, want.name, want.type);
	const overwritten = rivals(set, want).some((value) => !hasValue(current, value));
	return [
		...blockers(input.before, want).filter(
			(each) => !input.current.some((standing) => sameState(standing, each)),
		),
		...(set && overwritten ? [set] : []),
	];
}

/**
 * Plans the removal of exactly what was written. Values that others added or changed stay; what was
 * overwritten is put back if nobody has touched the set since.
 */
export function planRemoval(owned: WrittenRecordSet[], current: RecordSetState[]): Change[] {
	const changes: Change[] = [];
	for (const { name, type, ttl, values, others, replaced } of owned) {
		const set = plainSet(current, name, type);
		if (!set?.values.some((value) => contains(type, values, value))) continue;
		const rest = set.values.filter((value) => !contains(type, values, value));
		const untouched =
			set.ttl === ttl &&
			set.values.length === values.length + others.length &&
			rest.every((value) => others.includes(value)) &&
			(replaced ?? []).every((each) => each.type === type || at(current, name).length === 1);
		changes.push({ action: "DELETE", set });
		if (replaced && untouched) {
			for (const each of replaced) changes.push({ action: "CREATE", set: each });
		} else if (rest.length > 0) {
			changes.push({ action: "CREATE", set: { ...set, values: rest } });
		}
	}
	return changes;
}

/** A difference between what was written and what stands there now, in words. */
export function drift(owned: WrittenRecordSet[], current: RecordSetState[]): string[] {
	return owned.flatMap(({ name, type, ttl, values, others }) => {
		const set = plainSet(current, name, type);
		const { missing } = diffValues(set, { type, values });
		const standing = [...(set ? [set] : []), ...blockers(current, { name, type, values })].flatMap(
			describeSet,
		);
		if (missing.length > 0) {
			return [`${type} ${name}: ${missing.join(", ")} is gone; found ${standing.join(", ") || "nothing"}`];
		}
		if (others.length === 0 && set && set.values.length === values.length && set.ttl !== ttl) {
			return [`${type} ${name}: the TTL is ${set.ttl} s instead of ${ttl} s`];
		}
		return [];
	});
}

/** A set's values as a person reads them, one per item; a routed or alias set says what it is. */
export function describeSet(set: RecordSetState): string[] {
	if (isPlain(set)) return set.values.map((value) => `${set.type} ${value}`);
	const { SetIdentifier, AliasTarget } = set.rest as {
		SetIdentifier?: string;
		AliasTarget?: { DNSName?: string };
	};
	const target = AliasTarget?.DNSName
		? ` alias of ${canonicalName(AliasTarget.DNSName)}`
		: ` ${set.values.join(", ")}`;
	return [`${set.type}${target}${SetIdentifier ? ` (routing policy, set "${SetIdentifier}")` : ""}`];
}

const sameState = (a: RecordSetState, b: RecordSetState) =>
	canonicalName(a.name) === canonicalName(b.name) &&
	a.type === b.type &&
	JSON.stringify(a.rest) === JSON.stringify(b.rest);
