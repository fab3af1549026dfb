import { TagResourceCommand, UntagResourceCommand } from "@aws-sdk/client-sesv2";
import type { Deadline } from "../calls/deadline.js";
import { isMissing, TakenUpstream } from "../calls/errors.js";
import { repeatWhile } from "../calls/lag.js";
import type { Api } from "./api.js";
import { identityArn } from "./arns.js";
import type { FoundIdentity, Owner } from "./found.js";
import { findIdentity } from "./identities.js";
import { ownTags, readTags, tagsOf } from "./tags.js";

/**
 * Takes an identity over that stood before: our tags are all that it gets.
 * @throws {@link TakenUpstream} when a setup has it, or there is none
 */
export async function adoptIdentity(
	api: Api,
	domain: string,
	owner: Owner,
	tenantArn: string,
	deadline: Deadline,
): Promise<FoundIdentity> {
	const found = await findIdentity(api, domain, deadline);
	if (found === undefined) throw new TakenUpstream("identity", domain, readTags([]));
	if (found.owner === owner.id) return found;
	if (found.owner !== undefined) throw new TakenUpstream("identity", domain, found);
	const Tags = tagsOf(owner, { isAdopted: true });
	const command = new TagResourceCommand({ ResourceArn: identityArn(tenantArn, domain), Tags });
	const tag = () => api.call("TagResource", command, deadline);
	await repeatWhile(isMissing, tag, deadline, api.calls.clock);
	return { ...found, ...readTags(Tags) };
}

/** Takes our tags from an identity, and leaves it as it was. Succeeds where it is gone, or has none. */
export async function releaseIdentity(api: Api, arn: string, deadline: Deadline): Promise<void> {
	const command = new UntagResourceCommand({ ResourceArn: arn, TagKeys: [...ownTags] });
	await api.unless("NotFoundException", "UntagResource", command, deadline);
}
