import type { FoundIdentity, FoundTenant } from "../../../../ses/index.js";
import type { Names } from "../setup.js";

/** What SES has under the names of a setup. */
export interface Look {
	readonly tenant: FoundTenant | undefined;
	readonly identity: FoundIdentity | undefined;
	/** The domains whose identities are in the tenant. */
	readonly domains: readonly string[];
	/** Other tenants that hold the identity. */
	readonly holders: readonly FoundTenant[];
}

/** What is there once some setups have gone: identities that stood before them stay. */
export function withoutGoing(
	{ tenant, identity, domains, holders }: Look,
	going: (id: string) => boolean,
): Look {
	const isGoing = ({ owner }: { owner: string | undefined }) => owner !== undefined && going(owner);
	const isTenantGoing = tenant !== undefined && isGoing(tenant);
	const handedBack = identity?.adopted ? { ...identity, owner: undefined } : undefined;
	return {
		tenant: isTenantGoing ? undefined : tenant,
		identity: identity && isGoing(identity) ? handedBack : identity,
		domains: isTenantGoing ? [] : domains,
		holders: holders.filter((holder) => !isGoing(holder)),
	};
}

/** Whose that is. */
export type Standing =
	| { readonly kind: "free" }
	/** A whole setup of these names. */
	| { readonly kind: "whole"; readonly id: string; readonly workspaceId: string | undefined }
	/** A setup of these names that is not whole. `isOurs`: this very resource has begun to make it. */
	| {
			readonly kind: "half";
			readonly id: string;
			readonly isOurs: boolean;
			readonly since: Date | undefined;
	  }
	/** The identity was made by other hands. `id`: of what this very resource has begun to make beside it. */
	| { readonly kind: "identity of others"; readonly id: string | undefined }
	| { readonly kind: "tenant of others" }
	/** Another setup has one of the two names. */
	| { readonly kind: "taken"; readonly what: "tenant" | "domain"; readonly id: string; readonly by: Names };

/** @param mark of the resource that wants the names. */
export function standingOf(look: Look, names: Names, mark: string): Standing {
	const { tenant, identity, domains, holders } = look;
	if (!tenant && !identity) return { kind: "free" };
	if (tenant && tenant.owner === undefined) return { kind: "tenant of others" };
	const tenantId = tenant?.owner;
	const [other] = domains.filter((domain) => domain !== names.domain);
	if (tenantId !== undefined && identity?.owner !== tenantId && other !== undefined)
		return { kind: "taken", what: "tenant", id: tenantId, by: { ...names, domain: other } };
	const isOurTenant = tenant === undefined || tenant.mark === mark;
	if (identity && identity.owner === undefined && isOurTenant)
		return { kind: "identity of others", id: tenantId };
	const id = identity?.owner;
	const holder = holders.find(({ owner }) => owner === id);
	if (id !== undefined && id !== tenantId && (holder || tenantId !== undefined))
		return {
			kind: "taken",
			what: "domain",
			id,
			by: { ...names, tenant: holder?.name ?? "of another name" },
		};
	const owner = id ?? tenantId ?? "";
	if (id !== undefined && id === tenantId && domains.includes(names.domain))
		return { kind: "whole", id, workspaceId: tenant?.workspaceId };
	const isOurs = isOurTenant && (identity === undefined || identity.mark === mark);
	return { kind: "half", id: owner, isOurs, since: tenant?.createdAt };
}
