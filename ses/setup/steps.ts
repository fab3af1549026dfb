import type { DnsRecordResponse } from "../../sdk/contract.js";
import type { Deadline } from "../calls/deadline.js";
import type { FoundIdentity, FoundTenant, Owner } from "../objects/found.js";
import type { Ses } from "../objects/ses.js";
import { mailFromDomain } from "./mail-from.js";
import { dnsRecords, type RecordOptions } from "./records.js";
import type { SetupInSes } from "./setup.js";

export type NewInSes = Owner & Omit<SetupInSes, "dnsRecords">;

interface MakeOptions {
	readonly deadline: Deadline;
	readonly isAdopted?: boolean;
}

export interface MadeInSes {
	readonly tenant: FoundTenant;
	readonly identity: FoundIdentity;
	/** What the domain's owner publishes. */
	readonly dnsRecords: DnsRecordResponse[];
}

/**
 * Makes what a setup has in SES. Each step may be repeated, so the whole may be, wherever it was interrupted. An identity
 * that the setup has adopted is left as it is.
 * @param isAdopted whether an identity that stands is taken over, and none made
 * @param step runs each: whoever keeps setups may clear away what a removed one of theirs left, and try again
 * @throws TakenUpstream where another has one of the names, or the identity to adopt is gone
 */
export async function makeInSes(
	ses: Ses,
	setup: NewInSes,
	{ deadline, isAdopted = false, ...asked }: RecordOptions & MakeOptions,
	step: <Made>(make: () => Promise<Made>) => Promise<Made> = (make) => make(),
): Promise<MadeInSes> {
	const { tenantName, domain, mailFrom } = setup;
	const tenant = await step(() => ses.createTenant(tenantName, setup, deadline));
	let identity = await step(() =>
		isAdopted
			? ses.adoptIdentity(domain, setup, tenant.arn, deadline)
			: ses.createIdentity(domain, setup, deadline),
	);
	if (mailFrom !== null && !identity.adopted) {
		const wanted = { domain: mailFromDomain(mailFrom, domain) };
		await step(() => ses.setMailFrom(domain, wanted, deadline));
		identity = { ...identity, mailFrom: { ...wanted, status: "PENDING", behavior: "USE_DEFAULT_VALUE" } };
	}
	await step(() => ses.associate(tenantName, tenant.arn, domain, deadline));
	return { tenant, identity, dnsRecords: dnsRecords(identity, ses.region, asked) };
}
