import type { Tag } from "@aws-sdk/client-sesv2";
import type { Marks, Owner } from "./found.js";

/** The tag that says which setup a tenant or an identity is of. */
const ownerTag = "channels-setup-id";
/** The tag that says in which workspace that setup is, for the day on which its row is lost. */
const workspaceTag = "channels-workspace-id";
/** The tag by which the maker knows what it has begun. */
const markTag = "channels-create";
/** The tag of what stood before the setup. */
const adoptedTag = "channels-adopted";

/** All that {@link tagsOf} may set. */
export const ownTags: readonly string[] = [ownerTag, workspaceTag, markTag, adoptedTag];

export function tagsOf({ id, workspaceId, mark }: Owner, { isAdopted = false } = {}): Tag[] {
	return [
		{ Key: ownerTag, Value: id },
		{ Key: workspaceTag, Value: workspaceId },
		...(mark === undefined ? [] : [{ Key: markTag, Value: mark }]),
		...(isAdopted ? [{ Key: adoptedTag, Value: "true" }] : []),
	];
}

export function readTags(tags: readonly Tag[] | undefined): Marks {
	const value = (name: string) => tags?.find(({ Key }) => Key === name)?.Value;
	return {
		owner: value(ownerTag),
		workspaceId: value(workspaceTag),
		mark: value(markTag),
		adopted: value(adoptedTag) !== undefined,
	};
}
