/** What to do about a record that is not verified. Pure. */
import type { Examination, ExaminedRecord } from "./examine.js";
import { recordState } from "./judgement.js";

export const labels = { dkim: "DKIM", mx: "MX", dmarc: "DMARC", other: "record" } as const;

/** Sentences for one record; none for a record that is verified. */
export function adviceFor(examined: ExaminedRecord, examination: Examination): string[] {
	const { domain, live } = examination;
	const state = recordState(examined, examination);
	if (state === "verified") return [];
	if (examined.causes.length > 0) return examined.causes.map(({ text }) => sentence(text));
	switch (state) {
		case "unaccepted":
			return [examined.kind === "dkim" ? waitForSes : waitForCache];
		case "missing":
			if (live.state === "none")
				return [
					`No zone in the live DNS covers ${domain}: register the domain, or enter its name servers at the registrar.`,
				];
			if (live.state === "broken")
				return [
					`The live DNS has no answer for ${live.name}: it is delegated to servers that do not serve it, or its ` +
						"DNSSEC is broken. Correct that at the registrar.",
				];
			return [
				`Not published. \`channels zone-file --domain ${domain}\` prints every record to publish; ` +
					"with Route 53, `route53: true` publishes them.",
			];
		case "different":
			return [inTheWay(examined, domain)];
		case "partial":
			return [
				"Only some name servers have it. A change takes a minute to reach all; if it stays so, the zone is kept " +
					"at two places, and the record must be published at both.",
			];
		case "unanswered":
			return [`The name servers could not be asked from here. ${unansweredReason(examined)}`];
	}
}

const waitForSes =
	"Published everywhere. Amazon SES has yet to look; it may take up to 72 hours, mostly minutes. Nothing to do.";

const waitForCache =
	"Published everywhere. The Channels API has yet to see it: its resolver may remember an earlier “no” for as long " +
	"as the zone's SOA says (15 minutes at Route 53). Nothing to do.";

function inTheWay({ kind, record, check }: ExaminedRecord, domain: string): string {
	const theirs = check.found.map((value) => `“${value}”`).join(", ");
	switch (kind) {
		case "mx":
			return (
				`The domain's mail goes to ${theirs}. Replacing that moves all mail of ${domain}; where it must stay, ` +
				'register a subdomain such as mail.example.com, or wait with `purpose: "sending"`.'
			);
		case "dmarc":
			return (
				`Another policy stands there: ${theirs}. Replace it by “${record.record}”, or keep it and wait with ` +
				'`purpose: "sending"` or `"receiving"`.'
			);
		default:
			return `Something else stands there: ${theirs}. Replace it by “${record.record}”.`;
	}
}

function unansweredReason({ check }: ExaminedRecord): string {
	const reasons = [
		check.reason,
		...check.servers.map(({ server, reason }) => reason && `${server}: ${reason}`),
	];
	return sentence([...new Set(reasons.filter(Boolean))].join("; ") || "There was no answer");
}

const sentence = (text: string) => {
	// A clause that begins with a host name keeps its spelling.
	const [first = ""] = text.split(" ");
	const start = first.includes(".") ? text : text.charAt(0).toUpperCase() + text.slice(1);
	return /[.!?]$/.test(start) ? start : `${start}.`;
};

/** One piece of advice with every record it is about. */
export interface Task {
	records: ExaminedRecord[];
	text: string;
}

/** The advice for all records of a setup, each sentence once, what needs no hand last. */
export function tasks(examination: Examination): Task[] {
	const byText = new Map<string, ExaminedRecord[]>();
	for (const record of examination.records) {
		for (const text of adviceFor(record, examination))
			byText.set(text, [...(byText.get(text) ?? []), record]);
	}
	const waiting = ({ records }: Task) =>
		records.every((record) => recordState(record, examination) === "unaccepted");
	return [...byText]
		.map(([text, records]) => ({ text, records }))
		.sort((a, b) => Number(waiting(a)) - Number(waiting(b)));
}

/** `DKIM ×3`, `MX, DMARC` */
export function labelOf({ records }: Task): string {
	const counts = new Map<string, number>();
	for (const { kind } of records) counts.set(labels[kind], (counts.get(labels[kind]) ?? 0) + 1);
	return [...counts].map(([label, count]) => (count > 1 ? `${label} ×${count}` : label)).join(", ");
}
