import type { DnsRecordResponse } from "../../sdk/contract.js";
import type { Dkim, FoundIdentity } from "../objects/found.js";
import { inboundHost, inboundRegions } from "../regions.js";
import { labelOf, mailFromRecords } from "./mail-from.js";

export const dmarcPolicies = ["none", "quarantine", "reject"] as const;
export type DmarcPolicy = (typeof dmarcPolicies)[number];

/** What setups ask for beside what follows from their identities. */
export interface RecordOptions {
	readonly dmarcPolicy: DmarcPolicy;
	/** False where the domain is to receive no mail by SES. It has no MX record where SES receives none, either. */
	readonly mx?: boolean | undefined;
}

/**
 * What the owner of an identity's domain publishes: three CNAMEs for SES's own DKIM keys, then MX, then DMARC, then what its
 * MAIL FROM domain needs. Nothing is verified yet.
 */
export function dnsRecords(
	{
		domain,
		dkim,
		mailFrom,
	}: Pick<FoundIdentity, "domain"> & {
		readonly dkim: Pick<Dkim, "origin" | "tokens" | "signingHostedZone">;
		readonly mailFrom: { readonly domain: string } | undefined;
	},
	region: string,
	{ dmarcPolicy, mx = true }: RecordOptions,
): DnsRecordResponse[] {
	const unverified = { verified: false };
	return [
		...(hasKeysOfSes(dkim) ? dkim.tokens : []).map((token) => ({
			address: `${token}._domainkey.${domain}`,
			record: `${token}.${dkim.signingHostedZone}`,
			type: "CNAME" as const,
			...unverified,
		})),
		...(mx && inboundRegions.includes(region)
			? [{ address: domain, record: `10 ${inboundHost(region)}`, type: "MX" as const, ...unverified }]
			: []),
		{ address: `_dmarc.${domain}`, record: `v=DMARC1; p=${dmarcPolicy}`, type: "TXT", ...unverified },
		...(mailFrom && labelOf(mailFrom.domain, domain) !== undefined
			? mailFromRecords(mailFrom.domain, region)
			: []),
	];
}

/** Whether SES has made the keys, here or for the domain's identity in another region. */
export function hasKeysOfSes({ origin, tokens }: Pick<Dkim, "origin" | "tokens">): boolean {
	return origin !== "EXTERNAL" && tokens.length === 3;
}
