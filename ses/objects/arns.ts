import type { Deadline } from "../calls/deadline.js";
import type { Api } from "./api.js";
import { anyTenantArn } from "./tenants.js";

/** SES gives no ARN for an identity; partition, region and account are a tenant's. */
export function identityArn(tenantArn: string, domain: string): string {
	return [...tenantArn.split(":").slice(0, 5), `identity/${domain}`].join(":");
}

/** The same without a tenant at hand; undefined where nobody knows the account and it has no tenant. */
export async function findIdentityArn(
	api: Api,
	domain: string,
	deadline: Deadline,
): Promise<string | undefined> {
	const account = await api.account();
	if (account !== undefined)
		return `arn:${partitionOf(api.region)}:ses:${api.region}:${account}:identity/${domain}`;
	const tenantArn = await anyTenantArn(api, deadline);
	return tenantArn && identityArn(tenantArn, domain);
}

/** By AWS's reference guide, "AWS Regions and partitions". */
function partitionOf(region: string): string {
	if (region.startsWith("cn-")) return "aws-cn";
	return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
