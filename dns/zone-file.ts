import { canonicalName, isWithin } from "./names.js";
import { type DnsRecord, toRecordSets } from "./records.js";
import { formatZoneFileTxt, joinTxt } from "./txt.js";

/**
 * Records as lines of a zone file (RFC 1035, 5), ready for `$INCLUDE` or the import of a DNS provider.
 * @param options.origin zone to which names are written relative; without it every name is absolute
 * @param options.ttl seconds
 */
export function toZoneFile(records: readonly DnsRecord[], options: { origin?: string; ttl: number }): string {
	const origin = options.origin === undefined ? undefined : canonicalName(options.origin);
	const lines = origin === undefined ? [] : [`$ORIGIN ${origin}.`];
	// The TTL stands in each line: some readers take a name that begins with a digit for one.
	for (const set of toRecordSets(records, options.ttl))
		for (const value of set.values)
			lines.push(
				`${ownerName(set.name, origin)}\t${options.ttl}\tIN\t${set.type}\t${rdata(set.type, value)}${attributes(set.type)}`,
			);
	return `${lines.join("\n")}\n`;
}

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

function rdata(type: string, value: string): string {
	if (type === "TXT") return formatZoneFileTxt(joinTxt(value));
	return value.endsWith(".") ? value : `${value}.`;
}
