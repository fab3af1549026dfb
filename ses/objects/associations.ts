import {
	CreateTenantResourceAssociationCommand,
	DeleteTenantResourceAssociationCommand,
	ListResourceTenantsCommand,
	ListTenantResourcesCommand,
} from "@aws-sdk/client-sesv2";
import type { Deadline } from "../calls/deadline.js";
import { isMissing } from "../calls/errors.js";
import { repeatWhile } from "../calls/lag.js";
import { type Api, required } from "./api.js";

/** Puts an identity into a tenant. Both stand, or have just been made. */
export async function associate(
	api: Api,
	tenantName: string,
	resourceArn: string,
	deadline: Deadline,
): Promise<void> {
	const command = new CreateTenantResourceAssociationCommand({
		TenantName: tenantName,
		ResourceArn: resourceArn,
	});
	const put = () =>
		api.unless("AlreadyExistsException", "CreateTenantResourceAssociation", command, deadline);
	await repeatWhile(isMissing, put, deadline, api.calls.clock);
}

/** Succeeds where there is no such association, as SES does (github.com/floci-io/floci/pull/2710). */
export async function disassociate(
	api: Api,
	tenantName: string,
	resourceArn: string,
	deadline: Deadline,
): Promise<void> {
	const command = new DeleteTenantResourceAssociationCommand({
		TenantName: tenantName,
		ResourceArn: resourceArn,
	});
	await api.unless("NotFoundException", "DeleteTenantResourceAssociation", command, deadline);
}

/** The names of the tenants that hold a resource. */
export async function tenantsOf(api: Api, resourceArn: string, deadline: Deadline): Promise<string[]> {
	const names: string[] = [];
	let token: string | undefined;
	do {
		const command = new ListResourceTenantsCommand({ ResourceArn: resourceArn, NextToken: token });
		const page = await api.unless("NotFoundException", "ListResourceTenants", command, deadline);
		for (const { TenantName } of page?.ResourceTenants ?? [])
			names.push(required(TenantName, "ListResourceTenants", "ResourceTenants.TenantName"));
		token = page?.NextToken;
	} while (token);
	return names;
}

/** The domains whose identities are in a tenant. */
export async function domainsIn(api: Api, tenantName: string, deadline: Deadline): Promise<string[]> {
	const domains: string[] = [];
	let token: string | undefined;
	do {
		const command = new ListTenantResourcesCommand({
			TenantName: tenantName,
			...(token !== undefined && { NextToken: token }),
		});
		const page = await api.unless("NotFoundException", "ListTenantResources", command, deadline);
		for (const { ResourceArn } of page?.TenantResources ?? []) {
			const arn = required(ResourceArn, "ListTenantResources", "TenantResources.ResourceArn");
			// Templates and configuration sets are associated, too.
			const [, domain] = /^arn:[^/]*:identity\/(.+)$/.exec(arn) ?? [];
			if (domain !== undefined) domains.push(domain);
		}
		token = page?.NextToken;
	} while (token);
	return domains;
}
