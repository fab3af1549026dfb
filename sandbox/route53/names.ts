/*
 * Domain names as Route 53 reads, stores and returns them:
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html
 * The sandbox judges programs that use `pulumi-channels/dns`, so it does not share that parser.
 */

/** A name or value that Route 53 refuses, with the code and explanation it gives. */
export class SyntaxProblem extends Error {
	override readonly name = "SyntaxProblem";

	constructor(code: string, explanation: string, text: string) {
		super(`FATAL problem: ${code} (${explanation}) encountered with '${text}'`);
	}
}

/** The labels of a name from left to right: lower case, escapes decoded, one character per octet. */
export type Labels = readonly string[];

/**
 * Reads a name as a client may write it: any case, with or without the trailing dot, `\ooo` octal escapes.
 * @throws SyntaxProblem
 */
export function parseName(text: string): Labels {
	const bare = text.endsWith(".") ? text.slice(0, -1) : text;
	if (bare === "") return [];
	const labels = bare.split(".").map((label) => decodeLabel(label, text));
	if (labels.reduce((length, label) => length + label.length + 1, 0) > 255) {
		throw new SyntaxProblem("DomainNameTooLong", "Domain name is too long", text);
	}
	return labels;
}

function decodeLabel(label: string, whole: string): string {
	if (label === "") throw new SyntaxProblem("DomainLabelEmpty", "Domain label is empty", whole);
	const decoded = label.replace(/\\([0-3][0-7]{2})?/g, (_, octal?: string) => {
		if (octal === undefined)
			throw new SyntaxProblem("InvalidEscape", "An escape is \\ and three octal digits", whole);
		return String.fromCharCode(Number.parseInt(octal, 8));
	});
	if (/[^\x21-\x7e]/.test(label)) {
		throw new SyntaxProblem("UnsupportedCharacter", "Value contains unsupported characters", whole);
	}
	if (decoded.length > 63) throw new SyntaxProblem("DomainLabelTooLong", "Domain label is too long", whole);
	return decoded.toLowerCase();
}

/** The form Route 53 returns: everything but `a-z 0-9 - _` as `\ooo`, with a trailing dot. */
export function formatName(labels: Labels): string {
	const escaped = labels.map((label) =>
		label.replace(/[^a-z0-9_-]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`),
	);
	return `${escaped.join(".")}.`;
}

/** A name that is in the stored form already. */
const stored = /^(?:[a-z0-9_-]{1,63}\.)+$/;

/**
 * The stored form of a name a client wrote.
 * @throws SyntaxProblem
 */
export function canonicalName(text: string): string {
	if (text.length < 255 && stored.test(text)) return text;
	return formatName(parseName(text));
}

/**
 * What Route 53 sorts names by: the labels reversed, each followed by a dot, in ASCII order
 * (https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListResourceRecordSets.html, "Sort order").
 */
export function sortKey(name: string): string {
	return [...parseName(name)]
		.reverse()
		.map((label) => `${label}.`)
		.join("");
}

/** Whether `name` is `zone` or lies below it; both in the stored form. */
export function isWithin(name: string, zone: string): boolean {
	return zone === "." || name === zone || name.endsWith(`.${zone}`);
}

/** The name above a stored one; empty above a top-level domain. */
export function parentName(name: string): string {
	return name.slice(name.indexOf(".") + 1);
}
