import { CreateHostedZoneCommand, ListHostedZonesCommand } from "@aws-sdk/client-route-53";
import { AssumeRoleCommand, GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { fromTemporaryCredentials } from "@aws-sdk/credential-providers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defaultAccount, type Sandbox, sandboxAccount, startSandbox } from "../../sandbox/index.js";
import { route53Client, stsClient } from "../support/aws.js";
import { ManualClock } from "../support/clock.js";

const dnsTeam = sandboxAccount("222222222222");
const roleArn = "arn:aws:iam::222222222222:role/dns-editor";

let sandbox: Sandbox;
let clock: ManualClock;
beforeEach(async () => {
	clock = new ManualClock();
	sandbox = await startSandbox({
		clock,
		accounts: [dnsTeam, sandboxAccount("333333333333")],
		roles: [{ arn: roleArn, externalId: "acme-7", trustedAccounts: [defaultAccount.id] }],
	});
});
afterEach(() => sandbox.close());

const assume = (input: { ExternalId?: string; DurationSeconds?: number; RoleArn?: string } = {}) =>
	stsClient(sandbox).send(
		new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: "test", ExternalId: "acme-7", ...input }),
	);

async function sessionClient() {
	const { Credentials } = await assume({ DurationSeconds: 900 });
	return route53Client(sandbox, {
		accessKeyId: Credentials?.AccessKeyId ?? "",
		secretAccessKey: Credentials?.SecretAccessKey ?? "",
		sessionToken: Credentials?.SessionToken ?? "",
	});
}

describe("STS", () => {
	it("says who is calling", async () => {
		expect(await stsClient(sandbox, dnsTeam).send(new GetCallerIdentityCommand({}))).toMatchObject({
			Account: "222222222222",
			Arn: "arn:aws:iam::222222222222:user/sandbox",
		});
	});

	it("gives credentials that act in the role's account", async () => {
		const client = await sessionClient();
		await client.send(new CreateHostedZoneCommand({ Name: "acme.com", CallerReference: "1" }));
		expect(sandbox.route53.allZones().map(({ account }) => account)).toEqual(["222222222222"]);
		const own = await route53Client(sandbox).send(new ListHostedZonesCommand({}));
		expect(own.HostedZones).toEqual([]);
	});

	it("serves the SDK's own way of assuming a role", async () => {
		const provider = fromTemporaryCredentials({
			masterCredentials: defaultAccount,
			params: { RoleArn: roleArn, ExternalId: "acme-7" },
			clientConfig: { endpoint: sandbox.sts.url, region: "us-east-1" },
		});
		expect((await provider()).accessKeyId).toMatch(/^ASIA/);
	});

	it("lets credentials expire", async () => {
		const client = await sessionClient();
		clock.advance(900_000);
		await expect(client.send(new ListHostedZonesCommand({}))).rejects.toMatchObject({ name: "ExpiredToken" });
	});

	it.each([
		["another external id", { ExternalId: "guessed" }],
		["a role that does not exist", { RoleArn: "arn:aws:iam::222222222222:role/none" }],
	])("refuses %s, giving the one reason that AWS gives", async (_, input) => {
		await expect(assume(input)).rejects.toMatchObject({
			name: "AccessDenied",
			message: expect.stringMatching(
				/is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::222222222222:role/,
			),
			$metadata: { httpStatusCode: 403 },
		});
	});

	it("refuses an account that the role does not trust", async () => {
		const stranger = stsClient(sandbox, sandboxAccount("333333333333"));
		const command = new AssumeRoleCommand({
			RoleArn: roleArn,
			RoleSessionName: "test",
			ExternalId: "acme-7",
		});
		await expect(stranger.send(command)).rejects.toMatchObject({ name: "AccessDenied" });
	});

	it("refuses a duration outside AWS's limits", async () => {
		await expect(assume({ DurationSeconds: 60 })).rejects.toMatchObject({ name: "ValidationError" });
	});

	it("refuses temporary keys without their session token", async () => {
		const { Credentials } = await assume();
		const client = route53Client(sandbox, {
			accessKeyId: Credentials?.AccessKeyId ?? "",
			secretAccessKey: Credentials?.SecretAccessKey ?? "",
		});
		await expect(client.send(new ListHostedZonesCommand({}))).rejects.toMatchObject({
			name: "InvalidClientTokenId",
		});
	});
});
