import {
	CreateTenantCommand,
	DeleteTenantCommand,
	GetTenantCommand,
	ListTenantsCommand,
	type Tenant,
} from "@aws-sdk/client-sesv2";
import type { Deadline } from "../calls/deadline.js";
import { TakenUpstream } from "../calls/errors.js";
import { type Api, required } from "./api.js";
import type { FoundTenant, Owner } from "./found.js";
import { readTags, tagsOf } from "./tags.js";

/** @throws {@link TakenUpstream} */
export async function createTenant(
	api: Api,
	name: string,
	owner: Owner,
	deadline: Deadline,
): Promise<FoundTenant> {
	const tenant = await api.makeOrFind(
		`tenant ${name}`,
		async () => {
			const command = new CreateTenantCommand({ TenantName: name, Tags: tagsOf(owner) });
			const made = await api.unless("AlreadyExistsException", "CreateTenant", command, deadline);
			// Its answer has the tags where it has been told to.
			return made && { ...toTenant(name, made, "CreateTenant"), ...readTags(tagsOf(owner)) };
		},
		() => readTenant(api, name, deadline),
		deadline,
	);
	if (tenant.owner !== owner.id) throw new TakenUpstream("tenant", name, tenant);
	return tenant;
}

/** A tenant by its name, undefined when there is none. */
export function findTenant(api: Api, name: string, deadline: Deadline): Promise<FoundTenant | undefined> {
	return api.sightings.find(`tenant ${name}`, () => readTenant(api, name, deadline), deadline);
}

async function readTenant(api: Api, name: string, deadline: Deadline): Promise<FoundTenant | undefined> {
	const command = new GetTenantCommand({ TenantName: name });
	const found = await api.unless("NotFoundException", "GetTenant", command, deadline);
	return found && toTenant(name, found.Tenant, "GetTenant");
}

function toTenant(name: string, tenant: Tenant | undefined, operation: string): FoundTenant {
	return {
		name,
		arn: required(tenant?.TenantArn, operation, "TenantArn"),
		createdAt: tenant?.CreatedTimestamp,
		sendingStatus: tenant?.SendingStatus,
		...readTags(tenant?.Tags),
	};
}

/** Succeeds where there is none. */
export async function deleteTenant(api: Api, name: string, deadline: Deadline): Promise<void> {
	const command = new DeleteTenantCommand({ TenantName: name });
	// Before it is sent: the answer may be lost.
	api.sightings.taken(`tenant ${name}`);
	await api.unless("NotFoundException", "DeleteTenant", command, deadline);
}

/**
 * Every tenant of the account and region, each asked for its tags.
 * @param deadline for each call
 */
export async function* tenants(api: Api, deadline: () => Deadline): AsyncGenerator<FoundTenant, void, void> {
	let token: string | undefined;
	do {
		using forPage = deadline();
		const command = new ListTenantsCommand({ PageSize: 100, NextToken: token });
		const page = await api.call("ListTenants", command, forPage);
		for (const { TenantName } of page.Tenants ?? []) {
			using forTenant = deadline();
			const name = required(TenantName, "ListTenants", "Tenants.TenantName");
			const tenant = await readTenant(api, name, forTenant);
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
		const command = new ListTenantsCommand({ PageSize: 1, NextToken: token });
		const page = await api.call("ListTenants", command, deadline);
		const [first] = page.Tenants ?? [];
		if (first) return required(first.TenantArn, "ListTenants", "Tenants.TenantArn");
		token = page.NextToken;
	} while (token);
	return undefined;
}
