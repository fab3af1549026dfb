import type { DnsRecordResponse } from "../../sdk/contract.js";
import type { Deadline } from "../calls/deadline.js";
import type { Ses } from "../objects/ses.js";
import { mailFromDomain, mailFromRecords } from "./mail-from.js";
import { type DmarcPolicy, dnsRecords } from "./records.js";
import type { SetupInSes } from "./setup.js";

/**
 * Makes what a setup has in SES. Each step may be repeated, so the whole may be, wherever it was interrupted.
 * @param own makes what may be taken: whoever keeps setups may clear away what a removed one of theirs left, and try again
 * @returns the records that the domain's owner publishes
 */
export async function makeInSes(
	ses: Ses,
	setup: Omit<SetupInSes, "dnsRecords">,
	{ dmarcPolicy, deadline }: { readonly dmarcPolicy: DmarcPolicy; readonly deadline: Deadline },
	own: <Made>(make: () => Promise<Made>) => Promise<Made> = (make) => make(),
): Promise<DnsRecordResponse[]> {
	const { tenantName, domain, mailFrom } = setup;
	const tenantArn = await own(() => ses.createTenant(tenantName, setup, deadline));
	const dkim = await own(() => ses.createIdentity(domain, setup, deadline));
	if (mailFrom !== null)
		await ses.setMailFrom(domain, { domain: mailFromDomain(mailFrom, domain) }, deadline);
	await ses.associate(tenantName, tenantArn, domain, deadline);
	return [
		...dnsRecords(domain, dkim, ses.region, dmarcPolicy),
		...(mailFrom === null ? [] : mailFromRecords(mailFrom, domain, ses.region)),
	];
}
