import type { RecordSet } from "../../../dns/index.js";
import type { RecordSetState, WrittenRecordSet } from "../../../provider/shapes.js";

/** The values of a mail setup for mail.acme.com, as a plan sees them. */
export const domain = "mail.acme.com";
export const dmarcName = `_dmarc.${domain}`;
export const dkimName = `token._domainkey.${domain}`;
export const inbound = "10 inbound-smtp.us-east-1.amazonaws.com";
export const dkimTarget = "token.dkim.amazonses.com";
export const policy = '"v=DMARC1; p=none;"';

export const wantMx: RecordSet = { name: domain, type: "MX", ttl: 300, values: [inbound] };
export const wantDmarc: RecordSet = { name: dmarcName, type: "TXT", ttl: 300, values: [policy] };
export const wantDkim: RecordSet = { name: dkimName, type: "CNAME", ttl: 300, values: [dkimTarget] };

/** A record set as it stands in a zone. */
export const standing = (name: string, type: string, values: string[], ttl = 3600): RecordSetState => ({
	name,
	type,
	ttl,
	values,
});

export const weighted = (name: string, type: string, values: string[], id: string): RecordSetState => ({
	...standing(name, type, values),
	rest: { SetIdentifier: id, Weight: 1 },
});

export const alias = (name: string, type: string, target: string): RecordSetState => ({
	name,
	type,
	values: [],
	rest: { AliasTarget: { HostedZoneId: "Z1", DNSName: target, EvaluateTargetHealth: false } },
});

/** What state says of a set that holds nothing but ours. */
export const ours = (want: RecordSet, more: Partial<WrittenRecordSet> = {}): WrittenRecordSet => ({
	name: want.name,
	type: want.type,
	ttl: 300,
	values: want.values,
	others: [],
	...more,
});
