import { isIP } from "node:net";
import { domainToASCII } from "node:url";

/** The longest name in text form, without the root's dot (RFC 1035, 2.3.4: 255 octets on the wire). */
const MAX_NAME_LENGTH = 253;
const MAX_LABEL_LENGTH = 63;
/** SES puts a token of 32 characters and this before a domain: the names of its DKIM records. */
const DKIM_PREFIX_LENGTH = 32 + "._domainkey.".length;
/** So that there is room for them. */
const MAX_DOMAIN_LENGTH = MAX_NAME_LENGTH - DKIM_PREFIX_LENGTH;

/** A name that is spelled so already, as most are. */
const CANONICAL = /^[a-z0-9_*-]+(?:\.[a-z0-9_*-]+)*$/;

/**
 * The one spelling under which names are compared and sent: ASCII lower case, no trailing dot,
 * Route 53's escapes undone, labels outside ASCII as punycode. Keeps `_` and `*`; the root is `""`.
 * A label that has no punycode form stays as it is, for {@link domainProblem} to reject.
 */
export function canonicalName(name: string): string {
	if (CANONICAL.test(name)) return name;
	return decodeOctal(name)
		.split(/[.\u3002\uff0e\uff61]/)
		.map(canonicalLabel)
		.join(".")
		.replace(/(?<!\.)\.$/, "");
}

function canonicalLabel(label: string): string {
	const lower = label.replace(/[A-Z]+/g, (capitals) => capitals.toLowerCase());
	if (!/^(?:[a-z0-9_*-]|[^\0-\x7f])*$/.test(lower) || !/[^\0-\x7f]/.test(lower)) return lower;
	// A second label keeps the URL standard from reading a label of digits as an IPv4 address.
	const ascii = domainToASCII(`${lower}.invalid`).replace(/\.invalid$/, "");
	return /^[a-z0-9_*-]+$/.test(ascii) ? ascii : lower;
}

/** Whether two spellings mean the same name. */
export function sameName(a: string, b: string): boolean {
	return canonicalName(a) === canonicalName(b);
}

/** Whether `name` is `zone` itself or lies below it. Everything lies within the root (`""` or `"."`). */
export function isWithin(name: string, zone: string): boolean {
	const apex = canonicalName(zone);
	return apex === "" || `.${canonicalName(name)}`.endsWith(`.${apex}`);
}

/** The name itself, then each parent up to the top-level domain: `a.b.c` gives `a.b.c`, `b.c`, `c`. */
export function ancestors(name: string): string[] {
	const labels = canonicalName(name).split(".").filter(Boolean);
	return labels.map((_, index) => labels.slice(index).join("."));
}

/** A name that nobody has, below another one: what it is answered is a wildcard's (RFC 4592, 3.3.1). */
export const madeUpBelow = (...parent: string[]): string =>
	["nobody-has-this-name-k7q2x", ...parent].join(".");

/** The same beside another one. */
export const besides = (name: string): string => madeUpBelow(...ancestors(name).slice(1, 2));

/**
 * Why a string is no acceptable mail domain, in words for the person who wrote it; undefined if it is one.
 * Acceptable is a host name in ASCII of at least two labels and at most 209 characters, without a trailing dot, letters
 * in either case.
 * Give it the {@link canonicalName} where other spellings are welcome.
 */
export function domainProblem(name: string): string | undefined {
	if (name === "") return "is empty; give a domain such as mail.example.com";
	if (isIP(name.replace(/^\[(.*)\]$/, "$1")) !== 0)
		return `is an IP address (${name}); give a domain such as mail.example.com`;
	if (/[^\0-\x7f]/.test(name)) {
		const ascii = canonicalName(name);
		const hint = ascii !== name && domainProblem(ascii) === undefined ? `: ${ascii}` : "";
		return `holds characters outside ASCII; write it in punycode${hint}`;
	}
	if (name.includes("://")) return "is a URL; give the host name alone, such as mail.example.com";
	if (name.includes("@")) return "is an e-mail address; give the part after the @";
	if (name.length > MAX_NAME_LENGTH)
		return `is ${name.length} characters long; a domain has at most ${MAX_NAME_LENGTH}`;
	if (name.length > MAX_DOMAIN_LENGTH)
		return (
			`is ${name.length} characters long; a mail domain has at most ${MAX_DOMAIN_LENGTH}, because the names of its DKIM ` +
			`records are ${DKIM_PREFIX_LENGTH} longer and DNS carries ${MAX_NAME_LENGTH}`
		);
	if (name.endsWith(".")) return "ends in a dot; write it without";
	const labels = name.split(".");
	for (const label of labels) {
		const problem = labelProblem(label);
		if (problem !== undefined) return problem;
	}
	const last = labels.at(-1) ?? "";
	if (labels.length < 2) return `is a single label (${name}); give a full domain such as mail.example.com`;
	// The same rule by which the URL standard recognises IPv4 addresses, which a top-level domain never meets.
	if (/^(?:\d+|0x[0-9a-f]*)$/i.test(last)) return `ends in a number (${last}), as only an IP address does`;
	return undefined;
}

/** Why a text is no label to put before a mail domain, in words that follow it; undefined if it is one. */
export const prefixProblem = (text: string): string | undefined =>
	text.includes(".") ? "has a dot in it" : domainProblem(`${text}.example.com`);

function labelProblem(label: string): string | undefined {
	if (label === "") return "has an empty label (two dots in a row, or one at the start)";
	if (label.length > MAX_LABEL_LENGTH)
		return `has a label of ${label.length} characters (${label.slice(0, 20)}…); a label has at most ${MAX_LABEL_LENGTH}`;
	const odd = /[^a-z0-9-]/i.exec(label)?.[0];
	if (odd !== undefined)
		return `has ${JSON.stringify(odd)} in its label ${JSON.stringify(label)}; only letters, digits and hyphens may stand there`;
	if (label.startsWith("-") || label.endsWith("-"))
		return `has a label that begins or ends with a hyphen (${label})`;
	return undefined;
}

/**
 * Undoes Route 53's escapes (`\052.example.com` → `*.example.com`) where the result is a printable ASCII
 * character. A dot or backslash inside a label, and bytes outside ASCII, stay escaped, so that nothing is lost;
 * so does a digit, which nobody needs to escape and which could complete another escape.
 */
export function decodeOctal(name: string): string {
	return name.replace(/\\([0-3][0-7]{2})/g, (escaped, digits: string) => {
		const character = String.fromCharCode(Number.parseInt(digits, 8));
		return /^[!-~]$/.test(character) && !/[.\\0-9]/.test(character) ? character : escaped;
	});
}

/**
 * Spells a name as Route 53 lists it: every byte but letters, digits, `-`, `_` and the separating dots
 * as `\ooo` (AWS: "DNS domain name format"). Escapes that are already there stay; case is kept.
 */
export function encodeOctal(name: string): string {
	return name.replace(/\\[0-3][0-7]{2}|[^a-zA-Z0-9_.-]/gu, (match) =>
		match.length === 4 && match.startsWith("\\")
			? match
			: [...Buffer.from(match)].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join(""),
	);
}
