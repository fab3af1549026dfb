import type { Deadline } from "../calls/deadline.js";
import { HeldUpstream, isStillHeld } from "../calls/errors.js";
import type { Api } from "./api.js";
import { disassociate, identityArn, tenantsOf } from "./associations.js";
import type { FoundTenant, SetupNames } from "./found.js";
import { deleteIdentity, findIdentity } from "./identities.js";
import { anyTenantArn, deleteTenant, findTenant } from "./tenants.js";

/**
 * Takes down the identity and the tenant, as far as they are the owner's. Nobody else works on the owner's meanwhile.
 * @throws {@link HeldUpstream} before either is taken down.
 */
export async function remove(
	api: Api,
	{ tenantName, domain }: SetupNames,
	owner: string,
	deadline: Deadline,
): Promise<void> {
	const tenant = tenantName === undefined ? undefined : await findTenant(api, tenantName, deadline);
	const identity = domain === undefined ? undefined : await findIdentity(api, domain, deadline);
	if (domain !== undefined && identity?.owner === owner)
		await removeIdentity(api, domain, { name: tenantName, found: tenant }, owner, deadline);
	// SES takes the associations that are left away with the tenant (API reference, DeleteTenant).
	if (tenantName !== undefined && tenant?.owner === owner) await deleteTenant(api, tenantName, deadline);
}

/**
 * SES deletes no identity that is in a tenant (github.com/ekristen/aws-nuke/issues/962), and may take it to be in
 * one for a while after it was taken out: so it is asked again until the deadline.
 */
async function removeIdentity(
	api: Api,
	domain: string,
	{ name: tenantName, found: tenant }: { name: string | undefined; found: FoundTenant | undefined },
	owner: string,
	deadline: Deadline,
): Promise<void> {
	// Where there is no tenant at all, none holds the identity.
	const tenantArn = tenant?.arn ?? (await anyTenantArn(api, deadline));
	const arn = tenantArn && identityArn(tenantArn, domain);
	for (let pauseMs = 250; ; pauseMs = Math.min(2 * pauseMs, 4_000)) {
		if (arn !== undefined) {
			const holders = await tenantsOf(api, arn, deadline);
			// A tenant that is gone holds nothing: it is listed until the news has spread.
			const isOurs = tenant === undefined || tenant.owner === owner;
			const others = holders.filter((name) => !isOurs || name !== tenantName);
			if (others.length > 0) throw new HeldUpstream(arn, others);
			// Listed or not, as the list may lag behind.
			if (tenantName !== undefined && tenant !== undefined && isOurs)
				await disassociate(api, tenantName, arn, deadline);
		}
		try {
			await deleteIdentity(api, domain, deadline);
			return;
		} catch (error) {
			if (!isStillHeld(error)) throw error;
			await api.calls.clock.sleep(pauseMs, deadline.signal).catch(() => {
				throw error;
			});
		}
	}
}
