import {
	CreateEmailIdentityCommand,
	CreateTenantCommand,
	CreateTenantResourceAssociationCommand,
	DeleteTenantCommand,
	GetEmailIdentityCommand,
	GetTenantCommand,
	ListResourceTenantsCommand,
	ListTenantResourcesCommand,
	ListTenantsCommand,
	PutEmailIdentityMailFromAttributesCommand,
	SESv2Client,
	TagResourceCommand,
} from "@aws-sdk/client-sesv2";
import { afterEach, beforeEach, expect, it } from "vitest";
import { defaultAccount, type Sandbox, startSandbox, systemClock } from "../../sandbox/index.js";

let sandbox: Sandbox;
let client: SESv2Client;
let later = 0;

beforeEach(async () => {
	later = 0;
	sandbox = await startSandbox({
		ses: { readLagMs: 60_000 },
		clock: { ...systemClock, now: () => Date.now() + later },
	});
	client = new SESv2Client({
		endpoint: sandbox.ses.url,
		region: "us-east-1",
		credentials: defaultAccount,
		maxAttempts: 1,
	});
});
afterEach(() => sandbox.close());

const identityArn = "arn:aws:ses:us-east-1:000000000000:identity/acme.com";
const tenant = () =>
	client
		.send(new GetTenantCommand({ TenantName: "one" }))
		.then(({ Tenant }) => Tenant?.TenantName)
		.catch((error: Error) => error.name);

const associate = () =>
	client.send(new CreateTenantResourceAssociationCommand({ TenantName: "one", ResourceArn: identityArn }));

it("hides what was just made from every second read, and from no other call", async () => {
	await client.send(new CreateTenantCommand({ TenantName: "one" }));
	expect([await tenant(), await tenant(), await tenant()]).toEqual([
		"NotFoundException",
		"one",
		"NotFoundException",
	]);
	await expect(client.send(new CreateTenantCommand({ TenantName: "one" }))).rejects.toMatchObject({
		name: "AlreadyExistsException",
	});
	later = 61_000;
	expect([await tenant(), await tenant()]).toEqual(["one", "one"]);
});

it("shows what was before a change, each operation by itself", async () => {
	await client.send(new CreateEmailIdentityCommand({ EmailIdentity: "acme.com" }));
	await client.send(new CreateTenantCommand({ TenantName: "one" }));
	later = 61_000;
	await associate();
	await client.send(new TagResourceCommand({ ResourceArn: identityArn, Tags: [{ Key: "a", Value: "1" }] }));
	const counts = async () => [
		(await client.send(new ListTenantResourcesCommand({ TenantName: "one" }))).TenantResources?.length,
		(await client.send(new ListResourceTenantsCommand({ ResourceArn: identityArn }))).ResourceTenants?.length,
		(await client.send(new GetEmailIdentityCommand({ EmailIdentity: "acme.com" }))).Tags?.length,
	];
	expect(await counts()).toEqual([0, 0, 0]);
	expect(await counts()).toEqual([1, 1, 1]);
	later += 61_000;
	expect(await counts()).toEqual([1, 1, 1]);
});

it("does not find, at first, what was just made and is named", async () => {
	const MailFromDomain = "bounce.acme.com";
	const mailFrom = () =>
		client.send(new PutEmailIdentityMailFromAttributesCommand({ EmailIdentity: "acme.com", MailFromDomain }));
	await client.send(new CreateTenantCommand({ TenantName: "one" }));
	await client.send(new CreateEmailIdentityCommand({ EmailIdentity: "acme.com" }));
	await expect(associate()).rejects.toMatchObject({ name: "NotFoundException" });
	await associate();
	await expect(mailFrom()).rejects.toMatchObject({ message: "Identity <acme.com> does not exist." });
	await mailFrom();
});

it("still shows what was just deleted", async () => {
	await client.send(new CreateTenantCommand({ TenantName: "one" }));
	later = 61_000;
	await client.send(new DeleteTenantCommand({ TenantName: "one" }));
	expect([await tenant(), await tenant()]).toEqual(["one", "NotFoundException"]);
	const { Tenants } = await client.send(new ListTenantsCommand({}));
	expect(Tenants?.map(({ TenantName }) => TenantName)).toEqual(["one"]);
});
