import type { Tag } from "@aws-sdk/client-sesv2";
import type { Owner } from "./found.js";

/** The tag that says which setup a tenant or an identity was made for. */
const ownerTag = "channels-setup-id";
/** The tag that says in which workspace that setup is, for the day on which its row is lost. */
const workspaceTag = "channels-workspace-id";

export function tagsOf({ id, workspaceId }: Owner): Tag[] {
	return [
		{ Key: ownerTag, Value: id },
		{ Key: workspaceTag, Value: workspaceId },
	];
}

export interface Tagged {
	readonly owner: string | undefined;
	readonly workspaceId: string | undefined;
}

export function readTags(tags: readonly Tag[] | undefined): Tagged {
	const value = (name: string) => tags?.find(({ Key }) => Key === name)?.Value;
	return { owner: value(ownerTag), workspaceId: value(workspaceTag) };
}
