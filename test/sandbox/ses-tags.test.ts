import {
	CreateConfigurationSetCommand,
	CreateEmailIdentityCommand,
	CreateTenantCommand,
	DeleteTenantCommand,
	GetEmailIdentityCommand,
	GetTenantCommand,
	ListTagsForResourceCommand,
	SESv2Client,
	type Tag,
	TagResourceCommand,
	UntagResourceCommand,
} from "@aws-sdk/client-sesv2";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defaultAccount, type Sandbox, startSandbox } from "../../sandbox/index.js";

let sandbox: Sandbox;
let client: SESv2Client;

beforeEach(async () => {
	sandbox = await startSandbox();
	client = new SESv2Client({
		endpoint: sandbox.ses.url,
		region: "us-east-1",
		credentials: defaultAccount,
		maxAttempts: 1,
	});
	await client.send(new CreateEmailIdentityCommand({ EmailIdentity: "acme.com" }));
});
afterEach(() => sandbox.close());

const arn = (resource: string) => `arn:aws:ses:us-east-1:000000000000:${resource}`;
const identity = arn("identity/acme.com");
const tag = (ResourceArn: string, Tags: Tag[]) => client.send(new TagResourceCommand({ ResourceArn, Tags }));
const untag = (ResourceArn: string, ...TagKeys: string[]) =>
	client.send(new UntagResourceCommand({ ResourceArn, TagKeys }));
const list = async (ResourceArn: string) =>
	(await client.send(new ListTagsForResourceCommand({ ResourceArn }))).Tags?.map(
		({ Key, Value }) => `${Key}=${Value}`,
	);
const numbered = (count: number) =>
	Array.from({ length: count }, (_, index) => ({ Key: `key ${index}`, Value: "" }));

const characters =
	"Tags can only contain letters, numbers, spaces, and the following special characters: _ . : / = + - @";
const most =
	"Maximum of 50 user tags are allowed per resource, consider reducing the number of tags in the request";

describe("tags", () => {
	it("are added, replaced and taken away by their keys, and seen with what carries them", async () => {
		await tag(identity, [
			{ Key: "b", Value: "2" },
			{ Key: "a", Value: "1" },
		]);
		await tag(identity, [{ Key: "a", Value: "3" }]);
		expect(await list(identity)).toEqual(["a=3", "b=2"]);
		await untag(identity, "b", "nothing");
		const { Tags } = await client.send(new GetEmailIdentityCommand({ EmailIdentity: "acme.com" }));
		expect(Tags).toEqual([{ Key: "a", Value: "3" }]);
	});

	// Tried on AWS: github.com/floci-io/floci/pull/2504.
	it.each<[string, Tag[], string]>([
		["51 of them", numbered(51), most],
		["two of a key", [...numbered(1), ...numbered(1)], "Cannot provide multiple tags with the same key"],
		["one without a value", [{ Key: "a", Value: undefined }], characters],
		["an exclamation mark", [{ Key: "aws:a", Value: "!" }], characters],
		["a comma in a key", [{ Key: "a,b", Value: "" }], characters],
		[
			"a long key with a long value",
			[{ Key: "k".repeat(129), Value: "v".repeat(257) }],
			"2 validation errors detected: Value at 'tags.1.member.value' failed to satisfy constraint: Member must have length less than or equal to 256; Value at 'tags.1.member.key' failed to satisfy constraint: Member must have length less than or equal to 128",
		],
		[
			"a key of AWS's",
			[{ Key: "AWS:a", Value: "" }],
			"Caller is an end user and not allowed to mutate system tags",
		],
		["an empty key", [{ Key: "", Value: "" }], ""],
	])("are refused with %s, wherever they are given, with nothing done", async (_, Tags, message) => {
		for (const refused of [
			tag(identity, Tags),
			client.send(new CreateTenantCommand({ TenantName: "one", Tags })),
			client.send(new CreateEmailIdentityCommand({ EmailIdentity: "other.com", Tags })),
			client.send(new CreateConfigurationSetCommand({ ConfigurationSetName: "one", Tags })),
		])
			await expect(refused).rejects.toMatchObject({
				name: "BadRequestException",
				message: message || "UnknownError",
			});
		expect(await list(identity)).toEqual([]);
		expect([sandbox.ses.tenants(), sandbox.ses.identities().length]).toEqual([[], 1]);
	});

	it("count by characters, not by bytes, and may have any letter and blank", async () => {
		const Key = "𝐀".repeat(127).concat("\u00a0");
		await tag(identity, [{ Key, Value: "é aws:=" }]);
		expect(await list(identity)).toEqual([`${Key}=é aws:=`]);
	});

	it("are 50 at most with those that are there", async () => {
		await tag(identity, numbered(50));
		await tag(identity, [{ Key: "key 0", Value: "other" }]);
		await expect(tag(identity, [{ Key: "more", Value: "" }])).rejects.toMatchObject({
			name: "BadRequestException",
			message: `${most} or delete existing tags and retry`,
		});
	});

	// Tried on AWS: github.com/floci-io/floci/pull/2832.
	it("of a tenant go with its id, whatever the ARN calls it", async () => {
		const create = () =>
			client.send(new CreateTenantCommand({ TenantName: "one", Tags: [{ Key: "a", Value: "1" }] }));
		const { TenantArn = "", TenantId } = await create();
		await tag(arn(`tenant/other/${TenantId}`), [{ Key: "b", Value: "2" }]);
		expect(await list(TenantArn)).toEqual(["a=1", "b=2"]);
		await untag(TenantArn, "a");
		const { Tenant } = await client.send(new GetTenantCommand({ TenantName: "one" }));
		expect(Tenant?.Tags).toEqual([{ Key: "b", Value: "2" }]);
		await client.send(new DeleteTenantCommand({ TenantName: "one" }));
		await create();
		await expect(tag(TenantArn, [])).rejects.toMatchObject({
			name: "NotFoundException",
			message: `No Tenant present with name: onewith tenantId: ${TenantId}`,
		});
	});

	// Tried on AWS: github.com/floci-io/floci/pull/760 and pull/2589.
	it.each([
		[
			"what is not there",
			arn("identity/x.com"),
			"NotFoundException",
			"No EmailIdentity present with name: x.com",
		],
		[
			"a set that is not there",
			arn("configuration-set/x"),
			"NotFoundException",
			"No ConfigurationSet present with name: x",
		],
		[
			"another account",
			identity.replace("000000000000", "111111111111"),
			"BadRequestException",
			"Operations on a resource created in a different account is not allowed",
		],
		[
			"another region",
			identity.replace("us-east-1", "eu-west-1"),
			"BadRequestException",
			expect.stringMatching(/^Failed to (un)?tag resource$/),
		],
		["no ARN", "acme.com", "BadRequestException", "Provided resource identifier is not an SES resource"],
	])("are not set or taken away by the ARN of %s", async (_, other, name, message) => {
		await expect(tag(other, [{ Key: "a", Value: "1" }])).rejects.toMatchObject({ name, message });
		await expect(untag(other, "a")).rejects.toMatchObject({ name, message });
	});

	it("are none under the ARN of another region, where the name stands in this one", async () => {
		await tag(identity, [{ Key: "a", Value: "1" }]);
		expect(await list(identity.replace("us-east-1", "eu-west-1"))).toEqual([]);
	});

	it("are not taken away without a key", async () => {
		await expect(untag(identity)).rejects.toMatchObject({ name: "ValidationException" });
	});
});
