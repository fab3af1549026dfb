/** What a wait says of itself: one line while it goes on, and the reasons when it ends in vain. Pure. */
import {
	type Blockage,
	mistakeOf,
	type RecordCheck,
	reasonInWords,
	type ServerCheck,
	sameName,
	sayOnce,
} from "../../../dns/index.js";
import { allKinds, domainOfRecords, kindsOf, labels } from "../../arguments/record-kinds.js";
import type { DnsRecord } from "../../shapes.js";
import { whyNotAccepted } from "./api-view.js";
import { isSeen, isVerified, notAskedFor, type WaitState, withheld } from "./wait-state.js";

/** `DKIM 3/3 · MX 0/1 · DMARC 1/1 · waiting for mail.acme.com MX (4m left)` */
export function progressLine(state: WaitState, leftMs: number, now: number): string {
	const counts = byKind(state.records).map(
		({ label, records }) =>
			`${label} ${records.filter((record) => isThere(state, record)).length}/${records.length}`,
	);
	const open = state.needed.filter((record) => !isVerified(state, record));
	const isHeld = withheld(state) !== undefined;
	if (open.length === 0)
		return [...counts, isHeld ? "waiting for Amazon SES to accept its DKIM keys" : "verified"].join(" · ");
	const left = `(${formatLeft(leftMs)} left)`;
	const slots =
		state.waitsAtOnce >= state.slots
			? ` · ${state.waitsAtOnce} waits hold every slot of this run; \`--parallel N\` gives more`
			: "";
	return `${counts.join(" · ")} · ${waits(state, now)} ${left}${slots}`;
}

/** Records of a setup in the order in which they are told. */
function byKind(all: readonly DnsRecord[]): { label: string; records: DnsRecord[] }[] {
	const kindOf = kindsOf(all, domainOfRecords(all));
	return allKinds
		.map((kind) => ({ label: labels[kind], records: all.filter((record) => kindOf(record) === kind) }))
		.filter(({ records }) => records.length > 0);
}

/** Seen in DNS, or verified by the API. */
const isThere = (state: WaitState, record: DnsRecord) => isVerified(state, record) || isSeen(state, record);

function waits(state: WaitState, now: number): string {
	if (state.failure) return `waiting for ${state.arbiter} to answer`;
	const open = state.needed.filter((record) => !isThere(state, record));
	const [first, ...more] = open;
	if (!first) {
		const remembered = (state.remembersUntil ?? 0) - now;
		return remembered > 0
			? `published; ${state.arbiter} looked before, and its resolver may remember that for ${formatLeft(remembered)}`
			: `published, waiting for ${state.arbiter} to verify it`;
	}
	return `waiting for ${shortName(first.address)} ${first.type}${more.length > 0 ? ` and ${more.length} more` : ""}`;
}

/** As the first word of a sentence. */
const atStart = (words: string) => `${words.charAt(0).toUpperCase()}${words.slice(1)}`;

/** DKIM names begin with a token of 32 characters, which would push all else off the row. */
const shortName = (name: string) => name.replace(/^([^.]{8})[^.]{9,}\./, "$1….");

const formatLeft = (ms: number) =>
	ms >= 60_000 ? `${Math.ceil(ms / 60_000)}m` : `${Math.max(1, Math.ceil(ms / 1000))}s`;

/** What this machine sees of verified records that speaks against them, for a warning; undefined if nothing does. */
export function objection(state: WaitState): string | undefined {
	const lacking = new Map<string, string[]>();
	for (const record of state.needed) {
		const { lacks = [], uncovered = false } = state.checks.get(record) ?? {};
		if (lacks.length === 0 && !uncovered) continue;
		const who = uncovered
			? "the live DNS lacks"
			: `${lacks.join(", ")} ${lacks.length > 1 ? "lack" : "lacks"}`;
		lacking.set(who, [...(lacking.get(who) ?? []), `${record.type} ${record.address}`]);
	}
	if (lacking.size === 0) return undefined;
	const clauses = [...lacking].map(([who, records]) => `${who} ${records.join(", ")}`);
	return `Accepted by ${state.arbiter}, though, as seen from here, ${clauses.join("; ")}.`;
}

/** Why nothing is seen, and what to do. */
export function blockedWarning({ kind, reason }: Blockage, arbiter: string): string {
	const sentence = atStart(reason);
	const advice =
		kind === "given"
			? "Correct channels:dnsServers: every look-up goes to the servers that it names."
			: "To see the records from here, set channels:dnsServers to servers that can be asked (`ip[:port]`, separated " +
				"by commas): every look-up then goes to them.";
	return `${sentence}. So what stands in DNS is not seen from here, and ${arbiter} alone decides. ${advice}`;
}

/**
 * A reason for each record that is not verified, and what to do; one for all records of which the same is true. The
 * first says how long was waited.
 */
export function reasons(state: WaitState, waited: string): string[] {
	const stale = notAskedFor(state);
	if (stale.length > 0) return staleReasons(state, stale);
	const missing = state.needed.filter((record) => !isVerified(state, record));
	const held = withheld(state);
	if (missing.length === 0 && held !== undefined)
		return [
			`All records are verified, and after ${waited} the domain does not send: ${held} The setup is kept; \`pulumi up\` waits again.`,
		];
	const common = commonFindings(state);
	// What is told of several at once is of one type.
	const alike = byKind(state.records).flatMap(({ records }) =>
		["CNAME", "MX", "TXT"].map((type) => records.filter((record) => record.type === type)),
	);
	const said = alike.flatMap((records) =>
		sayOnce(
			records
				.filter((record) => missing.includes(record))
				.map((record) => {
					const clauses = [outcomeOf(state, record), ...explanations(state, record, common)];
					return [{ record }, clauses.join("; ")] as const;
				}),
		),
	);
	return [
		`${missing.length} of ${state.needed.length} records were not verified within ${waited}. The setup is kept; ` +
			"`pulumi up` goes on waiting.",
		...(state.unsettled === undefined
			? []
			: [
					`Route 53 has not said within that time that every name server of ${state.unsettled} has the records, and nobody was ` +
						"asked for them before. That takes a minute at most as a rule: see health.aws.amazon.com, then run `pulumi up`.",
				]),
		...common.map((text) => `All of them: ${text}.`),
		...said.map(({ items, text }) => `${expectation(items.map(({ record }) => record))}${text}.`),
		...(state.failure ? [`${atStart(state.arbiter)} could not be asked: ${state.failure.message}`] : []),
	];
}

/** `MX mail.acme.com: expected "10 …"` */
function expectation(records: readonly DnsRecord[]): string {
	const [{ type } = { type: "" }] = records;
	const names = records.map(({ address }) => address).join(", ");
	return `${type} ${names}: expected ${records.map(({ record }) => quoted(record)).join(", ")}`;
}

function staleReasons({ needed, setup, arbiter }: WaitState, stale: readonly DnsRecord[]): string[] {
	const asked = setup?.dns_records ?? [];
	return [
		`${atStart(arbiter)} no longer asks for ${stale.length} of ${needed.length} records, so they will never be ` +
			"verified. The setup is kept. Run `pulumi refresh`, which reads what it asks for now, then `pulumi up`.",
		...stale.map((record) => {
			const instead = asked
				.filter(({ address, type }) => type === record.type && sameName(address, record.address))
				.map((each) => quoted(each.record));
			const now = instead.length > 0 ? `now asks for ${instead.join(", ")}` : "no longer asks for it";
			return `${record.type} ${record.address}: waited for ${quoted(record.record)}, and ${arbiter} ${now}.`;
		}),
	];
}

/** What was found behind every record that was looked into, such as a wrong delegation: said once. */
function commonFindings({ findings }: WaitState): string[] {
	const [first = [], ...others] = findings.values();
	return others.length === 0 ? [] : first.filter((text) => others.every((texts) => texts.includes(text)));
}

/** What became of a record, as the end of a sentence about it. */
function outcomeOf(state: WaitState, record: DnsRecord): string {
	const check = state.checks.get(record);
	if (!check) return "; there was no time to look";
	switch (check.state) {
		case "found": {
			const seen = `, and every authoritative server${check.silent.length > 0 ? " that answers" : ""} has it`;
			if (!state.setup) return seen;
			const why = whyNotAccepted(state.view, record);
			return `${seen}, but ${state.arbiter} does not accept it yet${why === undefined ? "" : `: ${why}`}`;
		}
		case "missing":
			return `; found ${nothingBut(check.found)}${atServers(check, "missing")}${whyMissing(check)}`;
		case "different":
			return `; found ${check.found.map(quoted).join(", ")}${atServers(check, "different")}`;
		case "partial":
			return `; only some name servers have it: ${check.servers.map(serverState).join(", ")}`;
		case "failed":
			return "; the name servers could not be asked";
	}
}

const nothingBut = (found: readonly string[]) =>
	found.length === 0 ? "nothing" : `nothing but ${found.map(quoted).join(", ")}`;

/** Where all say the same of it. */
function whyMissing({ record, servers }: RecordCheck): string {
	const missing = servers.filter(({ state }) => state === "missing");
	const [why, ...others] = new Set(missing.map((each) => reasonInWords(record.type, each)));
	return why === undefined || others.length > 0 ? "" : `: ${why}`;
}

const serverState = ({ server, state }: ServerCheck) =>
	`${server} ${state === "found" ? "has it" : state === "failed" ? "gave no answer" : "does not"}`;

const quoted = (value: string) => `"${value}"`;

/** Clauses on what is wrong and what to do, without those that are said of all records. */
function explanations(state: WaitState, record: DnsRecord, common: string[]): string[] {
	const check = state.checks.get(record);
	if (!check) return [];
	const unanswered = check.servers.flatMap((each) =>
		each.state === "failed" && each.reason ? [`${each.server}: ${reasonInWords(record.type, each)}`] : [],
	);
	// Where there was no time to look further, the values speak for themselves.
	const slip = mistakeOf(check)?.text;
	const findings = state.findings.get(record) ?? (slip === undefined ? [] : [slip]);
	return [
		...findings.filter((text) => !common.includes(text)),
		...(check.reason ? [check.reason] : []),
		...unanswered,
	];
}

function atServers(check: RecordCheck, state: ServerCheck["state"]): string {
	const servers = check.servers.filter((each) => each.state === state).map(({ server }) => server);
	return servers.length > 0 ? ` at ${servers.join(", ")}` : "";
}
