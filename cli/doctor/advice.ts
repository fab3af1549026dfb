/** What to do about a record that is not verified. Pure. */
import { reasonInWords, sayOnce } from "../../dns/index.js";
import { labels } from "../../provider/arguments/record-kinds.js";
import { whyNotAccepted } from "../../provider/core/verification/api-view.js";
import type { Examination, ExaminedRecord } from "./examine.js";
import { recordState, withheldBy } from "./judgement.js";

/** Sentences for one record; none for a record that is verified. */
export function adviceFor(examined: ExaminedRecord, examination: Examination): string[] {
	const { domain, live } = examination;
	const state = recordState(examined, examination);
	if (state === "verified") return [];
	const causes = examined.causes.map(({ text }) => sentence(text));
	// A record higher up may stand there in its own right: then this one is not published yet.
	const isSure = examined.kind === "dkim" || examined.causes.some(({ kind }) => kind !== "left-out");
	if (causes.length > 0) return isSure ? causes : [...causes, notPublished(domain, examined)];
	switch (state) {
		case "unaccepted":
			return [notAccepted(examined, examination)];
		case "missing":
			if (live.state === "none")
				return [
					`No zone in the live DNS covers ${domain}: register the domain, or enter its name servers at the registrar.`,
				];
			if (live.state === "broken")
				return [
					`The live DNS has no answer for ${live.name} (SERVFAIL), as where it is delegated to servers that do not ` +
						"serve it, or its DNSSEC is broken. Compare its name servers and DS records at the registrar, or in " +
						"the zone above, with those of its DNS host.",
				];
			return [notPublished(domain, examined)];
		case "different":
			return [inTheWay(examined, domain)];
		case "partial":
			return [
				"Only some name servers have it. A change takes a minute to reach all. If it stays so, as where a zone is " +
					"kept at two DNS hosts, publish the record at each.",
			];
		case "unanswered":
			return [`The name servers could not be asked from here. ${unansweredReason(examined)}`];
	}
}

const notPublished = (domain: string, { kind }: ExaminedRecord) =>
	`Not published. \`channels zone-file --domain ${domain}\` prints every record to publish; with Route 53, ` +
	(kind === "other"
		? 'it is published where `route53.records` lists "other".'
		: "`route53: true` publishes them.");

function notAccepted({ record, check: { silent } }: ExaminedRecord, { view, home }: Examination): string {
	const who =
		silent.length === 0 ? "every name server" : `every name server that answers (not ${silent.join(", ")})`;
	const why = whyNotAccepted(view, record);
	const next = why === undefined ? "; run `channels doctor` again later" : `: ${why}`;
	const arbiter = home.account === undefined ? "The Channels API" : "Amazon SES";
	return sentence(`Published: ${who} has it. ${arbiter} does not accept it yet${next}`);
}

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

function unansweredReason({ record, check }: ExaminedRecord): string {
	const reasons = [
		check.reason,
		...check.servers.map((each) => each.reason && `${each.server}: ${reasonInWords(record.type, each)}`),
	];
	return sentence([...new Set(reasons.filter(Boolean))].join("; ") || "there was no answer");
}

const sentence = (text: string) => {
	// A clause that begins with a host name keeps its spelling.
	const [first = ""] = text.split(" ");
	const start = first.includes(".") ? text : text.charAt(0).toUpperCase() + text.slice(1);
	return /[.!?]$/.test(start) ? start : `${start}.`;
};

/** One piece of advice with every record it is about: none where DKIM needs no record. */
export interface Task {
	records: ExaminedRecord[];
	text: string;
}

/** The advice for all records of a setup, each sentence once, what needs no hand last. */
export function tasks(examination: Examination): Task[] {
	const said = sayOnce(
		examination.records.flatMap((each) => adviceFor(each, examination).map((text) => [each, text] as const)),
	);
	const waiting = ({ records }: Task) =>
		records.every((record) => recordState(record, examination) === "unaccepted");
	const withheld = withheldBy(examination);
	return [
		...said.map(({ items, text }) => ({ text, records: items })),
		...(withheld === undefined ? [] : [{ text: withheld, records: [] }]),
	].sort((a, b) => Number(waiting(a)) - Number(waiting(b)));
}

/** `DKIM ×3`, `MX, DMARC` */
export function labelOf({ records }: Task): string {
	if (records.length === 0) return labels.dkim;
	const counts = new Map<string, number>();
	for (const { kind } of records) counts.set(labels[kind], (counts.get(labels[kind]) ?? 0) + 1);
	return [...counts].map(([label, count]) => (count > 1 ? `${label} ×${count}` : label)).join(", ");
}
