import { isIPv4, isIPv6 } from "node:net";
import type { Answer } from "dns-packet";
import { parseName, SyntaxProblem } from "./names.js";

/** https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html */
export const recordTypes = [
	"A",
	"AAAA",
	"CAA",
	"CNAME",
	"DS",
	"HTTPS",
	"MX",
	"NAPTR",
	"NS",
	"PTR",
	"SOA",
	"SPF",
	"SRV",
	"SSHFP",
	"SVCB",
	"TLSA",
	"TXT",
] as const;
export type RecordType = (typeof recordTypes)[number];

/** The longest TXT value Route 53 takes, all its strings together. */
const longestText = 4000;

/**
 * One resource record from a value as Route 53 writes it.
 * @returns undefined for the types that are only checked and not served: HTTPS, SVCB and SPF
 * @throws SyntaxProblem when Route 53 would refuse the value
 */
export function resourceRecord(
	name: string,
	type: RecordType,
	ttl: number,
	value: string,
): Answer | undefined {
	const record = { name: name.slice(0, -1), ttl };
	switch (type) {
		case "A":
			if (!isIPv4(value)) {
				throw new SyntaxProblem("ARRDATAIllegalIPv4Address", "Value is not a valid IPv4 address", value);
			}
			return { ...record, type, data: value };
		case "AAAA":
			if (!isIPv6(value)) {
				throw new SyntaxProblem("AAAARRDATAIllegalIPv6Address", "Value is not a valid IPv6 address", value);
			}
			return { ...record, type, data: value };
		case "CNAME":
		case "NS":
		case "PTR":
			return { ...record, type, data: hostName(value) };
		case "MX": {
			const [preference, exchange] = fields(value, type, 2);
			return {
				...record,
				type,
				data: { preference: integer(preference, 65_535, value), exchange: hostName(exchange) },
			};
		}
		case "SRV": {
			const [priority, weight, port, target] = fields(value, type, 4);
			const uint16 = (text: string) => integer(text, 65_535, value);
			return {
				...record,
				type,
				data: {
					priority: uint16(priority),
					weight: uint16(weight),
					port: uint16(port),
					target: hostName(target),
				},
			};
		}
		case "SOA": {
			const [mname, rname, ...numbers] = fields(value, type, 7);
			const [serial = 0, refresh = 0, retry = 0, expire = 0, minimum = 0] = numbers.map((text) =>
				integer(text, 0xffffffff, value),
			);
			return {
				...record,
				type,
				data: { mname: hostName(mname), rname: hostName(rname), serial, refresh, retry, expire, minimum },
			};
		}
		case "TXT":
			return { ...record, type, data: characterStrings(value) };
		case "SPF":
			characterStrings(value);
			return undefined;
		case "CAA": {
			const [flags, tag, text] = splitThree(value, type);
			// The library's type lists three of the tags; a zone may hold any.
			return {
				...record,
				type,
				data: {
					flags: integer(flags, 255, value),
					tag,
					value: Buffer.concat(characterStrings(text)).toString("latin1"),
				},
			} as Answer;
		}
		case "NAPTR": {
			const match = /^(\d+) (\d+) (".*?") (".*?") (".*?") (\S+)$/.exec(value);
			if (!match) throw fieldCount(type, 6, value);
			const [, order = "", preference = "", flags = "", services = "", regexp = "", replacement = ""] = match;
			const text = (quoted: string) => Buffer.concat(characterStrings(quoted)).toString("latin1");
			return {
				...record,
				type,
				data: {
					order: integer(order, 65_535, value),
					preference: integer(preference, 65_535, value),
					flags: text(flags),
					services: text(services),
					regexp: text(regexp),
					replacement: hostName(replacement),
				},
			};
		}
		case "DS": {
			const [keyTag, algorithm, digestType, digest] = fields(value, type, 4);
			return {
				...record,
				type,
				data: {
					keyTag: integer(keyTag, 65_535, value),
					algorithm: integer(algorithm, 255, value),
					digestType: integer(digestType, 255, value),
					digest: hex(digest, value),
				},
			};
		}
		case "SSHFP": {
			const [algorithm, hash, fingerprint] = fields(value, type, 3);
			return {
				...record,
				type,
				data: {
					algorithm: integer(algorithm, 255, value),
					hash: integer(hash, 255, value),
					fingerprint: hex(fingerprint, value).toString("hex"),
				},
			};
		}
		case "TLSA": {
			const [usage, selector, matchingType, certificate] = fields(value, type, 4);
			return {
				...record,
				type,
				data: {
					usage: integer(usage, 255, value),
					selector: integer(selector, 255, value),
					matchingType: integer(matchingType, 255, value),
					certificate: hex(certificate, value),
				},
			};
		}
		case "HTTPS":
		case "SVCB": {
			const [priority, target] = value.trim().split(/\s+/);
			if (priority === undefined || target === undefined) throw fieldCount(type, 2, value);
			integer(priority, 65_535, value);
			hostName(target);
			return undefined;
		}
	}
}

/**
 * The strings of a TXT value: each in double quotes, at most 255 octets, with `\"`, `\\` and `\ooo` as escapes, and
 * with or without space between them.
 * @throws SyntaxProblem
 */
function characterStrings(value: string): Buffer[] {
	if (value.length > longestText)
		throw new SyntaxProblem("CharacterStringTooLong", "Value is too long", value);
	const strings: Buffer[] = [];
	const quoted = /\s*"((?:[^"\\]|\\[0-3][0-7]{2}|\\[^0-9])*)"\s*/y;
	while (quoted.lastIndex < value.length || strings.length === 0) {
		const inner = quoted.exec(value)?.[1];
		if (inner === undefined) {
			throw new SyntaxProblem("InvalidCharacterString", "Value should be enclosed in quotation marks", value);
		}
		if (/[^\x20-\x7e]/.test(inner)) {
			throw new SyntaxProblem("UnsupportedCharacter", "Value contains unsupported characters", value);
		}
		const octets = Buffer.from(
			inner.replace(/\\([0-3][0-7]{2}|.)/g, (_, escaped: string) =>
				escaped.length === 3 ? String.fromCharCode(Number.parseInt(escaped, 8)) : escaped,
			),
			"latin1",
		);
		if (octets.length > 255) throw new SyntaxProblem("CharacterStringTooLong", "Value is too long", value);
		strings.push(octets);
	}
	return strings;
}

function hostName(text: string): string {
	if (text === ".") return ".";
	const labels = parseName(text);
	if (labels.length === 0) throw new SyntaxProblem("DomainNameEmpty", "Domain name is empty", text);
	// Case is served as it was written.
	return text.includes("\\") ? labels.join(".") : text.replace(/\.$/, "");
}

function integer(text: string, max: number, value: string): number {
	const number = Number(text);
	if (!/^\d+$/.test(text) || number > max) {
		throw new SyntaxProblem("InvalidInteger", `Value is not a number from 0 to ${max}`, value);
	}
	return number;
}

function hex(text: string, value: string): Buffer {
	if (!/^(?:[0-9a-f]{2})+$/i.test(text))
		throw new SyntaxProblem("InvalidHexString", "Value is not hexadecimal", value);
	return Buffer.from(text, "hex");
}

type Strings<N extends number, Found extends string[] = []> = Found["length"] extends N
	? Found
	: Strings<N, [...Found, string]>;

function fields<N extends number>(value: string, type: RecordType, count: N): Strings<N> {
	const found = value.trim().split(/\s+/);
	if (found.length !== count) throw fieldCount(type, count, value);
	return found as Strings<N>;
}

function splitThree(value: string, type: RecordType): [string, string, string] {
	const [, first, second, rest] = /^(\S+)\s+(\S+)\s+(.+)$/.exec(value.trim()) ?? [];
	if (first === undefined || second === undefined || rest === undefined) throw fieldCount(type, 3, value);
	return [first, second, rest];
}

function fieldCount(type: RecordType, count: number, value: string): SyntaxProblem {
	return new SyntaxProblem(
		`${type}RRDATAWrongNumberOfFields`,
		`${type} record doesn't have ${count} fields`,
		value,
	);
}
