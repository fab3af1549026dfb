/** What a Channels API may ask for. It is not trusted with the zone: what it asks for is checked before it is published. */
import { canonicalName, type DnsRecord, isWithin, parseMx } from "../../dns/index.js";
import type { RecordKind } from "./inputs.js";
import { ofKinds } from "./record-kinds.js";

export interface AskedProblem {
	code: "records-unsafe" | "records-unexpected";
	/** By line. */
	message: string[];
}

const mostRecords = 20;
const mostBytes = 4096;

/**
 * Why the records that an API asks for are not to be published, in words for a person; undefined where they are.
 *
 * @param domain the mail domain, from the program.
 * @param kinds which are to be published; undefined where the program does that elsewhere.
 */
export function askedProblem(
	records: readonly DnsRecord[],
	domain: string,
	kinds: readonly RecordKind[] | undefined,
): AskedProblem | undefined {
	const bytes = records.reduce((sum, { address, record }) => sum + Buffer.byteLength(address + record), 0);
	if (records.length > mostRecords || bytes > mostBytes)
		return unsafe(
			`${records.length} records of ${bytes} bytes, and a setup has no more than ${mostRecords} of ${mostBytes}.`,
		);
	for (const record of records) {
		const problem = problemOf(record, canonicalName(domain));
		if (problem !== undefined) return unsafe(`${inWords(record)}: ${problem}.`);
	}
	const others = kinds && !kinds.includes("other") ? ofKinds(records, domain, ["other"]) : [];
	if (others.length === 0) return undefined;
	return {
		code: "records-unexpected",
		message: [
			`The Channels API asks for records that a mail domain does not have as a rule, so nothing is published:`,
			...others.map((record) => `  ${inWords(record)}`),
			'If they are right, list them in route53.records: ["dkim", "mx", "dmarc", "mailFrom", "spf", "token", "other"].',
		],
	};
}

const unsafe = (what: string): AskedProblem => ({
	code: "records-unsafe",
	message: [
		`The Channels API asks for what is published nowhere on its word alone, so nothing is published: ${what} Ask who runs ` +
			"the API (channels:baseUrl).",
	],
});

function problemOf({ address, type, record }: DnsRecord, domain: string): string | undefined {
	if ([address, type, record].some((text) => /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)))
		return "it has control characters in it";
	const name = canonicalName(address);
	if (!isWithin(name, domain)) return `it is neither at ${domain} nor below it`;
	const labels = name.split(".");
	if (labels.includes("*")) return "it is a wildcard, which answers for names that nobody knows";
	// ACME clients make the name of a challenge themselves (RFC 8555, 8.4), and who can answer it gets a certificate.
	if (labels.includes("_acme-challenge")) return "it is a challenge for a certificate";
	if (!isHostName(name)) return "its name is no host name";
	switch (type) {
		case "TXT":
			return record === "" ? "it has no text" : undefined;
		case "CNAME":
			return isHostName(canonicalName(record)) ? undefined : "its target is no host name";
		case "MX": {
			const { priority = Number.NaN, host = "" } = parseMx(record) ?? {};
			return priority <= 65_535 && isHostName(host) ? undefined : "its value is no priority and host name";
		}
		default:
			return "only CNAME, MX and TXT records are published";
	}
}

/** Of labels that a zone file needs no escapes for. */
const isHostName = (name: string) =>
	name.length <= 253 &&
	name.split(".").every((label) => /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label));

const inWords = ({ address, type, record }: DnsRecord) => `${type} ${address} ${JSON.stringify(record)}`;
