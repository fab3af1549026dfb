/** The names under which a record stands whose name was entered wrongly. Pure. */
import { canonicalName, encodeOctal, isWithin } from "./names.js";
import type { DnsRecord } from "./records.js";

/** A name that a slip leads to. */
export interface EnteredName {
	/** In canonical form, what is odd in it escaped as Route 53 does it. */
	name: string;
	kind: "doubled-suffix" | "left-out" | "stray-characters";
	/** What is wrong, as a clause without a capital or full stop. */
	slip: string;
	/** What to do, likewise. */
	remedy: string;
}

/**
 * Forms append the zone to whatever is entered: to a full name, to a part of it, to one without the subdomain, or to
 * one that has something around it.
 * @param zone canonical; empty where the record is not in it
 */
export function enteredNames(record: DnsRecord, zone: string): EnteredName[] {
	const right = canonicalName(record.address);
	if (!isWithin(right, zone)) return [];
	const plain = shiftedNames(record, zone).map((name) => shifted(record, name, zone));
	return [...plain, ...strayNames(record, zone)];
}

/** How the record's name is entered in a zone; a clause. */
export function howToEnter({ address }: DnsRecord, zone: string): string {
	const right = canonicalName(address);
	const relative = right === zone ? "@" : right.slice(0, -zone.length - 1);
	return `enter its name as ${relative} where the form appends ${zone}, else as ${right}`;
}

/** With a part of the name once more, or without one. */
function shiftedNames(record: DnsRecord, zone: string): string[] {
	const right = canonicalName(record.address);
	const labels = right.split(".");
	const relative = labels.slice(0, labels.length - zone.split(".").length);
	// After `token._domainkey` or `_dmarc` the domain begins, which some forms append in whole.
	const domain = relative.findLastIndex((label) => label.startsWith("_")) + 1;
	const names = [];
	for (let appended = relative.length; appended >= domain; appended -= 1)
		for (let entered = labels.length; entered > appended; entered -= 1)
			names.push([...labels.slice(0, entered), ...labels.slice(appended)]);
	// Any part may be missing, but for the token of DKIM.
	for (let from = record.type === "CNAME" ? 1 : 0; from < relative.length; from += 1)
		for (let to = from + 1; to <= relative.length; to += 1)
			names.push([...labels.slice(0, from), ...labels.slice(to)]);
	// Some forms take no underscore.
	names.push(labels.map((label) => label.replace(/^_/, "")));
	return [...new Set(names.map((each) => each.join(".")))].filter((name) => name !== right);
}

function shifted(record: DnsRecord, name: string, zone: string): EnteredName {
	const right = canonicalName(record.address);
	const remedy = howToEnter(record, zone);
	if (name === `${right}.${zone}`) {
		const slip = `the record stands at ${name}: the zone's name was appended to a name that had it already`;
		const bare = right.slice(0, -zone.length - 1) || "@";
		return { name, kind: "doubled-suffix", slip, remedy: `enter the name without ${zone}: ${bare}` };
	}
	if (name.length > right.length) {
		const slip = `the record stands at ${name}, which repeats a part of its name`;
		return { name, kind: "doubled-suffix", slip, remedy };
	}
	// A DKIM name is the setup's own. The same policy or exchanger may stand higher up in its own right.
	const slip =
		record.type === "CNAME"
			? `the record stands at ${name}, where a part of its name is missing`
			: `the same record stands at ${name}; if it was meant for ${right}, a part of its name was left out`;
	return { name, kind: "left-out", slip, remedy };
}

/** What a form keeps that a copy brought along: before the name, after it, and what it is called. */
const STRAYS: readonly (readonly [before: string, after: string, called: string])[] = [
	[" ", "", "a space before it"],
	["", " ", "a space after it"],
	[" ", " ", "spaces around it"],
	["\u00a0", "", "a non-breaking space before it"],
	["", "\u00a0", "a non-breaking space after it"],
	["\t", "", "a tab before it"],
	["", "\t", "a tab after it"],
	["\u200b", "", "an invisible character before it"],
	["", "\u200b", "an invisible character after it"],
	["\ufeff", "", "an invisible character before it"],
	['"', '"', "quotation marks around it"],
	["'", "'", "quotation marks around it"],
	["`", "`", "quotation marks around it"],
	["\u201c", "\u201d", "quotation marks around it"],
	["https://", "", "a scheme (https://) before it"],
	["http://", "", "a scheme (http://) before it"],
	["", "/", "a slash after it"],
	["", "\\056", "a closing dot that became part of it"],
];

/** The part within the zone, or the whole name, with something around it and the zone appended. */
function strayNames(record: DnsRecord, zone: string): EnteredName[] {
	const right = canonicalName(record.address);
	const relative = right.slice(0, -zone.length - 1);
	return [relative, right]
		.filter((entered) => entered !== "")
		.flatMap((entered) =>
			STRAYS.map(([before, after, called]): EnteredName => {
				const name = canonicalName(`${encodeOctal(before)}${entered}${encodeOctal(after)}.${zone}`);
				const slip = `the record stands at ${name}: its name was entered with ${called}`;
				return { name, kind: "stray-characters", slip, remedy: howToEnter(record, zone) };
			}),
		);
}
