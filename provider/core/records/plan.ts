/**
 * What to change in a zone, so that it holds what it should and nothing of others is lost. Everything that is done in a zone,
 * or said about it, is decided here, from what stands there and from what state says of it.
 */
import { isDeepStrictEqual } from "node:util";
import { competing, contains, hasValue, parseMx } from "../../../dns/index.js";
import type { ConflictPolicy } from "../../arguments/inputs.js";
import type { RecordSetState } from "../../shapes.js";
import { afterIntents, applied, type Intent } from "./intents.js";
import { type Entry, isAt, isOurs, type Ledger } from "./ledger.js";
import { blockers, type ConflictKind, concerning, describeSet, kindOf, plainSet, setsAt } from "./sets.js";

export type ConflictPolicies = Record<ConflictKind, ConflictPolicy>;

/** What stands at a name, for one type, beside what should. */
type Class =
	/** Nothing of it. */
	| "absent"
	/** What is ours, as it was written; or what came for this setup since the snapshot. */
	| "ours"
	/** What is wanted, and stood there before. */
	| "same"
	/** Values of others that ours cannot stand beside. */
	| "foreign"
	/** Sets that exclude ours, such as a CNAME. */
	| "blocked"
	/** What others have put in the place of ours. */
	| "displaced"
	/** Ours has gone, and nothing has come in its place. */
	| "gone"
	/** Ours, with a TTL of others. */
	| "retimed";

type Decision =
	/** Writes what is missing, and takes out what is ours and no longer wanted. */
	| "publish"
	/** The same, in place of what others have put there. */
	| "put back"
	/** The same, and what goes is remembered: a removal puts it back. */
	| "replace"
	/** Leaves what stands as it is. */
	| "leave"
	/** Changes nothing anywhere. */
	| "refuse"
	/** Leaves it for now, so that the next preview shows it. */
	| "show";

type Row = Record<ConflictPolicy, Decision>;
const whatever = (decision: Decision): Row => ({ error: decision, keep: decision, overwrite: decision });

/** By class and policy. `docs/route53.md` has the same table. */
const table: Record<Class, Row | { readonly shown: Row; readonly unseen: Row }> = {
	absent: whatever("publish"),
	ours: whatever("publish"),
	same: whatever("leave"),
	foreign: { error: "refuse", keep: "leave", overwrite: "replace" },
	blocked: { error: "refuse", keep: "leave", overwrite: "replace" },
	displaced: {
		shown: { error: "put back", keep: "leave", overwrite: "put back" },
		unseen: { error: "refuse", keep: "leave", overwrite: "replace" },
	},
	gone: { shown: whatever("put back"), unseen: { error: "refuse", keep: "show", overwrite: "put back" } },
	retimed: {
		shown: { error: "put back", keep: "leave", overwrite: "put back" },
		unseen: { error: "refuse", keep: "leave", overwrite: "put back" },
	},
};

/** A record set that should stand in the zone. */
export interface Want {
	readonly name: string;
	readonly type: string;
	/** Undefined while nobody has asked the Channels API yet. */
	readonly values: readonly string[] | undefined;
}
type Known = Want & { readonly values: readonly string[] };

/** What stands where a record should be published. */
export interface Conflict {
	kind: ConflictKind;
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
	holds(place: Pick<Want, "name" | "type">, value: string): boolean;
}

export interface PlanInput extends Pick<Ledger, "entries" | "seen"> {
	/**
	 * What stood there before we came: a value in it is not ours, a value that came since is. What the ledger lists stays
	 * ours.
	 */
	readonly snapshot: readonly RecordSetState[];
	/** Every set at the desired names and at those of the ledger. */
	readonly current: readonly RecordSetState[];
	readonly desired: readonly Want[];
	/** Seconds, for sets that hold nothing but our values. */
	readonly ttl: number;
	readonly policies: ConflictPolicies;
	readonly claims?: readonly Claim[] | undefined;
	/** False where the zone has refused to take back what was replaced. Default true. */
	readonly canRestore?: boolean;
}

export interface Plan {
	readonly intents: readonly Intent[];
	/** What the ledger has once they are done. */
	readonly next: readonly Entry[];
	/** What the policy `"error"` refuses: then nothing is to be done. */
	readonly refused: readonly Conflict[];
	/** What may be in the way, and is compared once the values are known. */
	readonly undecided: readonly Conflict[];
	/** What has changed of the ledger's since it was published, in words. */
	readonly notes: readonly string[];
	/** What the next preview is to show, of what is gone. */
	readonly toShow: readonly Entry[];
	/** What stays, because another resource of the run has it. */
	readonly yielded: readonly { claim: Claim; entry: Entry }[];
}

/** Plans what brings a zone from what stands to what is desired; what the ledger has beyond that goes. */
export function plan(input: PlanInput): Plan {
	const nothing = { intents: [], next: [], refused: [], undecided: [], notes: [], toShow: [], yielded: [] };
	const result: Draft = nothing;
	const going = input.entries.filter((entry) => !input.desired.some(isAt(entry)));
	for (const entry of going) takeOut(input, entry, result);
	const current = afterIntents(input.current, result.intents);
	for (const want of input.desired) {
		const { name, type, values } = want;
		if (values) bringIn({ ...input, current }, { name, type, values }, result);
		else foresee({ ...input, current }, want, result);
	}
	return result;
}

/** What has changed of a ledger's records since they were published, in words; empty if all is well. */
export function driftOf(
	{ entries }: Pick<Ledger, "entries">,
	current: readonly RecordSetState[],
	{ ttl, onConflict: policies }: { ttl: number; onConflict: ConflictPolicies },
): readonly string[] {
	const published = entries.filter(({ isLeft }) => !isLeft);
	const desired = published.map(({ name, type, wanted }) => ({ name, type, values: wanted }));
	return plan({ entries, snapshot: current, current, desired, ttl, policies }).notes;
}

type Draft = { -readonly [Part in keyof Plan]: Plan[Part] extends readonly (infer Item)[] ? Item[] : never };

/** What there is at one name, for one type. */
interface Place {
	readonly want: Known;
	readonly set: RecordSetState | undefined;
	readonly blocking: readonly RecordSetState[];
	readonly entry: Entry | undefined;
	/** Wanted, and not there. */
	readonly missing: readonly string[];
	/** Of others, and ours cannot stand beside them. What stood beside ours when it was written can. */
	readonly rivals: readonly string[];
	/** What of the wanted values is ours once they stand. */
	readonly ours: readonly string[];
}

function placeOf({ entries, current, snapshot }: PlanInput, want: Known): Place {
	const { name, type, values } = want;
	const set = plainSet(current, name, type);
	const before = plainSet(snapshot, name, type);
	const entry = entries.find(isAt(want));
	const mine = entry && isOurs(entry) ? entry : undefined;
	const isMine = (value: string) => contains(type, mine?.ours ?? [], value);
	const missing = values.filter((value) => !hasValue(set, value));
	const known = [...(mine?.ours ?? []), ...(mine?.beside ?? [])];
	return {
		want,
		set,
		blocking: blockers(current, want),
		entry,
		missing,
		rivals: competing(want, set?.values ?? []).filter((value) => !contains(type, known, value)),
		ours: values.filter(
			(value) => contains(type, missing, value) || isMine(value) || !hasValue(before, value),
		),
	};
}

function classify(input: PlanInput, { want, set, blocking, entry, missing, rivals, ours }: Place): Class {
	if (blocking.length > 0) return "blocked";
	const mine = entry && isOurs(entry) ? entry : undefined;
	const isWhole = missing.length === 0;
	// Another mail exchanger may stand beside ours; a second DMARC policy voids both.
	const isVoided = rivals.length > 0 && want.type !== "MX";
	if (isWhole ? isVoided : !mine && rivals.length > 0) return "foreign";
	if (!mine && !isWhole) return "absent";
	if (!mine && ours.length === 0) return "same";
	const isTimed = !isAlone(set, want.values) || set?.ttl === input.ttl;
	if (!mine || (isWhole && isTimed) || (isIntact(mine, set) && !isVoided)) return "ours";
	if (isWhole) return "retimed";
	return rivals.length > 0 ? "displaced" : "gone";
}

/** Whether nobody has changed what we wrote. What others put beside it is no change of it. */
const isIntact = ({ type, wanted, ours, ttl }: Entry, set: RecordSetState | undefined): boolean =>
	set !== undefined &&
	wanted.every((value) => contains(type, set.values, value)) &&
	(!isAlone(set, ours) || set.ttl === ttl);

const isAlone = (set: RecordSetState | undefined, values: readonly string[]) =>
	set?.values.length === values.length;

function bringIn(input: PlanInput, want: Known, result: Draft): void {
	const place = placeOf(input, want);
	const { set, blocking, entry, missing, rivals } = place;
	const found = classify(input, place);
	const kind = kindOf(want, blocking);
	const row = table[found];
	const byPreview = "shown" in row;
	const isShown = byPreview && wasShown(input, want);
	const decision = (byPreview ? row[isShown ? "shown" : "unseen"] : row)[input.policies[kind]];
	if (entry && isNews(place, found, decision)) result.notes.push(noteOf(input, place));
	switch (decision) {
		case "refuse": {
			const standing = [...blocking, ...(set && (byPreview || rivals.length > 0) ? [set] : [])];
			const { name, type, values: wanted } = want;
			result.refused.push({ kind, name, type, wanted, found: standing, ...(byPreview && { unseen: true }) });
			return;
		}
		case "show":
			if (entry) {
				result.toShow.push(entry);
				result.next.push(entry);
			}
			return;
		case "leave":
			// Where all that is wanted stands, it is only noted whose it is.
			result.next.push(missing.length > 0 ? leftEntry(input, want) : nextEntry(input, place, "leave"));
			return;
		default: {
			const intent = intentFor(input, place, decision);
			if (isWork(intent, set)) result.intents.push(intent);
			result.next.push(nextEntry(input, place, decision, intent));
		}
	}
}

/** What no setup asks for is in the way for certain. A mail exchanger of SES may well be the very value to come. */
function foresee({ current, policies }: PlanInput, want: Want, result: Draft): void {
	const { name, type } = want;
	const set = plainSet(current, name, type);
	const blocking = blockers(current, want);
	const rivals = competing({ name, type, values: [] }, set?.values ?? []);
	if (blocking.length === 0 && (rivals.length === 0 || rivals.some(isInboundSes))) return;
	const kind = kindOf(want, blocking);
	const found = [...blocking, ...(set && rivals.length > 0 ? [set] : [])];
	const isCertain = blocking.length > 0 || type === "MX";
	if (isCertain && policies[kind] !== "error") return;
	result[isCertain ? "refused" : "undecided"].push({ kind, name, type, wanted: undefined, found });
}

const isInboundSes = (value: string) =>
	/^inbound-smtp\.[a-z0-9-]+\.amazonaws\.com$/.test(parseMx(value)?.host ?? "");

/** Whether what stands there is what the last refresh saw, so that the preview has shown that it goes. */
function wasShown({ seen, current }: PlanInput, want: Want): boolean {
	if (seen === undefined || seen === "everything") return seen === "everything";
	const standing = (sets: readonly RecordSetState[]) =>
		concerning(sets, want)
			.map(({ type, ttl, values, rest }) => JSON.stringify([type, ttl, [...values].sort(), rest]))
			.sort();
	return isDeepStrictEqual(standing(seen), standing(current));
}

function intentFor(input: PlanInput, place: Place, decision: Decision): Intent {
	const { want, set, blocking, entry, missing, rivals, ours } = place;
	const { name, type } = want;
	const stale = (entry?.ours ?? []).filter(
		(value) => !contains(type, want.values, value) && !holderOf(input, want, value),
	);
	const isForeign = (value: string) => contains(type, rivals, value) && decision !== "publish";
	const drop = (set?.values ?? []).filter((value) => contains(type, stale, value) || isForeign(value));
	const staying = (set?.values ?? []).filter((value) => !contains(type, [...drop, ...ours], value));
	// A set that others share keeps its TTL.
	const ttl = staying.length > 0 ? set?.ttl : input.ttl;
	const clear = decision === "replace" ? blocking : [];
	return { name, type, add: missing, drop, ttl, clear, restore: [] };
}

const isWork = ({ add, drop, ttl, clear }: Intent, set: RecordSetState | undefined): boolean =>
	add.length > 0 || drop.length > 0 || clear.length > 0 || ttl !== set?.ttl;

function nextEntry(input: PlanInput, place: Place, decision: Decision, intent?: Intent): Entry {
	const { want, set, blocking, entry, rivals, ours } = place;
	const { name, type, values: wanted } = want;
	const standing = intent ? plainSet(applied(input.current, intent), name, type) : set;
	const beside = (standing?.values ?? []).filter((value) => !contains(type, ours, value));
	const taken = [
		...blocking,
		...(set && rivals.length > 0
			? [{ ...set, values: set.values.filter((value) => !contains(type, ours, value)) }]
			: []),
	];
	const mine = entry && isOurs(entry) ? entry : undefined;
	const replacedBefore = mine ? mine.replaced : replacedUnrecorded(input, want);
	const replaced = decision === "replace" && taken.length > 0 ? taken : replacedBefore;
	const isNothing = ours.length === 0 && replaced.length === 0;
	if (isNothing) return { name, type, ours, wanted, beside: set?.values ?? [], replaced: [], isLeft: false };
	// The TTL that we would give it, also where `keep` leaves another one: that goes on being others'.
	const ttl = beside.length > 0 ? standing?.ttl : input.ttl;
	return { name, type, ours, wanted, beside, ttl, replaced, isLeft: false };
}

function leftEntry({ current }: PlanInput, want: Known): Entry {
	const { name, type, values: wanted } = want;
	const beside = concerning(current, want).flatMap(describeSet);
	return { name, type, ours: [], wanted, beside, replaced: [], isLeft: true };
}

/** What an earlier attempt, of which only the snapshot knows, has overwritten. */
function replacedUnrecorded({ snapshot, current, policies }: PlanInput, want: Known): RecordSetState[] {
	const blocking = blockers(snapshot, want);
	if (policies[kindOf(want, blocking)] !== "overwrite") return [];
	const set = plainSet(snapshot, want.name, want.type);
	const standing = plainSet(current, want.name, want.type);
	const isGone = competing(want, set?.values ?? []).some((value) => !hasValue(standing, value));
	return [...blocking, ...(set && isGone ? [set] : [])];
}

/** Whether it has to be told: something is to be done, or it would be but for others. */
function isNews({ entry, rivals, missing }: Place, found: Class, decision: Decision): boolean {
	if (found === "ours" || found === "same" || entry?.isLeft) return false;
	if (found === "retimed") return decision !== "leave";
	const isKnown = (value: string) => contains(entry?.type ?? "", entry?.beside ?? [], value);
	return found !== "foreign" || missing.length > 0 || !rivals.every(isKnown);
}

/** Completes "Changed in example.com since it was published: …". */
function noteOf({ current, ttl }: PlanInput, { want, set, blocking, missing, rivals }: Place): string {
	const place = `${want.type} ${want.name}`;
	if (missing.length > 0) {
		const standing = concerning(current, want).reverse().flatMap(describeSet);
		return `${place}: ${missing.join(", ")} is gone; found ${standing.join(", ") || "nothing"}`;
	}
	if (blocking.length > 0)
		return `${place}: ${blocking.flatMap(describeSet).join(", ")} keeps it from being seen`;
	if (rivals.length > 0) return `${place}: ${rivals.join(", ")} stands beside it`;
	return `${place}: the TTL is ${set?.ttl} s instead of ${ttl} s`;
}

const holderOf = ({ claims = [] }: PlanInput, place: Pick<Want, "name" | "type">, value: string) =>
	claims.find((claim) => claim.holds(place, value));

/** Takes out exactly what is ours, but for what others of the run have, and puts back what it replaced. */
function takeOut(input: PlanInput, entry: Entry, result: Draft): void {
	const { name, type, ours } = entry;
	const claim = ours.map((value) => holderOf(input, entry, value)).find((each) => each !== undefined);
	if (claim) result.yielded.push({ claim, entry });
	const set = plainSet(input.current, name, type);
	if (!set || !isOurs(entry)) return;
	const drop = set.values.filter((value) => contains(type, ours, value) && !holderOf(input, entry, value));
	const staying = set.values.filter((value) => !contains(type, drop, value));
	const canRestore = (input.canRestore ?? true) && !claim && isUntouched(entry, set, input.current);
	const restore = canRestore ? besideOthers(entry.replaced, { ...set, values: staying }) : [];
	if (drop.length === 0 && restore.length === 0) return;
	result.intents.push({ name, type, add: [], drop, clear: [], restore });
}

/** Whether a set is as it was written, and nothing has come that its replaced sets could not stand beside. */
function isUntouched(
	{ name, type, ttl, ours, beside, replaced }: Entry,
	set: RecordSetState,
	current: readonly RecordSetState[],
): boolean {
	return (
		set.ttl === ttl &&
		set.values.length === ours.length + beside.length &&
		set.values.every((value) => contains(type, [...ours, ...beside], value)) &&
		(replaced.every((each) => each.type === type) || setsAt(current, name).length === 1)
	);
}

/** What can be put back beside what others have added since; where the two cannot stand together, it yields. */
function besideOthers(
	replaced: readonly RecordSetState[],
	others: RecordSetState,
): readonly RecordSetState[] {
	const { name, type } = others;
	const same = plainSet(replaced, name, type);
	if (same || others.values.length === 0) return replaced;
	return replaced.some((each) => each.type === "CNAME" || each.type === type) ? [] : replaced;
}
