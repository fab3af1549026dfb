import { canonicalName, isWithin } from "./names.js";
import { type DnsRecord, toRecordSets } from "./records.js";
import { shown } from "./shown.js";
import { formatZoneFileTxt, joinTxt } from "./txt.js";
import { parseMx } from "./values.js";

/** A record that no zone can hold, so that what stands in it could be read as more than that. */
export class RecordError extends Error {
	override readonly name = "RecordError";
	/** By which the troubleshooting page has it. */
	readonly code = "record-invalid";
}

/**
 * Records as lines of a zone file (RFC 1035, 5), ready for `$INCLUDE` or the import of a DNS provider.
 * @param options.origin zone to which names are written relative; without it every name is absolute
 * @param options.ttl seconds
 * @throws RecordError where the name of one is none, or what should be a host is none
 */
export function toZoneFile(records: readonly DnsRecord[], options: { origin?: string; ttl: number }): string {
	const origin = options.origin === undefined ? undefined : canonicalName(options.origin);
	if (origin && !NAME.test(origin)) throw new RecordError(shown(`${JSON.stringify(origin)} is no zone`));
	const lines = origin === undefined ? [] : [`$ORIGIN ${origin}.`];
	// The TTL stands in each line: some readers take a name that begins with a digit for one.
	for (const { name, type, values } of toRecordSets(records, options.ttl)) {
		if (!NAME.test(name)) throw unwritable(type, name, "its name");
		for (const value of values)
			lines.push(
				`${ownerName(name, origin)}\t${options.ttl}\tIN\t${type}\t${rdata(name, type, value)}${attributes(type)}`,
			);
	}
	return `${lines.join("\n")}\n`;
}

/**
 * What stands for itself in a zone file: of everything else some character means something there (RFC 1035, 5.1). SES's
 * own names have underscores.
 */
const NAME = /^(?:\*\.)?[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/;
const HOST = /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/;

const unwritable = (type: string, name: string, what: string) =>
	new RecordError(shown(`${type} ${name} cannot stand in a zone file: ${what} is no host name`));

/**
 * A comment to everyone but Cloudflare, whose import proxies what can be proxied unless it is told otherwise, and whose
 * exports mark what is not proxied like this (developers.cloudflare.com/dns/manage-dns-records/how-to/import-and-export,
 * "DNS record attributes"). Of a proxied CNAME nobody sees the target.
 */
const attributes = (type: string) => (type === "CNAME" ? " ; cf_tags=cf-proxied:false" : "");

function ownerName(name: string, origin: string | undefined): string {
	if (origin === undefined || origin === "" || !isWithin(name, origin)) return `${name}.`;
	return name === origin ? "@" : name.slice(0, -origin.length - 1);
}

function rdata(name: string, type: string, value: string): string {
	// Printed in a pipeline, `##[` would be a command to it.
	if (type === "TXT") return formatZoneFileTxt(joinTxt(value)).replace(/#(?=#)/g, "\\035");
	const host = type === "MX" ? parseMx(value)?.host : canonicalName(value);
	// The null MX has none (RFC 7505).
	if (type === "MX" && host === "") return value;
	if (host === undefined || !HOST.test(host)) throw unwritable(type, name, JSON.stringify(value));
	return `${value}.`;
}
