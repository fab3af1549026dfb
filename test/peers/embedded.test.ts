/**
 * The API in the provider, on the real CLI, beside programs that are not ours: boto3 reads what was made and makes what is
 * taken in, on the sandbox and on ministack's SES and Route 53.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSandbox } from "../../sandbox/index.js";
import { ownKey } from "../support/own-key.js";
import { createProject, type Project } from "../support/project.js";
import { type Boto3Answer, type Boto3Call, boto3 } from "./boto3.js";
import { startMinistackUpstream } from "./ministack.js";
import { serveRoute53 } from "./served-route53.js";
import { set, Zone } from "./zone.js";

/** An SES and a Route 53, and a DNS that serves what stands there. */
interface Aws extends AsyncDisposable {
	readonly env: Readonly<Record<string, string>>;
	readonly route53: string;
}

async function onSandbox(): Promise<Aws> {
	const sandbox = await startSandbox();
	return {
		env: sandbox.env(),
		route53: sandbox.route53.url,
		[Symbol.asyncDispose]: () => sandbox.close(),
	};
}

async function onMinistack(): Promise<Aws> {
	await using undo = new AsyncDisposableStack();
	const aws = await startMinistackUpstream();
	undo.defer(() => aws.close());
	const route53 = await serveRoute53(aws.url, aws.sandbox);
	undo.defer(() => route53.close());
	const running = undo.move();
	const endpoints = { AWS_ENDPOINT_URL_ROUTE_53: route53.url, AWS_ENDPOINT_URL_SESV2: aws.ses.url };
	return {
		env: { ...aws.sandbox.env(), ...endpoints },
		route53: route53.url,
		[Symbol.asyncDispose]: () => running.disposeAsync(),
	};
}

const program = (args: Record<string, unknown>) => `
import { SesSetup } from "pulumi-channels";
const mail = new SesSetup("mail", ${JSON.stringify({ ...args, route53: true, waitForVerification: true })});
export const sender = mail.verifiedDomain;
`;

const identityArn = (domain: string) => `arn:aws:ses:us-east-1:000000000000:identity/${domain}`;

/** As a list in any order. */
const tagsOf = ({ Tags }: Boto3Answer): Record<string, string> =>
	Object.fromEntries(Tags.map(({ Key, Value }: { Key: string; Value: string }) => [Key, Value]));

/** What an identity is, without what SES found when it looked. */
const settingsOf = (identity: Boto3Answer) => {
	const { VerificationInfo: _, VerificationStatus: __, VerifiedForSendingStatus: ___, ...rest } = identity;
	const { Status: _status, ...dkim } = rest.DkimAttributes;
	const { MailFromDomainStatus: _mailFrom, ...mailFrom } = rest.MailFromAttributes;
	return { ...rest, DkimAttributes: dkim, MailFromAttributes: mailFrom, Tags: tagsOf(identity) };
};

const named = (domain: string): Boto3Call => ["get_email_identity", { EmailIdentity: domain }];

describe.each([
	["the sandbox", onSandbox],
	["ministack", onMinistack],
])("on %s", (where, start) => {
	let aws: Aws;
	beforeAll(async () => {
		aws = await start();
	});
	afterAll(() => aws?.[Symbol.asyncDispose]());

	const ask = (...calls: Boto3Call[]) => boto3(aws.env, ...calls);
	const project = (args: Record<string, unknown>, config = {}): Promise<Project> =>
		createProject({
			program: program(args),
			config: { "channels:api": "embedded", "aws:region": "us-east-1", ...config },
			env: aws.env,
		});

	it("boto3 reads what was made, and finds nothing once it is destroyed", async () => {
		const zone = await Zone.create("made.test", aws.route53);
		const before = await zone.text();
		const domain = "mail.made.test";
		await using made = await project(
			{ tenantName: "made", domainIdentity: domain },
			{ "channels:mailFrom": "bounce" },
		);
		await made.up();
		expect((await made.outputs()).sender).toBe(domain);
		const [tenant, held, identity, tags] = await ask(
			["get_tenant", { TenantName: "made" }],
			["list_tenant_resources", { TenantName: "made" }],
			named(domain),
			["list_tags_for_resource", { ResourceArn: identityArn(domain) }],
		);
		const ours = {
			"channels-setup-id": expect.stringMatching(/^[0-9a-f-]{36}$/),
			"channels-workspace-id": expect.stringMatching(/^[0-9a-f-]{36}$/),
			"channels-create": expect.stringMatching(/^[0-9a-f-]{36}$/),
		};
		expect([tagsOf(tenant.Tenant), tagsOf(identity), tagsOf(tags)]).toEqual([ours, ours, ours]);
		expect(tagsOf(identity)).toEqual(tagsOf(tenant.Tenant));
		expect(held.TenantResources.map((each: Boto3Answer) => each.ResourceArn)).toEqual([identityArn(domain)]);
		expect(identity).toMatchObject({
			DkimAttributes: { Status: "SUCCESS", SigningAttributesOrigin: "AWS_SES" },
			MailFromAttributes: { MailFromDomain: `bounce.${domain}` },
		});

		expect((await made.refresh()).changes).toEqual([]);
		expect((await made.up()).changes).toEqual([]);
		await made.destroy();
		expect(await zone.text()).toEqual(before);
		expect(await ask(named(domain), ["list_tenants", {}], ["list_email_identities", {}])).toEqual([
			{ Error: "NotFoundException" },
			{ Tenants: [] },
			{ EmailIdentities: [] },
		]);
	});

	it("an identity that boto3 made is taken in, and found as it was once that is destroyed", async () => {
		const zone = await Zone.create("stood.test", aws.route53);
		const domain = "mail.stood.test";
		const [, created] = await ask(
			["create_configuration_set", { ConfigurationSetName: "own" }],
			[
				"create_email_identity",
				{ EmailIdentity: domain, Tags: [{ Key: "team", Value: "mail" }], ConfigurationSetName: "own" },
			],
			[
				"put_email_identity_mail_from_attributes",
				{ EmailIdentity: domain, MailFromDomain: `news.${domain}` },
			],
		);
		const { Tokens, SigningHostedZone = "dkim.amazonses.com" } = created.DkimAttributes;
		// Its owner has published the records.
		for (const token of Tokens)
			await zone.put(set(`${token}._domainkey.${domain}`, "CNAME", `${token}.${SigningHostedZone}`));
		await zone.put(set(`news.${domain}`, "MX", "10 feedback-smtp.us-east-1.amazonses.com"));
		const records = await zone.text();
		const [before] = await ask(named(domain));
		expect(before.DkimAttributes.Status).toBe("SUCCESS");

		const names = { tenantName: "stood", domainIdentity: domain };
		await using refused = await project(names);
		const { all } = await refused.up({ expectFailure: true });
		expect(all).toContain("adoptExisting");
		expect(settingsOf((await ask(named(domain)))[0])).toEqual(settingsOf(before));

		await using taken = await project({ ...names, adoptExisting: true });
		await taken.up();
		expect((await taken.outputs()).sender).toBe(domain);
		const [during] = await ask(named(domain));
		expect(settingsOf(during)).toEqual({
			...settingsOf(before),
			Tags: expect.objectContaining({ team: "mail", "channels-adopted": "true" }),
		});
		expect((await taken.refresh()).changes).toEqual([]);
		expect((await taken.up()).changes).toEqual([]);

		await taken.destroy();
		const [after, tenants] = await ask(named(domain), ["list_tenants", {}]);
		expect([settingsOf(after), tenants]).toEqual([settingsOf(before), { Tenants: [] }]);
		expect(await zone.text()).toEqual(records);
		await ask(["delete_email_identity", { EmailIdentity: domain }]);
	});

	// ministack takes a domain with a key of its owner's for one without DKIM.
	it.runIf(where === "the sandbox")(
		"a domain that signs with its owner's key is taken in without DKIM records of ours",
		async () => {
			const zone = await Zone.create("key.test", aws.route53);
			const domain = "mail.key.test";
			const { attributes, record } = ownKey();
			await zone.put(set(`mine._domainkey.${domain}`, "TXT", ...record));
			const [, before] = await ask(
				["create_email_identity", { EmailIdentity: domain, DkimSigningAttributes: attributes }],
				named(domain),
			);
			const records = await zone.text();

			await using taken = await project({ tenantName: "key", domainIdentity: domain, adoptExisting: true });
			await taken.up();
			expect((await taken.outputs()).sender).toBe(domain);
			expect(await zone.values(`mine._domainkey.${domain}`, "TXT")).toEqual(record);
			expect((await zone.records()).filter(({ Type }) => Type === "CNAME")).toEqual([]);

			await taken.destroy();
			const [after] = await ask(named(domain));
			expect(settingsOf(after)).toEqual(settingsOf(before));
			expect(await zone.text()).toEqual(records);
		},
	);
});
