import { badRequest, notFound } from "./errors.js";

/** What a tenant may be associated with, as it stands in an ARN. */
export interface Associable {
	readonly kind: "identity" | "configuration-set" | "template";
	readonly name: string;
}

interface Where {
	readonly region: string;
	readonly account: string;
}

/** `arn:<partition>:<service>:<region>:<account>:<kind>/<name>` */
const shape =
	/^arn:[^:]*:(?<service>[^:]*):(?<region>[^:]*):(?<account>[^:]*):(?<kind>[^/]*)(?:\/(?<name>.*))?$/;

interface Parts extends Where {
	readonly kind: string;
	readonly name: string;
}

/** @throws ServiceError BadRequestException, in the words that a probe of AWS met (github.com/floci-io/floci/pull/2710) */
export function resourceArn(arn: string): Parts {
	const parts = shape.exec(arn)?.groups;
	if (!parts) throw badRequest("Provided resource identifier is not an SES resource");
	const { service, region = "", account = "", kind = "", name = "" } = parts;
	if (service !== "ses") throw badRequest("Provided ARN is not in SES resource ARN format");
	return { region, account, kind, name };
}

/** Reads the ARN of an association, for one account in one region; refuses in the order of that probe. */
export function readAssociable(arn: string, { region, account }: Where): Associable {
	const parts = resourceArn(arn);
	const { kind, name } = parts;
	if (kind !== "identity" && kind !== "configuration-set" && kind !== "template")
		throw badRequest(`Unsupported resource type: ${kind}`);
	if (name === "") throw badRequest("Provided resource identifier is not an SES resource");
	if (parts.region !== region) throw badRequest(`Resource <${arn}> must be in the same region`);
	if (parts.account !== account) throw badRequest(`Resource <${arn}> must be in the same account`);
	return { kind, name };
}

/**
 * Refuses the ARN of what is tagged where it is another account's, or, with that message, another region's
 * (github.com/floci-io/floci/pull/2589: tried on AWS).
 */
export function refuseForeign(arn: string, { region, account }: Where, inOtherRegion?: string): void {
	const parts = resourceArn(arn);
	if (parts.account !== account)
		throw badRequest("Operations on a resource created in a different account is not allowed");
	if (inOtherRegion !== undefined && parts.region !== region) throw badRequest(inOtherRegion);
}

/** That something is not there, as the operations on tags say it (github.com/floci-io/floci/pull/760 and pull/2832). */
export function noneTagged({ kind, name }: Parts): Error {
	if (kind === "tenant") {
		const [id = "", tenant = "null"] = name.split("/").reverse();
		// The missing blank is AWS's.
		return notFound(`No Tenant present with name: ${tenant}with tenantId: ${id}`);
	}
	if (kind === "configuration-set") return notFound(`No ConfigurationSet present with name: ${name}`);
	return notFound(`No EmailIdentity present with name: ${name}`);
}
