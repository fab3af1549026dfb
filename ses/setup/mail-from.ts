import type { DnsRecordResponse } from "../../sdk/contract.js";
import { feedbackHost } from "../regions.js";
import type { SetupInSes } from "./setup.js";

/** A MAIL FROM domain: one below the setup's own, by this label. */
export function mailFromDomain(label: string, domain: string): string {
	return `${label}.${domain}`;
}

/** The MAIL FROM domain of a setup; undefined where it has SES's. */
export function mailFromOf({
	mailFrom,
	domain,
}: Pick<SetupInSes, "mailFrom" | "domain">): string | undefined {
	return mailFrom === null ? undefined : mailFromDomain(mailFrom, domain);
}

/** Whether a record of a setup is one of its MAIL FROM domain. */
export function isOfMailFrom(
	setup: Pick<SetupInSes, "mailFrom" | "domain">,
	{ address }: Pick<DnsRecordResponse, "address">,
): boolean {
	return address === mailFromOf(setup);
}

/** What stands before the domain in a MAIL FROM domain, which may be more than one label; undefined where it is not below. */
export function labelOf(mailFrom: string, domain: string): string | undefined {
	return mailFrom.endsWith(`.${domain}`) ? mailFrom.slice(0, -`.${domain}`.length) : undefined;
}

/** The longest name in text form (RFC 1035, 2.3.4: 255 octets on the wire). */
const maxNameLength = 253;

/** Why a domain can have no MAIL FROM domain of this label, as a sentence; undefined where it can. */
export function mailFromProblem(label: string, domain: string): string | undefined {
	const room = maxNameLength - `${label}.`.length;
	if (domain.length <= room) return undefined;
	return `The domain is ${domain.length} characters long; it may have ${room}, because its MAIL FROM domain begins with "${label}." and DNS carries ${maxNameLength}`;
}

/**
 * What a domain's owner publishes for a MAIL FROM domain (Amazon SES developer guide, "Using a custom MAIL FROM domain").
 * Nothing is verified yet.
 */
export function mailFromRecords(address: string, region: string): DnsRecordResponse[] {
	return [
		{ address, record: `10 ${feedbackHost(region)}`, type: "MX", verified: false },
		{ address, record: "v=spf1 include:amazonses.com ~all", type: "TXT", verified: false },
	];
}
