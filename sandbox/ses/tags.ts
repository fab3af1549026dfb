import { z } from "zod";
import { badRequest } from "./errors.js";
import { refuseForeign, resourceArn } from "./resource-arn.js";
import type { SesRegion, Tag } from "./state.js";

/** A part that has another type is no tag at all; a value that is left out is refused with the characters. */
export const tags = z.array(z.object({ Key: z.string().default(""), Value: z.string().optional() }));

type Written = z.output<typeof tags>;

/** Tags of one resource (API reference, TagResource). */
const most = 50;
const longest = { Key: 128, Value: 256 };
const tooMany = `Maximum of ${most} user tags are allowed per resource, consider reducing the number of tags in the request`;

/**
 * What SES takes as the tags of a resource.
 * @throws ServiceError in the order and the words that a probe of AWS met (github.com/floci-io/floci/pull/2504); an empty
 * key has no words there.
 */
export function readTags(written: Written): Tag[] {
	if (written.length > most) throw badRequest(tooMany);
	if (new Set(written.map(({ Key }) => Key)).size < written.length)
		throw badRequest("Cannot provide multiple tags with the same key");
	const allowed = /^[\p{L}\p{N}\p{Z}_.:/=+\-@]*$/u;
	if (!written.every(({ Key, Value }) => allowed.test(Key) && Value !== undefined && allowed.test(Value)))
		throw badRequest(
			"Tags can only contain letters, numbers, spaces, and the following special characters: _ . : / = + - @",
		);
	const tooLong = written.flatMap((tag, index) =>
		(["Value", "Key"] as const)
			.filter((part) => [...(tag[part] ?? "")].length > longest[part])
			.map(
				(part) =>
					`Value at 'tags.${index + 1}.member.${part.toLowerCase()}' failed to satisfy constraint: Member must have length less than or equal to ${longest[part]}`,
			),
	);
	if (tooLong.length > 0) {
		const counted = `${tooLong.length} validation error${tooLong.length === 1 ? "" : "s"} detected`;
		throw badRequest(`${counted}: ${tooLong.join("; ")}`);
	}
	if (written.some(({ Key }) => Key === "")) throw badRequest("");
	if (written.some(({ Key }) => /^aws:/i.test(Key)))
		throw badRequest("Caller is an end user and not allowed to mutate system tags");
	return written.map(({ Key, Value = "" }) => ({ Key, Value }));
}

/** A resource's tags with others added. What is there counts towards the limit. */
function merged(current: readonly Tag[], added: readonly Tag[]): Tag[] {
	const all = new Map([...current, ...added].map(({ Key, Value }) => [Key, Value]));
	if (all.size > most) throw badRequest(`${tooMany} or delete existing tags and retry`);
	return Array.from(all, ([Key, Value]) => ({ Key, Value }));
}

/* The three operations on tags (github.com/floci-io/floci/pull/760, pull/2589 and pull/2832: tried on AWS). */

export function tagResource(ses: SesRegion, input: { ResourceArn: string; Tags: Written }): void {
	const added = readTags(input.Tags);
	refuseForeign(input.ResourceArn, ses, "Failed to tag resource");
	const resource = ses.tagged(input.ResourceArn);
	resource.tags = merged(resource.tags, added);
}

export function untagResource(
	ses: SesRegion,
	{ ResourceArn, TagKeys }: { ResourceArn: string; TagKeys: string[] },
): void {
	refuseForeign(ResourceArn, ses, "Failed to untag resource");
	const resource = ses.tagged(ResourceArn);
	resource.tags = resource.tags.filter(({ Key }) => !TagKeys.includes(Key));
}

/** Ordered by their keys; none under the ARN of another region, even where the resource is in this one, too. */
export function listTags(ses: SesRegion, arn: string): Tag[] {
	refuseForeign(arn, ses);
	const { tags } = ses.tagged(arn);
	if (resourceArn(arn).region !== ses.region) return [];
	return tags.toSorted((a, b) => (a.Key < b.Key ? -1 : 1));
}
