import type { DnsRecordResponse } from "../../sdk/contract.js";
import type { Dkim } from "../objects/found.js";
import { inboundHost } from "../regions.js";

export const dmarcPolicies = ["none", "quarantine", "reject"] as const;
export type DmarcPolicy = (typeof dmarcPolicies)[number];

/** What a domain's owner publishes: three DKIM CNAMEs, then MX, then DMARC. Nothing is verified yet. */
export function dnsRecords(
	domain: string,
	dkim: Dkim,
	region: string,
	dmarcPolicy: DmarcPolicy,
): DnsRecordResponse[] {
	return [
		...dkim.tokens.map((token) => ({
			address: `${token}._domainkey.${domain}`,
			record: `${token}.${dkim.signingHostedZone}`,
			type: "CNAME" as const,
			verified: false,
		})),
		{ address: domain, record: `10 ${inboundHost(region)}`, type: "MX", verified: false },
		{ address: `_dmarc.${domain}`, record: `v=DMARC1; p=${dmarcPolicy}`, type: "TXT", verified: false },
	];
}
