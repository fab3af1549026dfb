import { canonicalName, presentationValue } from "../../dns/index.js";
import type { HostedZone, Sandbox, SimpleRecordSet } from "../../sandbox/index.js";
import type { DnsRecordResponse } from "../../sdk/index.js";

type Route53 = Sandbox["route53"];

/** What others have in the zone of `mail.<name>.test`, at its very names where two may have something. */
const neighbours = (name: string): SimpleRecordSet[] => [
	{ name: `${name}.test`, type: "MX", values: ["10 mx.other.example."] },
	{ name: `${name}.test`, type: "TXT", values: ['"v=spf1 -all"'] },
	{ name: `_dmarc.${name}.test`, type: "TXT", values: ['"v=DMARC1; p=none"'] },
	{ name: `mail.${name}.test`, type: "A", values: ["192.0.2.1"] },
	{ name: `mail.${name}.test`, type: "TXT", ttl: 60, values: ['"other=1"', '"v=spf1 -all"'] },
	{ name: `_dmarc.mail.${name}.test`, type: "TXT", ttl: 60, values: ['"other=2"'] },
	{ name: `other._domainkey.mail.${name}.test`, type: "CNAME", values: ["other.dkim.example."] },
];

/** A hosted zone `<name>.test` in which others have records. */
export function populatedZone(route53: Route53, name: string): HostedZone {
	const zone = route53.createZone(`${name}.test`);
	for (const set of neighbours(name)) route53.put(zone.id, set);
	return zone;
}

type Standing = Record<string, { ttl: number | undefined; values: string[] }>;

/** All that stands in a zone, but for what is the zone's own. */
export function standing(route53: Route53, zoneId: string): Standing {
	const { name } = route53.allZones().find(({ id }) => id === zoneId) ?? { name: "" };
	return Object.fromEntries(
		route53
			.records(zoneId)
			.filter(({ Name, Type }) => Name !== name || !["NS", "SOA"].includes(Type))
			.map(({ Name, Type, TTL, ResourceRecords = [] }) => [
				`${canonicalName(Name)} ${Type}`,
				{ ttl: TTL, values: ResourceRecords.map(({ Value }) => Value).sort() },
			]),
	);
}

/** What should stand there: what others have, and with a setup its records beside it. */
export function wanted(name: string, records: readonly DnsRecordResponse[], ttl = 300): Standing {
	const sets: Standing = {};
	const add = (key: string, ttl: number | undefined, ...values: string[]) => {
		const set = sets[key] ?? { ttl, values: [] };
		sets[key] = { ...set, values: [...set.values, ...values].sort() };
	};
	for (const { name: at, type, ttl: theirs = 300, values } of neighbours(name))
		add(`${at} ${type}`, theirs, ...values);
	for (const record of records) add(`${record.address} ${record.type}`, ttl, presentationValue(record));
	return sets;
}
