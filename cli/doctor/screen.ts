/** Examinations as a person reads them. Pure; plain text without colours. */
import {
	type DnsRecord,
	type Ground,
	isFound,
	type OtherView,
	reasonInWords,
	type ServerCheck,
} from "../../dns/index.js";
import { labels } from "../../provider/arguments/record-kinds.js";
import { homeInWords, placeInWords } from "../../provider/core/channels/place.js";
import type { Home } from "../../provider/core/channels/setup.js";
import type { SesDiagnosis } from "../../sdk/index.js";
import { wrapped } from "../wrapped.js";
import { labelOf, tasks } from "./advice.js";
import type { Examination, ExaminedRecord } from "./examine.js";
import { type RecordState, recordState, setupState } from "./judgement.js";
import { minute } from "./minute.js";
import { obstaclesOf, sendingLines } from "./sending.js";

const marks: Record<RecordState, string> = {
	verified: "✓",
	unaccepted: "…",
	missing: "✗",
	different: "✗",
	partial: "✗",
	unanswered: "?",
};

const verdicts = {
	verified: "✓ ready",
	pending: "… published, not accepted yet",
	failing: "✗ not ready",
	unknown: "? no answer from its name servers",
} as const;

/** Setups in full; of several, those that are verified in one line each. */
export function screen(examinations: readonly Examination[], home: Home): string[] {
	const [only, ...more] = examinations;
	if (!only)
		return [
			home.account === undefined ? "The workspace has no setups." : `${homeInWords(home)} has no setups.`,
		];
	const sending = sendingLines(examinations);
	if (more.length === 0) return [...section(only), ...(sending.length > 0 ? ["", ...sending] : [])];
	const verified = examinations.filter((each) => setupState(each) === "verified");
	const others = examinations.filter((each) => setupState(each) !== "verified");
	return [
		...others.flatMap((each) => [...section(each), ""]),
		...verified.map(headline),
		...(verified.length > 0 ? [""] : []),
		...(sending.length > 0 ? [...sending, ""] : []),
		`${verified.length} of ${examinations.length} domains ready.`,
	];
}

function section(examination: Examination): string[] {
	// What is refused is published by nobody, so no advice to do it.
	const todo = examination.refusal ? [] : tasks(examination);
	return [
		headline(examination),
		"",
		...facts(examination).flatMap(([name, value]) => wrapped(value, `  ${name.padEnd(8)}  `)),
		"",
		...(examination.refusal ? [...examination.refusal.flatMap((line) => wrapped(line, "  ")), ""] : []),
		...examination.records.flatMap((record) => recordLines(record, examination)),
		...(todo.length > 0 ? ["", "  What to do"] : []),
		...todo.flatMap((task, index) => wrapped(`${labelOf(task)}: ${task.text}`, `  ${index + 1}. `)),
	];
}

function headline(examination: Examination): string {
	const { domain, records } = examination;
	if (records.length === 0) return `${domain}   … nothing to check yet: the Channels API asks for no records`;
	const state = setupState(examination);
	const verdict =
		state === "verified" && obstaclesOf(examination).length > 0 ? "✓ verified" : verdicts[state];
	const count = records.filter((record) => recordState(record, examination) === "verified").length;
	return `${domain}   ${verdict}   ${count} of ${records.length} records verified`;
}

function facts({
	id,
	home,
	tenantName,
	createdAt,
	checkedAt,
	live,
	hosted,
	view,
}: Examination): [string, string][] {
	return [
		["Setup", id],
		["Tenant", `${tenantName}, registered ${minute(createdAt)}`],
		["Live DNS", liveText(live)],
		...(live.state === "live" && live.otherView
			? [["Resolver", otherViewText(live.otherView, live.ground)] satisfies [string, string]]
			: []),
		...(hosted ? [["Route 53", hostedText(hosted)] satisfies [string, string]] : []),
		home.account === undefined
			? ["API", checkedAt === null ? "has never had an answer" : `looked ${minute(checkedAt)}`]
			: ["AWS", placeInWords(home)],
		...(view ? [["SES", sesText(view.ses)] satisfies [string, string]] : []),
	];
}

/** It explains why a look-up of one's own may differ from what stands here. */
const otherViewText = (
	{ name, told }: OtherView,
	ground: Ground = told.length > 0 ? "unclear" : "negative",
) =>
	told.length > 0
		? `this machine's tells ${told.join(", ")} for ${name}: ${grounds[ground]}`
		: `this machine's does not know ${name} yet: ${grounds[ground]}`;

const grounds: Record<Ground, string> = {
	negative: "a former “no”, which passes, or a private zone of this network",
	former: "a former delegation, for up to two days",
	private: "a private zone of this network",
	unclear: "a private zone of this network, or a former delegation",
};

function liveText(live: Examination["live"]): string {
	switch (live.state) {
		case "live":
			return `zone ${live.name} at ${live.servers.join(", ")}`;
		case "none":
			return "no zone covers the domain";
		case "broken":
			return `no answer for ${live.name} (SERVFAIL)`;
		case "unknown":
			return live.reason;
	}
}

function sesText({ identity, dkim_status, last_checked_at, mail_from_status }: SesDiagnosis): string {
	const looked = last_checked_at === null ? "" : `, looked ${minute(last_checked_at)}`;
	switch (identity) {
		case "own":
			return `DKIM ${dkim_status ?? "without a status"}${mail_from_status ? `, MAIL FROM ${mail_from_status}` : ""}${looked}`;
		case "missing":
			return "has no identity of the domain";
		case "foreign":
			return "has another identity of the domain than the setup's";
		case "rekeyed":
			return "has other DKIM keys for the domain";
		case "unknown":
			return "not asked, or gave no answer";
	}
}

function hostedText(hosted: NonNullable<Examination["hosted"]>): string {
	if (hosted.state === "none") return hosted.reason.split("\n")[0] ?? "";
	return `hosted zone ${hosted.name} (${hosted.id}) at ${hosted.nameServers.join(", ")}`;
}

function recordLines(examined: ExaminedRecord, examination: Examination): string[] {
	const { record, kind, check } = examined;
	const state = recordState(examined, examination);
	const column = Math.max(6, ...examination.records.map((each) => labels[each.kind].length));
	const line = `  ${marks[state]} ${labels[kind].padEnd(column)}  ${record.address}`;
	if (state === "verified" && isFound(check) && check.silent.length === 0) return [line];
	const rows: [string, string][] = [["expected", record.record], ...foundRows(record, check.servers)];
	if (check.servers.length === 0) rows.push(["found", check.reason ?? "nothing"]);
	const width = Math.max(...rows.map(([who]) => who.length));
	const indent = " ".repeat(column + 6);
	return [line, ...rows.map(([who, what]) => `${indent}${who.padEnd(width)}  ${what}`)];
}

/** What the servers have, those that agree in one row. */
function foundRows({ type }: DnsRecord, servers: readonly ServerCheck[]): [string, string][] {
	const byAnswer = new Map<string, string[]>();
	for (const each of servers) {
		const answer = answerText(type, each);
		byAnswer.set(answer, [...(byAnswer.get(answer) ?? []), each.server]);
	}
	return [...byAnswer].map(([answer, names]) => [
		byAnswer.size === 1 && names.length > 1 ? `all ${names.length} servers` : names.join(", "),
		answer,
	]);
}

function answerText(type: string, check: ServerCheck): string {
	const { state, found } = check;
	const reason = reasonInWords(type, check);
	switch (state) {
		case "found":
			return "has it";
		case "missing": {
			const nothing = reason === undefined ? "nothing" : `nothing: ${reason}`;
			return found.length === 0 ? nothing : `${nothing} (${found.join(", ")})`;
		}
		case "different":
			return found.join(", ");
		case "failed":
			return reason ?? "no answer";
	}
}
