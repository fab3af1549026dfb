/**
 * What to change in a zone, so that it holds what it should and nothing of others is lost. Everything that is done in a zone,
 * or said about it, is decided here, from what stands there and from what state says of it.
 */
import { competing, contains, hasValue, parseMx } from "../../../dns/index.js";
import type { RecordKind } from "../../arguments/inputs.js";
import { kindInState, stateOfKind } from "../../arguments/record-kinds.js";
import type { KeptRecordSet, RecordSetState, WrittenRecordSet } from "../../shapes.js";
import type { ConflictPolicies } from "../inputs.js";
import { afterIntents, type Intent } from "../zones/intents.js";
import {
	blockers,
	type ConflictKind,
	concerning,
	describeSet,
	plainSet,
	policyFor,
	setsAt,
} from "../zones/sets.js";
import {
	type Decided,
	type Decision,
	decide,
	type KnownWant,
	type Place,
	type Situation,
	type Want,
	wantedOf,
} from "./decide.js";
import { isAt, type Ledger } from "./ledger.js";

/** What stands where a record should be published. */
export interface Conflict {
	/** What the record is for. */
	kind: RecordKind;
	/** Whose policy decides. */
	policy: ConflictKind;
	name: string;
	/** Type of the record that should be published. */
	type: string;
	/** What the Channels API asks for; undefined while it is not known yet. */
	wanted: readonly string[] | undefined;
	found: RecordSetState[];
	/** It was ours, and somebody has changed it since, which no preview has shown. */
	unseen?: boolean;
}

/** What another resource of this run publishes or holds in the zone. */
export interface Claim {
	readonly urn: string;
	/** Of the same setup, so that it removes later what it has. */
	readonly isOfSetup: boolean;
	holds(place: Omit<Want, "values">, value: string): boolean;
}

export interface PlanInput extends Situation {
	readonly desired: readonly Want[];
	readonly claims?: readonly Claim[] | undefined;
	/** False where the zone has refused to take back what was replaced. Default true. */
	readonly canRestore?: boolean;
}

export interface Plan {
	readonly intents: Intent[];
	/** The ledger once they are done. */
	readonly written: WrittenRecordSet[];
	readonly kept: KeptRecordSet[];
	/** What the policy `"error"` refuses: then nothing is to be done. */
	readonly refused: Conflict[];
	/** What may be in the way, and is compared once the values are known. */
	readonly undecided: Conflict[];
	/** What others have changed of the ledger's, in words that complete "Changed since it was published: …". */
	readonly notes: string[];
	/** Those of them that the next preview is to show. */
	readonly toShow: string[];
	/** What stays, because another resource of the run has it. */
	readonly yielded: { claim: Claim; set: WrittenRecordSet }[];
}

/** Plans what brings a zone from what stands to what is desired; what the ledger has beyond that goes. */
export function plan(input: PlanInput): Plan {
	const result: Plan = {
		...{ intents: [], written: [], kept: [], refused: [], undecided: [], notes: [], toShow: [], yielded: [] },
	};
	for (const set of input.ledger.written) if (!input.desired.some(isAt(set))) takeOut(input, set, result);
	const current = afterIntents(input.current, result.intents);
	for (const { values, ...want } of input.desired) {
		if (values) bringIn({ ...input, current }, { ...want, values }, result);
		else foresee({ ...input, current }, want, result);
	}
	return result;
}

/** What has changed of a ledger's records since they were published, in words; empty if all is well. */
export function driftOf(
	ledger: Ledger,
	current: readonly RecordSetState[],
	{ ttl, onConflict: policies }: { ttl: number; onConflict: ConflictPolicies },
): string[] {
	const identical = ledger.kept.filter(({ reason }) => reason === "identical");
	const desired = [...ledger.written, ...identical].map((set) => ({
		...{ ...set, kind: kindInState(set) },
		values: wantedOf(set),
	}));
	return plan({ ledger: { ...ledger, seen: undefined }, snapshot: current, current, desired, ttl, policies })
		.notes;
}

function bringIn(input: PlanInput, want: KnownWant, result: Plan): void {
	const decided = decide(input, want);
	const { place, policy, decision, isUnseen } = decided;
	const { set, blocking, mine, missing, competingValues } = place;
	const { name, type, kind, values: wanted } = want;
	const note = noteOf(input, decided);
	result.notes.push(...note);
	if (decision === "refuse") {
		const found = [...blocking, ...(set && (isUnseen || competingValues.length > 0) ? [set] : [])];
		result.refused.push({ kind, policy, name, type, wanted, found, ...(isUnseen && { unseen: true }) });
	} else if (decision === "show" && mine) {
		result.toShow.push(...note);
		result.written.push(mine);
	} else if (decision === "leave" && missing.length > 0) {
		const found = concerning(input.current, want).flatMap(describeSet);
		result.kept.push({ ...placeInState(want), wanted: [...wanted], found, reason: "conflict" });
	} else write(input, place, decision, result);
}

/** What no setup asks for is in the way for certain. A mail exchanger of SES may well be the very value to come. */
function foresee({ current, policies }: PlanInput, want: Omit<Want, "values">, result: Plan): void {
	const { name, type, kind } = want;
	const set = plainSet(current, name, type);
	const blocking = blockers(current, { name, type });
	const competingValues = competing({ name, type, values: [] }, set?.values ?? []);
	if (blocking.length === 0 && (competingValues.length === 0 || competingValues.some(isInboundSes))) return;
	const policy = policyFor(kind, blocking);
	const found = [...blocking, ...(set && competingValues.length > 0 ? [set] : [])];
	const isCertain = blocking.length > 0 || type === "MX";
	if (isCertain && policies[policy] !== "error") return;
	result[isCertain ? "refused" : "undecided"].push({ kind, policy, name, type, wanted: undefined, found });
}

const isInboundSes = (value: string) =>
	/^inbound-smtp\.[a-z0-9-]+\.amazonaws\.com$/.test(parseMx(value)?.host ?? "");

/** Writes what is wanted, as far as it does not stand yet, and notes whose it is. */
function write(input: PlanInput, place: Place, decision: Decision, result: Plan): void {
	const { want, set, blocking, mine, missing, competingValues, ours } = place;
	const { name, type, values: wanted } = want;
	const isStale = (value: string) =>
		contains(type, mine?.values ?? [], value) &&
		!contains(type, wanted, value) &&
		!holderOf(input, want, value);
	const isTaken = (value: string) =>
		(decision === "put back" || decision === "replace") && contains(type, competingValues, value);
	const drop = (set?.values ?? []).filter((value) => isStale(value) || isTaken(value));
	const clear = decision === "replace" ? blocking : [];
	const others = (set?.values ?? []).filter((value) => !contains(type, [...drop, ...ours], value));
	// A set that others share keeps its TTL. One that `keep` leaves is not noted, so that it goes on being theirs.
	const ttl = others.length > 0 ? (set?.ttl ?? input.ttl) : input.ttl;
	const isLeft = decision === "leave" || ttl === set?.ttl;
	if (drop.length > 0 || missing.length > 0 || clear.length > 0 || !isLeft)
		result.intents.push({ name, type, add: missing, drop, clear, restore: [], ...(!isLeft && { ttl }) });
	const rest = set && { ...set, values: set.values.filter((value) => !contains(type, ours, value)) };
	const taken =
		decision === "replace" ? [...blocking, ...(rest && competingValues.length > 0 ? [rest] : [])] : [];
	const replaced =
		taken.length > 0 ? taken : ((mine ? mine.replaced : replacedUnrecorded(input, want)) ?? []);
	if (ours.length === 0 && drop.length === 0 && replaced.length === 0) {
		const found = set?.values ?? [];
		result.kept.push({ ...placeInState(want), wanted: [...wanted], found, reason: "identical" });
		return;
	}
	result.written.push({
		...{ ...placeInState(want), ttl, values: ours, others },
		...(ours.length < wanted.length && { wanted: [...wanted] }),
		...(replaced.length > 0 && { replaced: [...replaced] }),
	});
}

/** What an earlier attempt, of which only the snapshot knows, has overwritten. */
function replacedUnrecorded({ snapshot, current, policies }: PlanInput, want: KnownWant): RecordSetState[] {
	const blocking = blockers(snapshot, want);
	if (policies[policyFor(want.kind, blocking)] !== "overwrite") return [];
	const set = plainSet(snapshot, want.name, want.type);
	const existing = plainSet(current, want.name, want.type);
	const isGone = competing(want, set?.values ?? []).some((value) => !hasValue(existing, value));
	return [...blocking, ...(set && isGone ? [set] : [])];
}

/** What others have changed of what the ledger lists, unless it stays so. */
function noteOf({ ledger, current, ttl }: PlanInput, { place, found, decision }: Decided): string[] {
	const { want, set, blocking, mine, missing, competingValues } = place;
	const entry = mine ?? ledger.kept.find(isAt(want));
	if (!entry || found === "ours" || found === "same") return [];
	const at = `${want.type} ${want.name}`;
	if (missing.length > 0) {
		if ("reason" in entry && entry.reason === "conflict") return [];
		const existing = concerning(current, want).reverse().flatMap(describeSet).join(", ");
		return [`${at}: ${missing.join(", ")} is gone; found ${existing || "nothing"}`];
	}
	if (found === "blocked")
		return [`${at}: ${blocking.flatMap(describeSet).join(", ")} keeps it from being seen`];
	if (found === "retimed")
		return decision === "leave" ? [] : [`${at}: the TTL is ${set?.ttl} s instead of ${ttl} s`];
	const known = "reason" in entry ? entry.found : entry.others;
	const voiding = competingValues.filter((value) => !contains(want.type, known, value));
	return voiding.length > 0 ? [`${at}: ${voiding.join(", ")} stands beside it`] : [];
}

const holderOf = ({ claims = [] }: PlanInput, place: Omit<Want, "values">, value: string) =>
	claims.find((claim) => claim.holds(place, value));

const placeInState = ({ name, type, kind }: Want) => ({ name, type, ...stateOfKind({ type, kind }) });

/** Takes out exactly what is ours, but for what others of the run have, and puts back what it replaced. */
function takeOut(input: PlanInput, written: WrittenRecordSet, result: Plan): void {
	const { name, type, values } = written;
	const place = { name, type, kind: kindInState(written) };
	const claim = values.map((value) => holderOf(input, place, value)).find((each) => each !== undefined);
	if (claim) result.yielded.push({ claim, set: written });
	const set = plainSet(input.current, name, type);
	if (!set) return;
	const drop = set.values.filter((value) => contains(type, values, value) && !holderOf(input, place, value));
	const staying = set.values.filter((value) => !contains(type, drop, value));
	const canRestore = (input.canRestore ?? true) && !claim && isUntouched(written, set, input.current);
	const restore = canRestore ? besideOthers(written.replaced ?? [], { ...set, values: staying }) : [];
	if (drop.length > 0 || restore.length > 0)
		result.intents.push({ name, type, add: [], drop, clear: [], restore });
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
		set.values.every((value) => contains(type, [...values, ...others], value)) &&
		(replaced.every((each) => each.type === type) || setsAt(current, name).length === 1)
	);
}

/** What can be put back beside what others have added since; where the two cannot stand together, it yields. */
function besideOthers(
	replaced: readonly RecordSetState[],
	others: RecordSetState,
): readonly RecordSetState[] {
	const isMerged = plainSet(replaced, others.name, others.type) !== undefined;
	if (isMerged || others.values.length === 0) return replaced;
	return replaced.some((each) => each.type === "CNAME" || each.type === others.type) ? [] : replaced;
}
