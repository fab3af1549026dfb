/** What an examination amounts to. Pure. */
import type { Examination, ExaminedRecord } from "./examine.js";

/**
 * `verified`: the API accepts it, and no server says otherwise. `unaccepted`: the servers have it, the API does
 * not accept it yet. `missing`, `different`, `partial`: as the servers say, whatever the API found earlier; where
 * nobody serves the domain, everything is missing. `unanswered`: not verified, and the servers said too little.
 */
export type RecordState = "verified" | "unaccepted" | "missing" | "different" | "partial" | "unanswered";

/**
 * `verified`: every record is. `pending`: all stand everywhere, and the API has yet to accept some, or the domain, or to ask for any. `failing`:
 * something must be done. `unknown`: the servers did not say enough.
 */
export type SetupState = "verified" | "pending" | "failing" | "unknown";

export function recordState(
	{ verified, check }: ExaminedRecord,
	{ live }: Pick<Examination, "live">,
): RecordState {
	switch (check.state) {
		case "found":
			return verified ? "verified" : "unaccepted";
		case "failed":
			// The API keeps its last word where it gets no answer.
			if (live.state === "none" || live.state === "broken") return "missing";
			return verified ? "verified" : "unanswered";
		default:
			return check.state;
	}
}

export function setupState(examination: Examination): SetupState {
	const states = new Set(examination.records.map((record) => recordState(record, examination)));
	// Nothing that is checked is not verified.
	if (states.size === 0) return "pending";
	if (states.has("missing") || states.has("different") || states.has("partial")) return "failing";
	if (states.has("unanswered")) return "unknown";
	return states.has("unaccepted") || withheldBy(examination) !== undefined ? "pending" : "verified";
}

/** Why SES does not accept the domain yet, where no record shows it: its owner's own DKIM keys need none of the setup. */
export function withheldBy({ records, view }: Pick<Examination, "records" | "view">): string | undefined {
	if (records.some(({ kind }) => kind === "dkim")) return undefined;
	return (view?.ses.identity === "own" && view.ses.reason) || undefined;
}

/** The worst of several. */
export function overallState(examinations: readonly Examination[]): SetupState {
	const states = examinations.map(setupState);
	return (["failing", "unknown", "pending"] as const).find((state) => states.includes(state)) ?? "verified";
}
