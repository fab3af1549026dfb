/** Where ministack's SES and the sandbox's answer differently, where alike, and what AWS does. */
import {
	CreateConfigurationSetCommand,
	CreateEmailIdentityCommand,
	type CreateEmailIdentityCommandInput,
	CreateTenantCommand,
	CreateTenantResourceAssociationCommand,
	DeleteConfigurationSetCommand,
	DeleteEmailIdentityCommand,
	DeleteTenantCommand,
	DeleteTenantResourceAssociationCommand,
	GetAccountCommand,
	GetEmailIdentityCommand,
	GetTenantCommand,
	ListResourceTenantsCommand,
	ListTagsForResourceCommand,
	ListTenantResourcesCommand,
	PutEmailIdentityConfigurationSetAttributesCommand,
	PutEmailIdentityDkimSigningAttributesCommand,
	PutEmailIdentityMailFromAttributesCommand,
	paginateListResourceTenants,
	SESv2Client,
	type Tag,
	TagResourceCommand,
	UntagResourceCommand,
} from "@aws-sdk/client-sesv2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defaultAccount, type Sandbox, startSandbox } from "../../sandbox/index.js";
import { ownKey } from "../support/own-key.js";
import { type PeerServer, startMinistack } from "./server.js";

let ministack: PeerServer;
let sandbox: Sandbox;
beforeAll(async () => {
	ministack = await startMinistack();
	sandbox = await startSandbox();
});
afterAll(async () => {
	await sandbox?.close();
	await ministack?.[Symbol.asyncDispose]();
});

interface Question {
	what: string;
	/** Who says what AWS does. */
	source: string;
	/** `domain` and `tenant` are the question's own. */
	ask(ses: SESv2Client, domain: string, tenant: string): Promise<unknown>;
	/** What AWS does, and the sandbox. */
	aws: unknown;
	/** Left out where it does the same. */
	ministack?: unknown;
}

/** The name of the error, or "done". */
const outcome = (work: Promise<unknown>) => work.then(() => "done").catch((error: Error) => error.name);

const api = "SES API v2 reference";
const made = (
	ses: SESv2Client,
	domain: string,
	more: Omit<CreateEmailIdentityCommandInput, "EmailIdentity"> = {},
) => ses.send(new CreateEmailIdentityCommand({ EmailIdentity: domain, ...more }));
const found = (ses: SESv2Client, domain: string) =>
	ses.send(new GetEmailIdentityCommand({ EmailIdentity: domain }));

const tag = (ses: SESv2Client, ResourceArn: string, ...Tags: Tag[]) =>
	ses.send(new TagResourceCommand({ ResourceArn, Tags }));
const untag = (ses: SESv2Client, ResourceArn: string, ...TagKeys: string[]) =>
	ses.send(new UntagResourceCommand({ ResourceArn, TagKeys }));
const configurationSet = (ses: SESv2Client, name: string) =>
	ses.send(new CreateConfigurationSetCommand({ ConfigurationSetName: name }));

const identityArn = (domain: string) => `arn:aws:ses:us-east-1:${defaultAccount.id}:identity/${domain}`;

/** An identity, made where it is not there, in a new tenant. */
async function associated(ses: SESv2Client, domain: string, tenant: string) {
	await outcome(made(ses, domain));
	await ses.send(new CreateTenantCommand({ TenantName: tenant }));
	const pair = { TenantName: tenant, ResourceArn: identityArn(domain) };
	await ses.send(new CreateTenantResourceAssociationCommand(pair));
	return pair;
}

const sesClient = ({ url }: { url: string }) =>
	new SESv2Client({ endpoint: url, region: "us-east-1", credentials: defaultAccount, maxAttempts: 1 });

const differences: Question[] = [
	{
		what: "a second CreateEmailIdentity",
		source: `${api}, CreateEmailIdentity, errors: AlreadyExistsException`,
		async ask(ses, domain) {
			await made(ses, domain);
			return outcome(made(ses, domain));
		},
		aws: "AlreadyExistsException",
		ministack: "done",
	},
	{
		what: "a delete of an identity that is not there",
		source: `${api}, DeleteEmailIdentity, errors: NotFoundException`,
		ask: (ses, domain) => outcome(ses.send(new DeleteEmailIdentityCommand({ EmailIdentity: domain }))),
		aws: "NotFoundException",
		ministack: "done",
	},
	{
		what: "an identity by its name in capitals",
		source: "tried on AWS: github.com/getmoto/moto/pull/4050",
		async ask(ses, domain) {
			await made(ses, domain);
			return outcome(found(ses, domain.toUpperCase()));
		},
		aws: "done",
		ministack: "NotFoundException",
	},
	{
		what: "an identity with a dot at its end",
		source: "met on AWS: github.com/hashicorp/terraform-provider-aws/pull/3840",
		ask: (ses, domain) => outcome(made(ses, `${domain}.`)),
		aws: "BadRequestException",
		ministack: "done",
	},
	{
		what: "a tenant name of 65 characters",
		source: "tried on AWS: github.com/floci-io/floci/pull/2644",
		ask: (ses) => outcome(ses.send(new CreateTenantCommand({ TenantName: "x".repeat(65) }))),
		aws: "BadRequestException",
		ministack: "done",
	},
	{
		what: "the zone of the DKIM keys",
		source: `${api}, DkimAttributes, SigningHostedZone`,
		ask: async (ses, domain) => (await made(ses, domain)).DkimAttributes?.SigningHostedZone,
		aws: "dkim.amazonses.com",
		ministack: undefined,
	},
	{
		what: "whether mail of a new domain is signed",
		source: `${api}, DkimAttributes, SigningEnabled`,
		ask: async (ses, domain) => (await made(ses, domain)).DkimAttributes?.SigningEnabled,
		aws: true,
		ministack: false,
	},
	{
		what: "whether a domain nobody has verified may send",
		source: `${api}, CreateEmailIdentity, VerifiedForSendingStatus`,
		ask: async (ses, domain) => (await made(ses, domain)).VerifiedForSendingStatus,
		aws: false,
		ministack: true,
	},
	{
		what: "a domain whose DKIM records stand",
		source: `${api}, CreateEmailIdentity: a domain is verified when SES detects them`,
		async ask(ses, domain) {
			const { DkimAttributes } = await made(ses, domain);
			const zone = sandbox.route53.createZone(domain);
			for (const token of DkimAttributes?.Tokens ?? []) {
				const target = `${token}.${DkimAttributes?.SigningHostedZone ?? "dkim.amazonses.com"}`;
				const name = `${token}._domainkey.${domain}`;
				sandbox.route53.put(zone.id, { name, type: "CNAME", values: [target] });
			}
			const { DkimAttributes: now } = await found(ses, domain);
			sandbox.route53.deleteZone(zone.id);
			return now?.Status;
		},
		aws: "SUCCESS",
		ministack: "PENDING",
	},
	{
		what: "DKIM set up anew",
		source: `${api}, PutEmailIdentityDkimSigningAttributes`,
		async ask(ses, domain) {
			await made(ses, domain);
			return outcome(
				ses.send(
					new PutEmailIdentityDkimSigningAttributesCommand({
						EmailIdentity: domain,
						SigningAttributesOrigin: "AWS_SES",
					}),
				),
			);
		},
		aws: "done",
		ministack: "NotFoundException",
	},
	{
		what: "a MAIL FROM domain",
		source: `${api}, PutEmailIdentityMailFromAttributes`,
		async ask(ses, domain) {
			await made(ses, domain);
			const MailFromDomain = `bounce.${domain}`;
			return outcome(
				ses.send(new PutEmailIdentityMailFromAttributesCommand({ EmailIdentity: domain, MailFromDomain })),
			);
		},
		aws: "done",
		ministack: "NotFoundException",
	},
	{
		what: "tags that an identity was given later, among what it tells of itself",
		source: `${api}, GetEmailIdentity, Tags`,
		async ask(ses, domain) {
			await made(ses, domain);
			await tag(ses, identityArn(domain), { Key: "a", Value: "1" });
			return (await found(ses, domain)).Tags;
		},
		aws: [{ Key: "a", Value: "1" }],
		ministack: [],
	},
	{
		what: "51 tags, two of a key, a key of AWS's, other characters, none to take away",
		source: "tried on AWS: github.com/floci-io/floci/pull/2504, pull/2589",
		async ask(ses, domain) {
			await made(ses, domain);
			const arn = identityArn(domain);
			const many = Array.from({ length: 51 }, (_, index) => ({ Key: `${index}`, Value: "" }));
			const one = { Key: "a", Value: "" };
			const refused: Tag[][] = [many, [one, one], [{ Key: "aws:a", Value: "" }], [{ Key: "a,b", Value: "" }]];
			const outcomes: string[] = [];
			for (const tags of refused) outcomes.push(await outcome(tag(ses, arn, ...tags)));
			return [...outcomes, await outcome(untag(ses, arn))];
		},
		aws: [...Array(4).fill("BadRequestException"), "ValidationException"],
		ministack: Array(5).fill("done"),
	},
	{
		what: "an ARN with a tenant's id under another name",
		source: "tried on AWS: github.com/floci-io/floci/pull/2832",
		async ask(ses, _, tenant) {
			const { TenantArn = "" } = await ses.send(new CreateTenantCommand({ TenantName: tenant }));
			return outcome(tag(ses, TenantArn.replace(`/${tenant}/`, "/other/"), { Key: "a", Value: "" }));
		},
		aws: "done",
		ministack: "NotFoundException",
	},
	{
		what: "the kinds of what a tenant holds",
		source: "tried on AWS: github.com/floci-io/floci/pull/2710, against the API reference",
		async ask(ses, domain, tenant) {
			await associated(ses, domain, tenant);
			const list = (RESOURCE_TYPE?: string) =>
				ses.send(
					new ListTenantResourcesCommand({
						TenantName: tenant,
						...(RESOURCE_TYPE && { Filter: { RESOURCE_TYPE } }),
					}),
				);
			const { TenantResources = [] } = await list();
			const kinds = TenantResources.map(({ ResourceType }) => ResourceType);
			return [kinds, await outcome(list("identity")), await outcome(list("EMAIL_IDENTITY"))];
		},
		aws: [["identity"], "done", "BadRequestException"],
		ministack: [["EMAIL_IDENTITY"], "BadRequestException", "done"],
	},
	{
		what: "a key of the owner's own",
		source: `${api}, DkimAttributes`,
		async ask(ses, domain) {
			await made(ses, domain, { DkimSigningAttributes: ownKey("mine").attributes });
			const { SigningEnabled, Status, Tokens, SigningAttributesOrigin } =
				(await found(ses, domain)).DkimAttributes ?? {};
			return [SigningEnabled, Status, Tokens, SigningAttributesOrigin];
		},
		aws: [true, "PENDING", ["mine"], "EXTERNAL"],
		ministack: [false, "NOT_STARTED", [], undefined],
	},
	{
		what: "an identity with a configuration set, with one that is not there, and with none any more",
		source: "tried on AWS: github.com/floci-io/floci/pull/1812",
		async ask(ses, domain, tenant) {
			await configurationSet(ses, tenant);
			await made(ses, domain, { ConfigurationSetName: tenant });
			return [
				(await found(ses, domain)).ConfigurationSetName,
				await outcome(made(ses, `other.${domain}`, { ConfigurationSetName: "nothing" })),
				await outcome(
					ses.send(new PutEmailIdentityConfigurationSetAttributesCommand({ EmailIdentity: domain })),
				),
			];
		},
		aws: [expect.stringMatching(/^differ-/), "NotFoundException", "done"],
		ministack: [undefined, "done", "NotFoundException"],
	},
];

/** What service and provider stand on, and both answer alike. */
const agreements: Question[] = [
	{
		what: "an identity without a MAIL FROM domain tells the behaviour alone",
		source: "tried on AWS: github.com/floci-io/floci/pull/1273",
		async ask(ses, domain) {
			await made(ses, domain);
			return (await found(ses, domain)).MailFromAttributes;
		},
		aws: { BehaviorOnMxFailure: "USE_DEFAULT_VALUE" },
	},
	{
		what: "an account that may send to everybody",
		source: `${api}, GetAccount`,
		async ask(ses) {
			const account = await ses.send(new GetAccountCommand());
			return [account.ProductionAccessEnabled, account.SendingEnabled, account.EnforcementStatus];
		},
		aws: [true, true, "HEALTHY"],
	},
	{
		what: "a delete of an identity that a tenant holds is refused",
		source: "met on AWS: github.com/ekristen/aws-nuke/issues/962",
		async ask(ses, domain, tenant) {
			await associated(ses, domain, tenant);
			return outcome(ses.send(new DeleteEmailIdentityCommand({ EmailIdentity: domain })));
		},
		aws: "BadRequestException",
	},
	{
		what: "an association is taken away twice",
		source: "tried on AWS: github.com/floci-io/floci/pull/2710",
		async ask(ses, domain, tenant) {
			const pair = await associated(ses, domain, tenant);
			await ses.send(new DeleteTenantResourceAssociationCommand(pair));
			return outcome(ses.send(new DeleteTenantResourceAssociationCommand(pair)));
		},
		aws: "done",
	},
	{
		what: "an association is made twice",
		source: `${api}, CreateTenantResourceAssociation, errors: AlreadyExistsException`,
		async ask(ses, domain, tenant) {
			const pair = await associated(ses, domain, tenant);
			return outcome(ses.send(new CreateTenantResourceAssociationCommand(pair)));
		},
		aws: "AlreadyExistsException",
	},
	{
		what: "an identity that is not there is associated",
		source: "tried on AWS: github.com/floci-io/floci/pull/2710",
		async ask(ses, domain, tenant) {
			await ses.send(new CreateTenantCommand({ TenantName: tenant }));
			const pair = { TenantName: tenant, ResourceArn: identityArn(domain) };
			return outcome(ses.send(new CreateTenantResourceAssociationCommand(pair)));
		},
		aws: "NotFoundException",
	},
	{
		what: "a tenant is made twice, and keeps its first tags",
		source: "tried on AWS: github.com/floci-io/floci/pull/2644",
		async ask(ses, _, tenant) {
			const create = (Value: string) =>
				ses.send(new CreateTenantCommand({ TenantName: tenant, Tags: [{ Key: "owner", Value }] }));
			await create("first");
			const again = await outcome(create("second"));
			const { Tenant } = await ses.send(new GetTenantCommand({ TenantName: tenant }));
			return [again, Tenant?.Tags?.map(({ Value }) => Value)];
		},
		aws: ["AlreadyExistsException", ["first"]],
	},
	{
		what: "names of tenants differ by their case",
		source: `${api}, CreateTenant, TenantName`,
		async ask(ses, _, tenant) {
			await ses.send(new CreateTenantCommand({ TenantName: tenant }));
			return outcome(ses.send(new CreateTenantCommand({ TenantName: tenant.toUpperCase() })));
		},
		aws: "done",
	},
	{
		what: "a tenant is deleted with its associations, and not its identity",
		source: `${api}, DeleteTenant`,
		async ask(ses, domain, tenant) {
			const { ResourceArn } = await associated(ses, domain, tenant);
			await ses.send(new DeleteTenantCommand({ TenantName: tenant }));
			const { ResourceTenants } = await ses.send(new ListResourceTenantsCommand({ ResourceArn }));
			return [
				ResourceTenants,
				await outcome(ses.send(new GetTenantCommand({ TenantName: tenant }))),
				await outcome(found(ses, domain)),
			];
		},
		aws: [[], "NotFoundException", "done"],
	},
	{
		what: "the tenants of an identity come in pages",
		source: `${api}, ListResourceTenants, NextToken`,
		async ask(ses, domain, tenant) {
			await made(ses, domain);
			const names = ["one", "two", "three"].map((each) => `${tenant}-${each}`);
			for (const each of names) await associated(ses, domain, each);
			const listed: unknown[] = [];
			const pages = paginateListResourceTenants(
				{ client: ses, pageSize: 2 },
				{ ResourceArn: identityArn(domain) },
			);
			for await (const { ResourceTenants } of pages)
				listed.push(ResourceTenants?.map(({ TenantName }) => TenantName?.replace(`${tenant}-`, "")));
			return listed;
		},
		aws: [["one", "two"], ["three"]],
	},
	{
		what: "tags of a tenant and an identity are set, replaced and taken away, also twice",
		source: `${api}, TagResource, UntagResource`,
		async ask(ses, domain, tenant) {
			await made(ses, domain, { Tags: [{ Key: "own", Value: "1" }] });
			const { TenantArn = "" } = await ses.send(new CreateTenantCommand({ TenantName: tenant }));
			const listed: unknown[] = [];
			for (const ResourceArn of [identityArn(domain), TenantArn]) {
				await tag(ses, ResourceArn, { Key: "b", Value: "1" });
				await tag(ses, ResourceArn, { Key: "b", Value: "2" }, { Key: "c", Value: "3" });
				for (let time = 0; time < 2; time += 1) await untag(ses, ResourceArn, "c");
				const { Tags = [] } = await ses.send(new ListTagsForResourceCommand({ ResourceArn }));
				listed.push(Tags.map(({ Key, Value }) => `${Key}=${Value}`).sort());
			}
			const { Tenant } = await ses.send(new GetTenantCommand({ TenantName: tenant }));
			return [...listed, Tenant?.Tags];
		},
		aws: [["b=2", "own=1"], ["b=2"], [{ Key: "b", Value: "2" }]],
	},
	{
		what: "what is not there, or in another region or account, is not tagged",
		source: "tried on AWS: github.com/floci-io/floci/pull/760, pull/2589, pull/2832",
		async ask(ses, domain, tenant) {
			await made(ses, domain);
			const { TenantArn = "" } = await ses.send(new CreateTenantCommand({ TenantName: tenant }));
			await ses.send(new DeleteTenantCommand({ TenantName: tenant }));
			await ses.send(new CreateTenantCommand({ TenantName: tenant }));
			const arn = identityArn(domain);
			const arns = [
				TenantArn,
				identityArn(`other.${domain}`),
				arn.replace("us-east-1", "eu-west-1"),
				arn.replace(defaultAccount.id, "111111111111"),
			];
			const outcomes: string[] = [];
			for (const each of arns) outcomes.push(await outcome(tag(ses, each, { Key: "a", Value: "" })));
			return outcomes;
		},
		aws: ["NotFoundException", "NotFoundException", "BadRequestException", "BadRequestException"],
	},
	{
		what: "a configuration set is made once, and not deleted while a tenant holds it",
		source: `${api}, CreateConfigurationSet; tried on AWS: github.com/floci-io/floci/pull/2710`,
		async ask(ses, _, tenant) {
			await configurationSet(ses, tenant);
			await ses.send(new CreateTenantCommand({ TenantName: tenant }));
			const ResourceArn = `arn:aws:ses:us-east-1:${defaultAccount.id}:configuration-set/${tenant}`;
			const pair = { TenantName: tenant, ResourceArn };
			await ses.send(new CreateTenantResourceAssociationCommand(pair));
			const remove = () =>
				outcome(ses.send(new DeleteConfigurationSetCommand({ ConfigurationSetName: tenant })));
			const held = await remove();
			await ses.send(new DeleteTenantResourceAssociationCommand(pair));
			return [await outcome(configurationSet(ses, tenant)), held, await remove()];
		},
		aws: ["AlreadyExistsException", "BadRequestException", "done"],
	},
];

async function answers({ ask }: Question, label: string) {
	const of = (server: { url: string }) => ask(sesClient(server), `${label}.test`, label);
	return { aws: await of(sandbox.ses), ministack: await of(ministack) };
}

describe("of SES the sandbox is right about", () => {
	it.each(differences)("$what ($source)", async (each) => {
		const { aws, ministack } = each;
		expect(await answers(each, `differ-${differences.indexOf(each)}`)).toEqual({ aws, ministack });
	});
});

describe("of SES the sandbox and ministack do alike:", () => {
	it.each(agreements)("$what ($source)", async (each) => {
		const { aws } = each;
		expect(await answers(each, `agree-${agreements.indexOf(each)}`)).toEqual({ aws, ministack: aws });
	});
});
