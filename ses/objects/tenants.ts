import {
	CreateTenantCommand,
	DeleteTenantCommand,
	GetTenantCommand,
	ListTenantsCommand,
} from "@aws-sdk/client-sesv2";
import type { Deadline } from "../calls/deadline.js";
import { TakenUpstream } from "../calls/errors.js";
import { type Api, required } from "./api.js";
import type { FoundTenant, Owner } from "./found.js";
import { readTags, tagsOf } from "./tags.js";

/** @returns the tenant's ARN. @throws {@link TakenUpstream} */
export async function createTenant(
	api: Api,
	name: string,
	owner: Owner,
	deadline: Deadline,
): Promise<string> {
	const command = new CreateTenantCommand({ TenantName: name, Tags: tagsOf(owner) });
	const made = await api.unless("AlreadyExistsException", "CreateTenant", command, deadline);
	if (made) return required(made.TenantArn, "CreateTenant", "TenantArn");
	// It may be our own from an attempt whose answer was lost: calls are repeated.
	const standing = await findTenant(api, name, deadline);
	// It went between the two calls, as the last of one that is being removed does: the deadline ends this.
	if (!standing) return createTenant(api, name, owner, deadline);
	if (standing.owner !== owner.id) throw new TakenUpstream("tenant", name, standing.owner);
	return standing.arn;
}

/** A tenant by its name, undefined when there is none. */
export async function findTenant(
	api: Api,
	name: string,
	deadline: Deadline,
): Promise<FoundTenant | undefined> {
	const command = new GetTenantCommand({ TenantName: name });
	const found = await api.unless("NotFoundException", "GetTenant", command, deadline);
	return (
		found && {
			name,
			arn: required(found.Tenant?.TenantArn, "GetTenant", "Tenant.TenantArn"),
			...readTags(found.Tenant?.Tags),
			sendingStatus: found.Tenant?.SendingStatus,
		}
	);
}

/** Succeeds where there is none. */
export async function deleteTenant(api: Api, name: string, deadline: Deadline): Promise<void> {
	await api.unless(
		"NotFoundException",
		"DeleteTenant",
		new DeleteTenantCommand({ TenantName: name }),
		deadline,
	);
}

/**
 * Every tenant of the account and region, each asked for its tags.
 * @param deadline for each call
 */
export async function* tenants(api: Api, deadline: () => Deadline): AsyncGenerator<FoundTenant, void, void> {
	let token: string | undefined;
	do {
		using forPage = deadline();
		const page = await api.call(
			"ListTenants",
			new ListTenantsCommand({ PageSize: 100, NextToken: token }),
			forPage,
		);
		for (const { TenantName } of page.Tenants ?? []) {
			using forTenant = deadline();
			const tenant = await findTenant(
				api,
				required(TenantName, "ListTenants", "Tenants.TenantName"),
				forTenant,
			);
			// It may have gone meanwhile.
			if (tenant) yield tenant;
		}
		token = page.NextToken;
	} while (token);
}

/** The ARN of whatever tenant, which tells account and partition; undefined when there is none. */
export async function anyTenantArn(api: Api, deadline: Deadline): Promise<string | undefined> {
	let token: string | undefined;
	do {
		const page = await api.call(
			"ListTenants",
			new ListTenantsCommand({ PageSize: 1, NextToken: token }),
			deadline,
		);
		const [first] = page.Tenants ?? [];
		if (first) return required(first.TenantArn, "ListTenants", "Tenants.TenantArn");
		token = page.NextToken;
	} while (token);
	return undefined;
}
