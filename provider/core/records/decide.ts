/** What is decided about one name and type, from what stands there, what stood there before, and what state says of it. */
import { isDeepStrictEqual } from "node:util";
import { competing, contains, hasValue } from "../../../dns/index.js";
import type { ConflictPolicy, RecordKind } from "../../arguments/inputs.js";
import type { KeptRecordSet, RecordSetState, WrittenRecordSet } from "../../shapes.js";
import type { ConflictPolicies } from "../inputs.js";
import { blockers, type ConflictKind, concerning, plainSet, policyFor } from "../zones/sets.js";
import { isAt, type Ledger } from "./ledger.js";

/** What stands at a name, for one type, beside what should. */
export type Class =
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

export type Decision =
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
export const table: Record<Class, Row | { readonly shown: Row; readonly unseen: Row }> = {
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
	readonly kind: RecordKind;
	/** Undefined while nobody has asked the Channels API yet. */
	readonly values: readonly string[] | undefined;
}
export type KnownWant = Want & { readonly values: readonly string[] };

export interface Situation {
	readonly ledger: Pick<Ledger, "written" | "kept" | "seen">;
	/** What stood there before we came: a value in it is not ours. What came since is, and what the ledger lists stays so. */
	readonly snapshot: readonly RecordSetState[];
	/** Every set at the desired names and at those of the ledger. */
	readonly current: readonly RecordSetState[];
	/** Seconds, for sets that hold nothing but our values. */
	readonly ttl: number;
	readonly policies: ConflictPolicies;
}

/** What there is at one name, for one type. */
export interface Place {
	readonly want: KnownWant;
	readonly set: RecordSetState | undefined;
	readonly blocking: readonly RecordSetState[];
	readonly mine: WrittenRecordSet | undefined;
	/** Wanted, and not there. */
	readonly missing: readonly string[];
	/** Of others, and ours cannot stand beside them. What stood beside ours when it was written can. */
	readonly competingValues: readonly string[];
	/** What of the wanted values is ours once they stand. */
	readonly ours: string[];
}

export interface Decided {
	readonly place: Place;
	readonly found: Class;
	/** Whose policy decides. */
	readonly policy: ConflictKind;
	readonly decision: Decision;
	/** Whether a preview would have to show it first, and none has. */
	readonly isUnseen: boolean;
}

/** What stands where something is wanted, and what is to be done about it. */
export function decide(situation: Situation, want: KnownWant): Decided {
	const place = placeOf(situation, want);
	const found = classify(situation, place);
	const policy = policyFor(want.kind, place.blocking);
	const row = table[found];
	const isUnseen = "shown" in row && !wasShown(situation, want);
	const decided = "shown" in row ? row[isUnseen ? "unseen" : "shown"] : row;
	return { place, found, policy, isUnseen, decision: decided[situation.policies[policy]] };
}

function placeOf({ ledger, current, snapshot }: Situation, want: KnownWant): Place {
	const { name, type, values } = want;
	const set = plainSet(current, name, type);
	const before = plainSet(snapshot, name, type);
	const mine = ledger.written.find(isAt(want));
	const missing = values.filter((value) => !hasValue(set, value));
	const known = mine ? [...mine.values, ...mine.others] : [];
	const competingValues = competing(want, set?.values ?? []).filter((value) => !contains(type, known, value));
	const isOurs = (value: string) =>
		contains(type, [...missing, ...(mine?.values ?? [])], value) || !hasValue(before, value);
	return {
		want,
		set,
		blocking: blockers(current, want),
		mine,
		missing,
		competingValues,
		ours: values.filter(isOurs),
	};
}

function classify(
	{ ttl }: Situation,
	{ want, set, blocking, mine, missing, competingValues, ours }: Place,
): Class {
	if (blocking.length > 0) return "blocked";
	const isWhole = missing.length === 0;
	// Another mail exchanger of the domain may stand beside ours. A second DMARC policy voids both, and SES wants the MX of a
	// MAIL FROM to stand alone (SES Developer Guide, "Using a custom MAIL FROM domain").
	const isVoided = competingValues.length > 0 && want.kind !== "mx";
	if (isWhole ? isVoided : !mine && competingValues.length > 0) return "foreign";
	if (!mine) return isWhole ? (ours.length > 0 ? "ours" : "same") : "absent";
	const isTimed = !isAlone(set, want.values) || set?.ttl === ttl;
	if ((isWhole && isTimed) || (isIntact(mine, set) && !isVoided)) return "ours";
	if (isWhole) return "retimed";
	return competingValues.length > 0 ? "displaced" : "gone";
}

/** Whether nobody has changed what we wrote. What others put beside it is no change of it. */
const isIntact = (mine: WrittenRecordSet, set: RecordSetState | undefined): boolean =>
	set !== undefined &&
	wantedOf(mine).every((value) => hasValue(set, value)) &&
	(!isAlone(set, mine.values) || set.ttl === mine.ttl);

const isAlone = (set: RecordSetState | undefined, values: readonly string[]) =>
	set?.values.length === values.length;

/** Whether what stands there is what the last refresh saw, so that the preview has shown that it goes. */
function wasShown({ ledger: { seen }, current }: Situation, want: KnownWant): boolean {
	if (seen === undefined || seen === "everything") return seen === "everything";
	const existing = (sets: readonly RecordSetState[]) =>
		concerning(sets, want)
			.map(({ type, ttl, values, rest }) => JSON.stringify([type, ttl, [...values].sort(), rest]))
			.sort();
	return isDeepStrictEqual(existing(seen), existing(current));
}

/** What the Channels API asked for when it was last published. */
export const wantedOf = (set: WrittenRecordSet | KeptRecordSet): string[] =>
	set.wanted ?? ("values" in set ? set.values : []);
