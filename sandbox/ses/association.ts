import { badRequest } from "./errors.js";

/** What a tenant may be associated with, as it stands in an ARN. */
export interface Associable {
	readonly kind: "identity" | "configuration-set" | "template";
	readonly name: string;
}

/** `arn:<partition>:<service>:<region>:<account>:<kind>/<name>` */
const shape =
	/^arn:[^:]*:(?<service>[^:]*):(?<region>[^:]*):(?<account>[^:]*):(?<kind>[^/]*)(?:\/(?<name>.*))?$/;

/**
 * Reads the ARN of an association, for one account in one region.
 * @throws ServiceError BadRequestException, in the order and the words that a probe of AWS met
 * (github.com/floci-io/floci/pull/2710)
 */
export function readAssociable(
	arn: string,
	{ region, account }: { region: string; account: string },
): Associable {
	const parts = shape.exec(arn)?.groups;
	if (!parts) throw badRequest("Provided resource identifier is not an SES resource");
	if (parts.service !== "ses") throw badRequest("Provided ARN is not in SES resource ARN format");
	const { kind = "", name = "" } = parts;
	if (kind !== "identity" && kind !== "configuration-set" && kind !== "template")
		throw badRequest(`Unsupported resource type: ${kind}`);
	if (name === "") throw badRequest("Provided resource identifier is not an SES resource");
	if (parts.region !== region) throw badRequest(`Resource <${arn}> must be in the same region`);
	if (parts.account !== account) throw badRequest(`Resource <${arn}> must be in the same account`);
	return { kind, name };
}
