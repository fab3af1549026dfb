import type { Deadline } from "../calls/deadline.js";
import { HeldUpstream, isStillHeld, UpstreamError } from "../calls/errors.js";
import { repeatWhile, stillMissing } from "../calls/lag.js";
import { releaseIdentity } from "./adoption.js";
import type { Api } from "./api.js";
import { findIdentityArn, identityArn } from "./arns.js";
import { disassociate, tenantsOf } from "./associations.js";
import type { FoundIdentity, FoundTenant, SetupNames } from "./found.js";
import { deleteIdentity, findIdentity } from "./identities.js";
import { deleteTenant, findTenant } from "./tenants.js";

/** The tenant of a setup that is removed: its name, and what SES has of the name. */
interface OwnTenant {
	readonly name: string | undefined;
	readonly found: FoundTenant | undefined;
	/** False where the name is another's. */
	readonly isOurs: boolean;
}

/** Between two looks for what should be there, in milliseconds. */
const lookPauseMs = 1_500;

/**
 * Takes down the identity and the tenant, as far as they are the owner's. Nobody else works on the owner's meanwhile.
 * An identity that was adopted stays as it was before.
 * @param looks so many have to say that one of the two is not there or another's: where both should be the owner's, it may
 * be the news of that which has not spread
 * @returns whether anything was the owner's.
 * @throws {@link HeldUpstream} before either is taken down.
 */
export async function remove(
	api: Api,
	{ tenantName, domain }: SetupNames,
	owner: string,
	deadline: Deadline,
	looks = 1,
): Promise<boolean> {
	let found: FoundTenant | undefined;
	let identity: FoundIdentity | undefined;
	for (let look = 1; ; look += 1) {
		if (tenantName !== undefined && found?.owner !== owner)
			found = await findTenant(api, tenantName, deadline);
		if (domain !== undefined && identity?.owner !== owner)
			identity = await findIdentity(api, domain, deadline);
		if ((found?.owner === owner && identity?.owner === owner) || look >= looks) break;
		await api.calls.clock.sleep(lookPauseMs, deadline.signal).catch(() => {
			throw stillMissing(`setup ${owner}`);
		});
	}
	const tenant = { name: tenantName, found, isOurs: found === undefined || found.owner === owner };
	if (domain !== undefined && identity?.owner === owner) {
		const arn = found ? identityArn(found.arn, domain) : await findIdentityArn(api, domain, deadline);
		if (identity.adopted) await handBack(api, domain, arn, tenant, deadline);
		else await removeIdentity(api, domain, arn, tenant, deadline);
	}
	// SES takes the associations that are left away with the tenant (API reference, DeleteTenant).
	if (tenantName !== undefined && found?.owner === owner) await deleteTenant(api, tenantName, deadline);
	return found?.owner === owner || identity?.owner === owner;
}

/** The tags go before the tenant: without any tenant there may be no ARN to name the identity by. */
async function handBack(
	api: Api,
	domain: string,
	arn: string | undefined,
	{ name, found, isOurs }: OwnTenant,
	deadline: Deadline,
): Promise<void> {
	if (arn === undefined)
		throw new UpstreamError(
			"limited",
			"UntagResource",
			`nothing tells the AWS account of the identity ${domain}, so its tags cannot be taken away`,
		);
	if (name !== undefined && found !== undefined && isOurs) await disassociate(api, name, arn, deadline);
	await releaseIdentity(api, arn, deadline);
}

/**
 * SES deletes no identity that is in a tenant (github.com/ekristen/aws-nuke/issues/962), and may take it to be in
 * one for a while after it was taken out: so it is asked again until the deadline.
 * @param arn undefined where there is no tenant at all, so that none holds the identity
 */
async function removeIdentity(
	api: Api,
	domain: string,
	arn: string | undefined,
	{ name, found, isOurs }: OwnTenant,
	deadline: Deadline,
): Promise<void> {
	const takeDown = async () => {
		if (arn !== undefined) {
			const holders = await tenantsOf(api, arn, deadline);
			// A tenant that is gone holds nothing: it is listed until the news has spread.
			const others = holders.filter((holder) => !isOurs || holder !== name);
			if (others.length > 0) throw new HeldUpstream(arn, others);
			// Listed or not, as the list may lag behind.
			if (name !== undefined && found !== undefined && isOurs) await disassociate(api, name, arn, deadline);
		}
		await deleteIdentity(api, domain, deadline);
	};
	await repeatWhile(isStillHeld, takeDown, deadline, api.calls.clock);
}
