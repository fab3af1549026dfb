import {
	CreateConfigurationSetCommand,
	CreateEmailIdentityCommand,
	CreateTenantCommand,
	CreateTenantResourceAssociationCommand,
	DeleteConfigurationSetCommand,
	DeleteEmailIdentityCommand,
	DeleteTenantCommand,
	DeleteTenantResourceAssociationCommand,
	GetEmailIdentityCommand,
	GetTenantCommand,
	ListEmailIdentitiesCommand,
	ListResourceTenantsCommand,
	ListTenantResourcesCommand,
	ListTenantsCommand,
	PutEmailIdentityConfigurationSetAttributesCommand,
	PutEmailIdentityDkimSigningAttributesCommand,
	type PutEmailIdentityDkimSigningAttributesCommandInput,
	paginateListResourceTenants,
	paginateListTenants,
	SESv2Client,
} from "@aws-sdk/client-sesv2";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Account, defaultAccount, type Sandbox, startSandbox } from "../../sandbox/index.js";
import { ownKey } from "../support/own-key.js";
import { waitUntil } from "../support/wait.js";

const otherAccount = { id: "111111111111", accessKeyId: "AKIAOTHER", secretAccessKey: "other" };

let sandbox: Sandbox;
let client: SESv2Client;

function connect({
	region = "us-east-1",
	credentials = defaultAccount as Pick<Account, "accessKeyId" | "secretAccessKey">,
	maxAttempts = 1,
} = {}): SESv2Client {
	return new SESv2Client({ endpoint: sandbox.ses.url, region, credentials, maxAttempts });
}

beforeEach(async () => {
	sandbox = await startSandbox({ accounts: [otherAccount], ses: { tenants: 5 } });
	client = connect();
});
afterEach(() => sandbox.close());

describe("tenants", () => {
	it("gives a new tenant an id, an ARN of its account and region, and the time as a date", async () => {
		const before = Date.now();
		const made = await client.send(
			new CreateTenantCommand({ TenantName: "acme", Tags: [{ Key: "team", Value: "mail" }] }),
		);
		expect(made.TenantId).toMatch(/^tn-[0-9a-f]{30}$/);
		expect(made.TenantArn).toBe(`arn:aws:ses:us-east-1:000000000000:tenant/acme/${made.TenantId}`);
		expect(made.CreatedTimestamp?.getTime()).toBeGreaterThanOrEqual(before - 1);
		const { Tenant } = await client.send(new GetTenantCommand({ TenantName: "acme" }));
		expect(Tenant).toMatchObject({ TenantArn: made.TenantArn, Tags: [{ Key: "team", Value: "mail" }] });
	});

	it("refuses a second tenant of a name with AlreadyExistsException, status 400, whatever its tags", async () => {
		const owned = (Value: string) => [{ Key: "owner", Value }];
		await client.send(new CreateTenantCommand({ TenantName: "acme", Tags: owned("one") }));
		const again = new CreateTenantCommand({ TenantName: "acme", Tags: owned("two") });
		await expect(client.send(again)).rejects.toMatchObject({
			name: "AlreadyExistsException",
			message: "Tenant with name acme already exists in account 000000000000",
			$metadata: { httpStatusCode: 400, requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
		});
		const { Tenant } = await client.send(new GetTenantCommand({ TenantName: "acme" }));
		expect(Tenant?.Tags).toEqual(owned("one"));
	});

	it.each(["", "a b", "ü", "x".repeat(65), "a.b"])("refuses the tenant name %j", async (TenantName) => {
		await expect(client.send(new CreateTenantCommand({ TenantName }))).rejects.toMatchObject({
			name: "BadRequestException",
			$metadata: { httpStatusCode: 400 },
		});
		expect(sandbox.ses.tenants()).toEqual([]);
	});

	it("answers NotFoundException, status 404, for a tenant that is not there", async () => {
		for (const command of [GetTenantCommand, DeleteTenantCommand]) {
			await expect(
				client.send(new command({ TenantName: "nobody" }) as GetTenantCommand),
			).rejects.toMatchObject({
				name: "NotFoundException",
				$metadata: { httpStatusCode: 404 },
			});
		}
	});

	it("lists page by page, each tenant once", async () => {
		for (const name of ["c", "a", "b", "e", "d"])
			await client.send(new CreateTenantCommand({ TenantName: name }));
		const names: (string | undefined)[] = [];
		for await (const page of paginateListTenants({ client, pageSize: 2 }, {})) {
			names.push(...(page.Tenants ?? []).map((tenant) => tenant.TenantName));
		}
		expect(names).toEqual(["a", "b", "c", "d", "e"]);
	});

	it("refuses a token it did not make", async () => {
		await expect(client.send(new ListTenantsCommand({ NextToken: "zzz" }))).rejects.toMatchObject({
			name: "BadRequestException",
		});
	});

	it("keeps accounts and regions apart", async () => {
		await client.send(new CreateTenantCommand({ TenantName: "acme" }));
		await connect({ region: "eu-west-1" }).send(new CreateTenantCommand({ TenantName: "acme" }));
		await connect({ credentials: otherAccount }).send(new CreateTenantCommand({ TenantName: "acme" }));
		expect(new Set(sandbox.ses.tenants().map((tenant) => tenant.arn.split("/")[0])).size).toBe(3);
	});

	it("has a quota that is LimitExceededException, status 400", async () => {
		for (const name of ["a", "b", "c", "d", "e"])
			await client.send(new CreateTenantCommand({ TenantName: name }));
		await expect(client.send(new CreateTenantCommand({ TenantName: "f" }))).rejects.toMatchObject({
			name: "LimitExceededException",
			$metadata: { httpStatusCode: 400 },
		});
	});
});

describe("identities and associations", () => {
	async function made(domain: string) {
		return client.send(new CreateEmailIdentityCommand({ EmailIdentity: domain }));
	}

	const arn = (domain: string) => `arn:aws:ses:us-east-1:000000000000:identity/${domain}`;

	it("gives each domain three tokens of its own and no ARN", async () => {
		const first = await made("mail.acme.com");
		const second = await made("mail.acme.org");
		const tokens = [...(first.DkimAttributes?.Tokens ?? []), ...(second.DkimAttributes?.Tokens ?? [])];
		expect(new Set(tokens).size).toBe(6);
		expect(tokens.every((token) => /^[a-z2-7]{32}$/.test(token))).toBe(true);
		expect(first).toMatchObject({
			IdentityType: "DOMAIN",
			VerifiedForSendingStatus: false,
			DkimAttributes: { Status: "PENDING", SigningHostedZone: "dkim.amazonses.com" },
		});
		expect(JSON.stringify(first)).not.toContain("arn:");
	});

	it("names the region's own DKIM zone where there is one", async () => {
		const made = await connect({ region: "eu-south-1" }).send(
			new CreateEmailIdentityCommand({ EmailIdentity: "acme.com" }),
		);
		expect(made.DkimAttributes?.SigningHostedZone).toBe("dkim.eu-south-1.amazonses.com");
	});

	it("tells the selector of a domain that signs with its owner's key, and no zone", async () => {
		const signing = ownKey().attributes;
		const made = await client.send(
			new CreateEmailIdentityCommand({ EmailIdentity: "acme.com", DkimSigningAttributes: signing }),
		);
		expect(made.DkimAttributes).toEqual({
			SigningEnabled: true,
			Status: "PENDING",
			Tokens: ["mine"],
			SigningAttributesOrigin: "EXTERNAL",
		});
		await expect(
			client.send(
				new CreateEmailIdentityCommand({
					EmailIdentity: "acme.org",
					DkimSigningAttributes: { ...signing, NextSigningKeyLength: "RSA_1024_BIT" },
				}),
			),
		).rejects.toMatchObject({ name: "BadRequestException" });
	});

	it("has no tokens for a domain that a TXT record verified", async () => {
		const region = sandbox.ses.region(defaultAccount.id, "us-east-1");
		region.createIdentity("acme.com", [], Date.now(), { by: "nobody" });
		const found = await client.send(new GetEmailIdentityCommand({ EmailIdentity: "acme.com" }));
		expect(found).toMatchObject({
			VerificationStatus: "SUCCESS",
			VerifiedForSendingStatus: true,
			DkimAttributes: { SigningEnabled: false, Status: "NOT_STARTED" },
		});
		expect(found.DkimAttributes).not.toHaveProperty("Tokens");
		expect(found.DkimAttributes).not.toHaveProperty("SigningHostedZone");
	});

	it("knows a domain in whatever case", async () => {
		await made("Mail.Acme.com");
		await expect(made("mail.acme.COM")).rejects.toMatchObject({ name: "AlreadyExistsException" });
		await client.send(new DeleteEmailIdentityCommand({ EmailIdentity: "MAIL.acme.com" }));
		expect(sandbox.ses.identities()).toEqual([]);
	});

	it.each(["acme", "-a.com", "a..com", "a_b.com", "1.2.3.4@", "acme.com."])(
		"refuses the identity %j",
		async (name) => {
			await expect(made(name)).rejects.toMatchObject({ name: "BadRequestException" });
		},
	);

	it("puts an identity into several tenants, and lists both ways", async () => {
		await made("acme.com");
		for (const TenantName of ["one", "two"]) {
			await client.send(new CreateTenantCommand({ TenantName }));
			await client.send(
				new CreateTenantResourceAssociationCommand({ TenantName, ResourceArn: arn("acme.com") }),
			);
		}
		const { TenantResources } = await client.send(new ListTenantResourcesCommand({ TenantName: "one" }));
		expect(TenantResources).toEqual([{ ResourceType: "identity", ResourceArn: arn("acme.com") }]);
		const { ResourceTenants } = await client.send(
			new ListResourceTenantsCommand({ ResourceArn: arn("acme.com") }),
		);
		expect(ResourceTenants?.map((tenant) => tenant.TenantName)).toEqual(["one", "two"]);
		expect(ResourceTenants?.[0]?.AssociatedTimestamp).toBeInstanceOf(Date);
	});

	// Tried on AWS: github.com/floci-io/floci/pull/2710. The API reference has EMAIL_IDENTITY and the like.
	it("lists what a tenant holds by the kinds of ARNs, and takes no others for a filter", async () => {
		await made("acme.com");
		await client.send(new CreateConfigurationSetCommand({ ConfigurationSetName: "set" }));
		await client.send(new CreateTenantCommand({ TenantName: "one" }));
		const set = "arn:aws:ses:us-east-1:000000000000:configuration-set/set";
		for (const ResourceArn of [arn("acme.com"), set])
			await client.send(new CreateTenantResourceAssociationCommand({ TenantName: "one", ResourceArn }));
		const list = async (kind?: string) => {
			const Filter = kind === undefined ? {} : { RESOURCE_TYPE: kind };
			const { TenantResources = [] } = await client.send(
				new ListTenantResourcesCommand({ TenantName: "one", Filter }),
			);
			return TenantResources.map(({ ResourceType, ResourceArn }) => [ResourceType, ResourceArn]);
		};
		expect(await list()).toEqual([
			["configuration-set", set],
			["identity", arn("acme.com")],
		]);
		expect(await list("identity")).toEqual([["identity", arn("acme.com")]]);
		await expect(list("EMAIL_IDENTITY")).rejects.toMatchObject({ name: "BadRequestException" });
		await expect(
			client.send(new DeleteConfigurationSetCommand({ ConfigurationSetName: "set" })),
		).rejects.toMatchObject({ message: expect.stringContaining(`Cannot delete <${set}> because`) });
	});

	it("has an identity go by a configuration set that stands, and takes that away again", async () => {
		const create = (EmailIdentity: string) =>
			client.send(new CreateEmailIdentityCommand({ EmailIdentity, ConfigurationSetName: "set" }));
		await expect(create("acme.com")).rejects.toMatchObject({
			name: "NotFoundException",
			message: "Configuration set set does not exist.",
		});
		await client.send(new CreateConfigurationSetCommand({ ConfigurationSetName: "set" }));
		await create("acme.com");
		const its = async () =>
			(await client.send(new GetEmailIdentityCommand({ EmailIdentity: "acme.com" }))).ConfigurationSetName;
		expect(await its()).toBe("set");
		const put = (ConfigurationSetName?: string) =>
			client.send(
				new PutEmailIdentityConfigurationSetAttributesCommand({
					EmailIdentity: "acme.com",
					ConfigurationSetName,
				}),
			);
		await expect(put("other")).rejects.toMatchObject({ name: "NotFoundException" });
		await put();
		expect(await its()).toBeUndefined();
	});

	it("refuses an association that is there, or of what is not there", async () => {
		await made("acme.com");
		await client.send(new CreateTenantCommand({ TenantName: "one" }));
		const associate = (TenantName: string, domain: string) =>
			client.send(new CreateTenantResourceAssociationCommand({ TenantName, ResourceArn: arn(domain) }));
		await associate("one", "acme.com");
		await expect(associate("one", "acme.com")).rejects.toMatchObject({ name: "AlreadyExistsException" });
		await expect(associate("two", "acme.com")).rejects.toMatchObject({ name: "NotFoundException" });
		await expect(associate("one", "other.com")).rejects.toMatchObject({ name: "NotFoundException" });
		const disassociate = new DeleteTenantResourceAssociationCommand({
			TenantName: "one",
			ResourceArn: arn("acme.com"),
		});
		await client.send(disassociate);
		expect((await client.send(disassociate)).$metadata.httpStatusCode).toBe(200);
	});

	// What a probe of AWS met: github.com/floci-io/floci/pull/2710, SesTenantAssociationV2IntegrationTest.
	it.each([
		[
			"a tenant that is not there",
			"two",
			"identity/acme.com",
			404,
			"The requested tenant <two> does not exist.",
		],
		["an identity that is not there", "one", "identity/x.com", 404, "Identity <x.com> does not exist"],
		[
			"a configuration set, of which there are none",
			"one",
			"configuration-set/x",
			404,
			"Configuration set <x> does not exist:",
		],
		["a template, of which there are none", "one", "template/x", 404, "Email template <x> does not exist"],
		["another kind of resource", "one", "contact-list/x", 400, "Unsupported resource type: contact-list"],
	])("refuses, in AWS's words, to associate %s", async (_, TenantName, resource, status, message) => {
		await made("acme.com");
		await client.send(new CreateTenantCommand({ TenantName: "one" }));
		const pair = { TenantName, ResourceArn: `arn:aws:ses:us-east-1:000000000000:${resource}` };
		const refusal = { message, $metadata: { httpStatusCode: status } };
		for (const command of [CreateTenantResourceAssociationCommand, DeleteTenantResourceAssociationCommand])
			await expect(
				client.send(new command(pair) as CreateTenantResourceAssociationCommand),
			).rejects.toMatchObject(refusal);
	});

	it.each([
		["not-an-arn", "Provided resource identifier is not an SES resource"],
		["arn:aws:sqs:us-east-1:000000000000:q", "Provided ARN is not in SES resource ARN format"],
		[
			"arn:aws:ses:eu-west-1:000000000000:identity/acme.com",
			"Resource <arn:aws:ses:eu-west-1:000000000000:identity/acme.com> must be in the same region",
		],
		[
			"arn:aws:ses:us-east-1:111111111111:identity/acme.com",
			"Resource <arn:aws:ses:us-east-1:111111111111:identity/acme.com> must be in the same account",
		],
	])("refuses the ARN %s with status 400, in AWS's words", async (ResourceArn, message) => {
		await made("acme.com");
		await client.send(new CreateTenantCommand({ TenantName: "one" }));
		const refusal = { name: "BadRequestException", message };
		const associate = new CreateTenantResourceAssociationCommand({ TenantName: "one", ResourceArn });
		await expect(client.send(associate)).rejects.toMatchObject(refusal);
		await expect(client.send(new ListResourceTenantsCommand({ ResourceArn }))).rejects.toMatchObject(refusal);
	});

	it("lists the tenants of an identity in the order of their associations, page by page", async () => {
		await made("acme.com");
		const names = ["c", "a", "d", "b"];
		const region = sandbox.ses.region(defaultAccount.id, "us-east-1");
		for (const [minute, name] of names.entries()) {
			region.createTenant(name, [], 0);
			region.associate(name, arn("acme.com"), minute * 60_000);
		}
		const listed: (string | undefined)[] = [];
		const pages = paginateListResourceTenants({ client, pageSize: 3 }, { ResourceArn: arn("acme.com") });
		for await (const { ResourceTenants = [] } of pages)
			listed.push(...ResourceTenants.map(({ TenantName }) => TenantName));
		expect(listed).toEqual(names);
	});

	it("refuses to take an association away whose tenant or resource is not there", async () => {
		await made("acme.com");
		await client.send(new CreateTenantCommand({ TenantName: "one" }));
		const disassociate = (TenantName: string, domain: string) =>
			client.send(new DeleteTenantResourceAssociationCommand({ TenantName, ResourceArn: arn(domain) }));
		await expect(disassociate("two", "acme.com")).rejects.toMatchObject({ name: "NotFoundException" });
		await expect(disassociate("one", "other.com")).rejects.toMatchObject({ name: "NotFoundException" });
	});

	it("refuses to delete an identity that a tenant holds, with BadRequestException in AWS's words", async () => {
		await made("acme.com");
		for (const TenantName of ["one", "two"]) {
			await client.send(new CreateTenantCommand({ TenantName }));
			await client.send(
				new CreateTenantResourceAssociationCommand({ TenantName, ResourceArn: arn("acme.com") }),
			);
		}
		const remove = () => client.send(new DeleteEmailIdentityCommand({ EmailIdentity: "acme.com" }));
		const refusal = {
			name: "BadRequestException",
			message: `Cannot delete <${arn("acme.com")}> because it has tenant associations. Remove all tenant associations and try again.`,
			$metadata: { httpStatusCode: 400 },
		};
		await expect(remove()).rejects.toMatchObject(refusal);
		await client.send(
			new DeleteTenantResourceAssociationCommand({ TenantName: "one", ResourceArn: arn("acme.com") }),
		);
		await expect(remove()).rejects.toMatchObject(refusal);
		await client.send(new DeleteTenantCommand({ TenantName: "two" }));
		await remove();
		expect(sandbox.ses.identities()).toEqual([]);
	});

	it("may go on counting an association for a while after it was taken away", async () => {
		const lagging = await startSandbox({ ses: { associationLagMs: 300 } });
		try {
			const there = new SESv2Client({
				endpoint: lagging.ses.url,
				region: "us-east-1",
				credentials: defaultAccount,
				maxAttempts: 1,
			});
			const pair = { TenantName: "one", ResourceArn: arn("acme.com") };
			await there.send(new CreateEmailIdentityCommand({ EmailIdentity: "acme.com" }));
			await there.send(new CreateTenantCommand({ TenantName: "one" }));
			await there.send(new CreateTenantResourceAssociationCommand(pair));
			await there.send(new DeleteTenantResourceAssociationCommand(pair));
			const remove = () => there.send(new DeleteEmailIdentityCommand({ EmailIdentity: "acme.com" }));
			await expect(remove()).rejects.toMatchObject({ name: "BadRequestException" });
			const { ResourceTenants } = await there.send(
				new ListResourceTenantsCommand({ ResourceArn: pair.ResourceArn }),
			);
			expect(ResourceTenants?.map((tenant) => tenant.TenantName)).toEqual(["one"]);
			await waitUntil(
				() =>
					remove().then(
						() => true,
						() => false,
					),
				{
					timeoutMs: 20_000,
					what: () => "an identity that nothing holds any more",
				},
			);
		} finally {
			await lagging.close();
		}
	});

	it("drops a tenant's associations with it and keeps the identity", async () => {
		await made("acme.com");
		await client.send(new CreateTenantCommand({ TenantName: "one" }));
		await client.send(
			new CreateTenantResourceAssociationCommand({ TenantName: "one", ResourceArn: arn("acme.com") }),
		);
		await client.send(new DeleteTenantCommand({ TenantName: "one" }));
		const { EmailIdentities } = await client.send(new ListEmailIdentitiesCommand({}));
		expect(EmailIdentities).toEqual([
			{
				IdentityType: "DOMAIN",
				IdentityName: "acme.com",
				SendingEnabled: false,
				VerificationStatus: "PENDING",
			},
		]);
		const { ResourceTenants } = await client.send(
			new ListResourceTenantsCommand({ ResourceArn: arn("acme.com") }),
		);
		expect(ResourceTenants).toEqual([]);
	});
});

describe("verification", () => {
	async function identity() {
		const found = await client.send(new GetEmailIdentityCommand({ EmailIdentity: "mail.acme.com" }));
		return {
			status: found.VerificationStatus,
			dkim: found.DkimAttributes?.Status,
			sending: found.VerifiedForSendingStatus,
			error: found.VerificationInfo?.ErrorType,
		};
	}

	async function withIdentity() {
		const made = await client.send(new CreateEmailIdentityCommand({ EmailIdentity: "mail.acme.com" }));
		const zone = sandbox.route53.createZone("acme.com");
		const names = (made.DkimAttributes?.Tokens ?? []).map((token) => ({
			name: `${token}._domainkey.mail.acme.com`,
			target: `${token}.${made.DkimAttributes?.SigningHostedZone}`,
		}));
		const publish = (from: number, to?: number) => {
			for (const { name, target } of names.slice(from, to))
				sandbox.route53.put(zone.id, { name, type: "CNAME", values: [target] });
		};
		return { zone, names, publish };
	}

	it("stays pending until all three CNAMEs are served", async () => {
		const { publish } = await withIdentity();
		publish(0, 2);
		expect(await identity()).toEqual({
			status: "PENDING",
			dkim: "PENDING",
			sending: false,
			error: "HOST_NOT_FOUND",
		});
		sandbox.dns.flushResolver();
		publish(2);
		expect(await identity()).toEqual({ status: "SUCCESS", dkim: "SUCCESS", sending: true, error: undefined });
	});

	it("is remembered as missing for the zone's negative TTL once it was asked for too early", async () => {
		const { publish } = await withIdentity();
		expect(await identity()).toMatchObject({ status: "PENDING" });
		publish(0);
		expect(await identity()).toMatchObject({ status: "PENDING" });
		sandbox.dns.flushResolver();
		expect(await identity()).toMatchObject({ status: "SUCCESS" });
	});

	it("reports a CNAME that points elsewhere", async () => {
		const { zone, names, publish } = await withIdentity();
		publish(0);
		sandbox.route53.put(zone.id, {
			name: names[0]?.name ?? "",
			type: "CNAME",
			values: ["elsewhere.example"],
		});
		expect(await identity()).toMatchObject({ status: "PENDING", error: "INVALID_VALUE" });
	});

	it("decides nothing while the DNS fails", async () => {
		const { publish } = await withIdentity();
		publish(0);
		expect(await identity()).toMatchObject({ status: "SUCCESS" });
		sandbox.dns.flushResolver();
		const lift = sandbox.faults.add({
			service: "dns",
			operation: "CNAME",
			times: Number.POSITIVE_INFINITY,
			effect: { kind: "error", status: 2, code: "SERVFAIL", message: "" },
		});
		expect(await identity()).toMatchObject({ status: "SUCCESS", error: "DNS_SERVER_ERROR" });
		lift();
	});

	describe("that SES gave up", () => {
		async function failed() {
			const { names, publish } = await withIdentity();
			const held = sandbox.ses.region(defaultAccount.id, "us-east-1").identity("mail.acme.com");
			held.lookingSince -= 73 * 3_600_000;
			expect(await identity()).toMatchObject({ status: "FAILED", sending: false });
			publish(0);
			sandbox.dns.flushResolver();
			return names.map(({ name }) => name.split(".")[0]);
		}

		const setUp = (input: Partial<PutEmailIdentityDkimSigningAttributesCommandInput> = {}) =>
			client.send(
				new PutEmailIdentityDkimSigningAttributesCommand({
					EmailIdentity: "mail.acme.com",
					SigningAttributesOrigin: "AWS_SES",
					...input,
				}),
			);

		it("stays so, whatever stands in the DNS", async () => {
			await failed();
			expect(await identity()).toMatchObject({ status: "FAILED", dkim: "FAILED", sending: false });
		});

		it("is looked for again once DKIM is set up anew, under the same tokens", async () => {
			const tokens = await failed();
			expect(await setUp()).toMatchObject({
				DkimStatus: "PENDING",
				DkimTokens: tokens,
				SigningHostedZone: "dkim.amazonses.com",
			});
			expect(await identity()).toMatchObject({ status: "SUCCESS" });
		});

		it("gets other tokens with another key, and takes its owner's own", async () => {
			const tokens = await failed();
			const other = await setUp({ SigningAttributes: { NextSigningKeyLength: "RSA_1024_BIT" } });
			expect(other.DkimTokens).toHaveLength(3);
			expect(other.DkimTokens).not.toEqual(tokens);
			const key = ownKey().attributes;
			const own = await setUp({ SigningAttributesOrigin: "EXTERNAL", SigningAttributes: key });
			expect(own).toMatchObject({ DkimStatus: "PENDING", DkimTokens: ["mine"] });
			for (const wrong of [
				{ SigningAttributes: key },
				{ SigningAttributesOrigin: "EXTERNAL" as const },
				{ EmailIdentity: "nobody@acme.com" },
				{
					SigningAttributesOrigin: "EXTERNAL" as const,
					SigningAttributes: { ...key, DomainSigningPrivateKey: "c2VjcmV0" },
				},
			]) {
				await expect(setUp(wrong)).rejects.toMatchObject({
					name: expect.stringMatching(/^(BadRequest|NotFound)Exception$/),
				});
			}
		});
	});

	it("passes with the owner's own key once its record stands", async () => {
		const { attributes, record } = ownKey();
		await client.send(
			new CreateEmailIdentityCommand({ EmailIdentity: "mail.acme.com", DkimSigningAttributes: attributes }),
		);
		const zone = sandbox.route53.createZone("acme.com");
		const publish = (...values: string[]) => {
			const name = `${attributes.DomainSigningSelector}._domainkey.mail.acme.com`;
			sandbox.route53.put(zone.id, { name, type: "TXT", values });
			sandbox.dns.flushResolver();
		};
		expect(await identity()).toMatchObject({ status: "PENDING", error: "HOST_NOT_FOUND" });
		publish('"p=another"');
		expect(await identity()).toMatchObject({ status: "PENDING", error: "INVALID_VALUE" });
		publish(...record);
		expect(await identity()).toMatchObject({ status: "SUCCESS", dkim: "SUCCESS", sending: true });
	});

	it("fails temporarily when a record goes, and still sends", async () => {
		const { zone, names, publish } = await withIdentity();
		publish(0);
		expect(await identity()).toMatchObject({ status: "SUCCESS" });
		sandbox.route53.remove(zone.id, names[0]?.name ?? "", "CNAME");
		sandbox.dns.flushResolver();
		expect(await identity()).toMatchObject({ status: "TEMPORARY_FAILURE", sending: true });
	});
});

describe("the protocol", () => {
	it("answers a request without a signature as AWS does", async () => {
		const answer = await fetch(`${sandbox.ses.url}/v2/email/identities`);
		expect(answer.status).toBe(403);
		expect(answer.headers.get("x-amzn-errortype")).toBe("MissingAuthenticationTokenException");
	});

	it("takes a session until its time is over, or it was ended", async () => {
		const role = { arn: "arn:aws:iam::111111111111:role/mail" };
		const open = (expiresAt: number) => sandbox.accounts.openSession(role, "test", expiresAt);
		const [living, over] = [open(Date.now() + 60_000), open(Date.now() - 1)];
		const ask = (credentials: typeof living) => connect({ credentials }).send(new ListTenantsCommand({}));
		const refusal = { name: "ExpiredTokenException", $metadata: { httpStatusCode: 403 } };
		await ask(living);
		await expect(ask(over)).rejects.toMatchObject(refusal);
		sandbox.accounts.expire(living.accessKeyId);
		await expect(ask(living)).rejects.toMatchObject(refusal);
	});

	it("sends timestamps as numbers of seconds", async () => {
		await client.send(new CreateTenantCommand({ TenantName: "acme" }));
		const answer = await fetch(`${sandbox.ses.url}/v2/email/tenants/get`, {
			method: "POST",
			headers: {
				authorization: `AWS4-HMAC-SHA256 Credential=${defaultAccount.accessKeyId}/20260101/us-east-1/ses/aws4_request`,
			},
			body: JSON.stringify({ TenantName: "acme" }),
		});
		const { Tenant } = (await answer.json()) as { Tenant: { CreatedTimestamp: unknown } };
		expect(Tenant.CreatedTimestamp).toBeTypeOf("number");
		expect(Tenant.CreatedTimestamp).toBeLessThan(10_000_000_000);
	});

	it("logs each call by its operation, and shows injected errors to the SDK by name", async () => {
		sandbox.faults.add({
			service: "sesv2",
			operation: "CreateEmailIdentity",
			effect: { kind: "error", status: 500, code: "ConcurrentModificationException", message: "busy" },
		});
		const create = new CreateEmailIdentityCommand({ EmailIdentity: "acme.com" });
		await expect(client.send(create)).rejects.toMatchObject({ name: "ConcurrentModificationException" });
		await client.send(create);
		expect(sandbox.log.all({ service: "sesv2" }).map(({ operation, status }) => [operation, status])).toEqual(
			[
				["CreateEmailIdentity", 500],
				["CreateEmailIdentity", 200],
			],
		);
	});

	it("has done the work when the answer alone is lost: the SDK's retry meets AlreadyExistsException", async () => {
		sandbox.faults.add({
			service: "sesv2",
			operation: "CreateTenant",
			effect: { kind: "drop", when: "after" },
		});
		await expect(
			connect({ maxAttempts: 2 }).send(new CreateTenantCommand({ TenantName: "acme" })),
		).rejects.toMatchObject({ name: "AlreadyExistsException" });
	});
});
