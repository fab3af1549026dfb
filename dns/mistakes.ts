import { crowded } from "./alone.js";
import type { RecordCheck } from "./check.js";
import { canonicalName } from "./names.js";
import type { DnsRecord } from "./records.js";
import { dmarcPolicies, isDmarc, isNullMx, parseMx, sameText } from "./values.js";

/** A slip of whoever entered a record, by which a value that was found explains itself. */
export interface Mistake {
	kind:
		| "doubled-target"
		| "stray-characters"
		| "quoted-twice"
		| "escaped"
		| "priority"
		| "null-mx"
		| "two-policies"
		| "not-alone";
	/** What is wrong and what to do, as a clause without a capital or full stop. */
	text: string;
}

/**
 * The slip that explains why these values stand in the place of a record; undefined for a value that is
 * simply another one.
 * @param found values of the record's type at its name, as one server has them: a `ServerCheck`'s that has not the
 *   record
 */
export function likelyMistake(record: DnsRecord, found: readonly string[]): Mistake | undefined {
	const crowd = crowded(record, found);
	if (crowd?.state === "different") {
		const advice =
			record.type === "TXT"
				? "make one of them, which has what each of them includes"
				: `leave this one alone there: ${record.record}`;
		return { kind: "not-alone", text: `${crowd.reason}; ${advice}` };
	}
	if (record.type === "CNAME") return wrongHost(record.record, found);
	if (record.type === "MX") return wrongExchanger(record.record, found);
	return wrongText(record.record, found);
}

/** The slip that a check shows. Server by server: values of different servers do not stand beside each other. */
export function mistakeOf({ record, servers }: RecordCheck): Mistake | undefined {
	for (const { state, found } of servers) {
		const mistake = state === "found" ? undefined : likelyMistake(record, found);
		if (mistake) return mistake;
	}
	return undefined;
}

/**
 * A host that is the right one but for what a form or a copy added to it: characters around it, or the zone's name
 * where a target without its closing dot is taken for a relative one.
 * @param form how the right value is entered.
 */
function wrongHost(
	wanted: string,
	found: readonly string[],
	form = canonicalName(wanted),
): Mistake | undefined {
	const target = canonicalName(wanted);
	for (const value of found) {
		if (canonicalName(value) === target) continue;
		const plain = withoutStrays(value);
		if (plain === target) {
			const text = `the target has ${straysIn(value, HOST_STRAYS)} in it (${value.trim()}); enter it as ${form}`;
			return { kind: "stray-characters", text };
		}
		if (!plain.startsWith(`${target}.`)) continue;
		const suffix = plain.slice(target.length + 1);
		const isClean = canonicalName(value) === plain;
		const text =
			`the zone's name was appended to the target (${value.trim()}); ` +
			(isClean
				? `end the target in a dot, or enter it without ${suffix}: ${form}`
				: `enter it without ${suffix} and without ${straysIn(value, HOST_STRAYS)}: ${form}`);
		return { kind: "doubled-target", text };
	}
	return undefined;
}

/** What begins a value of type MX, and not a host. */
const PRIORITY = /^\W*\d{1,5}\s+/;

function wrongExchanger(wanted: string, found: readonly string[]): Mistake | undefined {
	const nullMx = found.find(isNullMx);
	if (nullMx !== undefined) {
		const text = `the null MX (${nullMx}) says that the domain takes no mail at all; remove it (RFC 7505)`;
		return { kind: "null-mx", text };
	}
	const { priority, host = "" } = parseMx(wanted) ?? {};
	const same = found.map(parseMx).find((mx) => mx !== undefined && mx.host === host);
	if (same !== undefined) {
		const text = `the host is right and the priority is ${same.priority}; make it ${priority}`;
		return { kind: "priority", text };
	}
	const hosts = found.map((value) => withoutEscapes(value.replace(/^\s*\d{1,5}\s+/, "")));
	const twice = hosts.find(
		(each) => PRIORITY.test(each) && withoutStrays(each.replace(PRIORITY, "")) === host,
	);
	if (twice !== undefined) {
		const text = `the priority stands in the host as well (${twice}); enter the host as ${host}, with priority ${priority} in its own field`;
		return { kind: "stray-characters", text };
	}
	return wrongHost(host, hosts, `${host}, with priority ${priority}`);
}

function wrongText(wanted: string, found: readonly string[]): Mistake | undefined {
	const policies = isDmarc(wanted) ? dmarcPolicies(found) : [];
	if (policies.length > 1) {
		const text = `${policies.length} DMARC policies stand at one name, and receivers then heed none (RFC 7489, 6.6.3); leave one`;
		return { kind: "two-policies", text };
	}
	const isWanted = (text: string) => sameText("TXT", text, wanted);
	for (const value of found.filter((each) => !isWanted(each))) {
		const unquoted = value.replace(/^[ \t]*"?[ \t]*|[ \t]*"?[ \t]*$/g, "");
		if (isWanted(unquoted)) {
			const text = `the text was entered with quotation marks or spaces around it; enter it without them: ${wanted}`;
			return { kind: "quoted-twice", text };
		}
		if (isWanted(unquoted.replaceAll("\\", ""))) {
			const text = `the text holds backslashes that were meant as escapes; enter it without them: ${wanted}`;
			return { kind: "escaped", text };
		}
		const spaced = value
			.replace(INVISIBLE, "")
			.replace(ODD_SPACE, " ")
			.replace(QUOTE, "")
			.replaceAll("\\", "");
		if (isWanted(spaced.trim())) {
			const text = `the text has ${straysIn(value, TEXT_STRAYS)} in it; enter it as ${wanted}`;
			return { kind: "stray-characters", text };
		}
	}
	return undefined;
}

/** Spaces that are not the one of ASCII; a tab is as good as that (RFC 7489, 6.4, *WSP). */
const ODD_SPACE = /[^\S \t]/gu;
const INVISIBLE = /[\u200b-\u200d\u2060\ufeff]/gu;
const QUOTE = /["'`\u00ab\u00bb\u2018-\u201f]/gu;
const BRACKET = /[<>[\](){}]/g;
const SEPARATOR = /[,;]/g;
const SCHEME = /^[a-z][a-z0-9+-]*:\/\//i;
/** Behind the host, or before a zone's name that was appended to it. */
const PORT = /:\d{1,5}(?=$|[./])/;

type Strays = readonly [name: string, pattern: RegExp][];

/** What people and forms add to a text, by how it is called. */
const TEXT_STRAYS: Strays = [
	["a non-breaking space", /\u00a0/],
	["a line break", /[\r\n]/],
	["an invisible character", INVISIBLE],
	["quotation marks", QUOTE],
];

/** What they add to a host name. */
const HOST_STRAYS: Strays = [
	["a space", /[ \t]/],
	...TEXT_STRAYS,
	["brackets", BRACKET],
	["a comma or semicolon", SEPARATOR],
	["a URL's scheme", SCHEME],
	["a port", PORT],
	["a slash", /(?<![:/])\/(?!\/)/],
	["a closing dot that became part of the name", /\\\.|\.\.+/],
];

/** What is there that does not belong to a value, in words; empty if it is nothing known. */
function straysIn(value: string, strays: Strays): string {
	const text = withoutEscapes(value);
	const bare = text.replace(/^[\s"'<([{]+/, "");
	const names = strays.filter(([, pattern]) => [text, bare].some((each) => each.search(pattern) >= 0));
	return names.map(([name]) => name).join(" and ") || "a stray character";
}

/** A host name without what surrounds it. */
function withoutStrays(host: string): string {
	const text = withoutEscapes(host)
		.replace(/\s/gu, "")
		.replace(INVISIBLE, "")
		.replace(QUOTE, "")
		.replace(BRACKET, "")
		.replace(SEPARATOR, "");
	return canonicalName(
		text
			.replace(SCHEME, "")
			.replace(PORT, "")
			.replace(/\/.*$/, "")
			.replaceAll("\\", "")
			.replace(/\.{2,}/g, ".")
			.replace(/\.$/, ""),
	);
}

/** Undoes the escapes of names in text form, but for that of a dot: bytes as `\DDD`, others by a backslash (RFC 1035, 5.1). */
const withoutEscapes = (name: string) =>
	name
		.replace(/(?:\\\d{3})+/g, (escapes) =>
			Buffer.from(escapes.split("\\").slice(1).map(Number)).toString("utf8"),
		)
		.replace(/\\([^.\d])/g, "$1");
