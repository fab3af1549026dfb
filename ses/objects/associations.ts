import {
	CreateTenantResourceAssociationCommand,
	DeleteTenantResourceAssociationCommand,
	ListResourceTenantsCommand,
} from "@aws-sdk/client-sesv2";
import type { Deadline } from "../calls/deadline.js";
import { type Api, required } from "./api.js";

/** SES gives no ARN for an identity; partition, region and account are a tenant's. */
export function identityArn(tenantArn: string, domain: string): string {
	return [...tenantArn.split(":").slice(0, 5), `identity/${domain}`].join(":");
}

/** Puts an identity into a tenant. */
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
	await api.unless("AlreadyExistsException", "CreateTenantResourceAssociation", command, deadline);
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
