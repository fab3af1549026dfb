import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CreateTenantCommand, GetAccountCommand } from "@aws-sdk/client-sesv2";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { connectSes, type SesConnection } from "../../../provider/core/aws/ses-client.js";
import type { EmbeddedApi } from "../../../provider/core/settings/api.js";
import type { AwsSettings } from "../../../provider/core/settings/aws-settings.js";
import { defaultAccount, type Sandbox, sandboxAccount, startSandbox } from "../../../sandbox/index.js";
import { systemClock } from "../../../sandbox/server-clock.js";
import { startForwardProxy } from "../../support/forward-proxy.js";

const never = new AbortController().signal;
const other = sandboxAccount("222222222222");
const role = { arn: "arn:aws:iam::222222222222:role/mail", externalId: "acme" };

let sandbox: Sandbox;
let home: string;
beforeAll(async () => {
	sandbox = await startSandbox({ accounts: [other], roles: [role] });
	home = await mkdtemp(join(tmpdir(), "aws-home-"));
});
afterAll(async () => {
	await sandbox.close();
	await rm(home, { recursive: true });
});
beforeEach(() => sandbox.log.clear());
afterEach(() => {
	vi.unstubAllEnvs();
});

const keysOf = ({ accessKeyId, secretAccessKey }: typeof other) => ({
	accessKey: accessKeyId,
	secretKey: secretAccessKey,
});
const embedded: EmbeddedApi = { kind: "embedded", workspaceId: undefined, region: "eu-west-1", mx: true };
const connect = (
	api: Partial<EmbeddedApi> = {},
	aws: AwsSettings = {},
	{ url = sandbox.ses.url, sts = sandbox.sts.url, env = {} as Record<string, string> } = {},
) =>
	connectSes(
		{ ...embedded, ...api },
		{ ...keysOf(defaultAccount), endpoints: { sesv2: url, sts }, ...aws },
		(key) => env[key],
	);

let files = 0;
/** A file of the shared configuration with these profiles. The SDK reads one of a name once. */
async function configFile(text: string, path = join(home, `config-${files++}`)): Promise<string> {
	await writeFile(path, text);
	return path;
}
const profile = (name: string, { accessKeyId, secretAccessKey } = defaultAccount, more = "") =>
	`[profile ${name}]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n${more}\n`;

/** The call that fails, and what it comes to. */
async function failure({ client, failure }: SesConnection, message?: string) {
	const lift = message
		? sandbox.faults.add({
				service: "sesv2",
				effect: { kind: "error", status: 403, code: "AccessDeniedException", message },
			})
		: () => {};
	const error: unknown = await client.send(new GetAccountCommand({})).catch((cause: unknown) => cause);
	lift();
	return failure("get the account", error);
}

describe("Amazon SES is asked", () => {
	it("in the account of its own role, which the stack's credentials assume, and in its own region", async () => {
		const ses = await connect({ roleArn: role.arn, externalId: role.externalId }, { region: "us-east-1" });
		const warned = vi.spyOn(console, "warn");
		await ses.client.send(new CreateTenantCommand({ TenantName: "acme" }));
		// It would stand among what Pulumi shows.
		expect(warned).not.toHaveBeenCalled();
		expect([...sandbox.ses.region(other.id, "eu-west-1").tenants.keys()]).toEqual(["acme"]);
		expect(sandbox.ses.region(defaultAccount.id, "eu-west-1").tenants.size).toBe(0);
		expect(ses.region).toBe("eu-west-1");
		expect(await Promise.all([ses.account(never), ses.account(never)])).toEqual([other.id, other.id]);
		expect(sandbox.log.count({ operation: "GetCallerIdentity" })).toBe(1);
	});

	it("with its own profile, whatever keys the stack has, and in the region of that", async () => {
		const sharedConfigFile = await configFile(
			profile("stack", defaultAccount, "region = us-west-2") + profile("mail", other, "region = eu-west-2"),
		);
		const aws = { sharedConfigFile };
		const ses = await connect({ profile: "mail", region: undefined }, aws);
		expect(ses.region).toBe("eu-west-2");
		expect(await ses.account(never)).toBe(other.id);
		expect((await connect({ region: undefined }, { ...aws, profile: "stack" })).region).toBe("us-west-2");
	});

	it("nowhere where no region is known, and the error says how to give one", async () => {
		vi.stubEnv("AWS_REGION", undefined);
		vi.stubEnv("AWS_CONFIG_FILE", await configFile(profile("mail")));
		const error = await connect({ profile: "mail", region: undefined }).catch((cause: unknown) => cause);
		expect(error).toMatchObject({
			code: "setting-missing",
			message: expect.stringContaining("Set channels:sesRegion or aws:region"),
		});
	});

	it("at the endpoint of the environment too", async () => {
		vi.stubEnv("AWS_ENDPOINT_URL_SESV2", sandbox.ses.url);
		const { client } = await connect({}, { endpoints: { sts: sandbox.sts.url } });
		await client.send(new GetAccountCommand({}));
		expect(sandbox.log.count({ service: "sesv2" })).toBe(1);
	});

	it.each([
		["slow", 10 * 60_000],
		["fast", -10 * 60_000],
	])("once more where this machine's clock is %s, and else never", async (_, ahead) => {
		const away = await startSandbox({ clock: { ...systemClock, now: () => Date.now() + ahead } });
		const refuse = () =>
			away.faults.add({
				service: "sesv2",
				effect: { kind: "error", status: 429, code: "TooManyRequestsException", message: "Rate exceeded" },
			});
		try {
			const { client } = await connect({}, {}, { url: away.ses.url });
			await client.send(new GetAccountCommand({}));
			expect(away.log.all({ service: "sesv2" }).map(({ status }) => status)).toEqual([403, 200]);
			refuse();
			await expect(client.send(new GetAccountCommand({}))).rejects.toMatchObject({
				name: "TooManyRequestsException",
			});
			expect(away.log.count({ service: "sesv2" })).toBe(3);
		} finally {
			await away.close();
		}
	});

	it("with credentials as they stand now, once they are renewed", async () => {
		const api = { profile: "mail" };
		const sharedConfigFile = await configFile(profile("mail"));
		const ses = await connect(api, { sharedConfigFile });
		expect(await ses.account(never)).toBe(defaultAccount.id);
		await configFile(profile("mail", other), sharedConfigFile);
		await ses.renew();
		await ses.client.send(new CreateTenantCommand({ TenantName: "renewed" }));
		expect(sandbox.ses.region(other.id, "eu-west-1").tenants.has("renewed")).toBe(true);
	});
});

describe("what fails at Amazon SES", () => {
	const arn = `arn:aws:iam::${defaultAccount.id}:user/ada`;

	it.each([
		[`User: ${arn} is not authorized to perform: ses:GetAccount on resource: *`, "ses:GetAccount"],
		["User is not authorized to access this resource", "more actions of Amazon SES"],
	])("for want of a right names it: %s", async (message, action) => {
		const error = await failure(await connect(), message);
		expect(error.code).toBe("ses-denied");
		expect(error.message).toContain(
			`Amazon SES could not get the account: ${message} (AccessDeniedException`,
		);
		expect(error.message).toContain(`The credentials need ${action}`);
	});

	it("for want of credentials names the settings that are about it", async () => {
		const sharedConfigFile = await configFile("[profile empty]\n");
		const error = await failure(await connect({ profile: "empty" }, { sharedConfigFile }));
		expect(error.code).toBe("aws-credentials-missing");
		expect(error.message).toContain('Profile "empty" gives none');
		const wrong = await failure(await connect({}, { accessKey: "AKIANONE", secretKey: "none" }));
		expect(wrong).toMatchObject({ code: "aws-credentials-refused", word: "UnrecognizedClientException" });
	});

	it("because its role is not to be had names the role, and the settings that are about it", async () => {
		const ses = await connect({ roleArn: role.arn, externalId: "wrong" });
		for (const error of [
			await failure(ses),
			(await ses.account(never).catch((cause: unknown) => cause)) as Awaited<ReturnType<typeof failure>>,
		]) {
			expect(error.code).toBe("aws-role-not-assumed");
			expect(error.message).toContain(`because the role ${role.arn} could not be assumed`);
			expect(error.message).toContain("Check channels:sesRoleArn");
			expect(error.message).toContain("channels:sesExternalId if the role expects one");
		}
	});

	it("on the way there says what stands in it", async () => {
		await using proxy = await startForwardProxy({ refuse: 403 });
		const { endpoints } = { endpoints: { sesv2: "https://email.eu-west-1.amazonaws.com" } };
		const error = await failure(await connect({}, { endpoints }, { env: { HTTPS_PROXY: proxy.url } }));
		expect(error.code).toBe("ses-unanswered");
		expect(error.message).toContain(`the proxy ${proxy.url} (HTTPS_PROXY) answers with status 403`);
		expect(proxy.seen).toContain("CONNECT email.eu-west-1.amazonaws.com:443");
	});

	it("in an account that the stack keeps out is not asked at all", async () => {
		const ses = await connect({}, { allowedAccountIds: [other.id] });
		await expect(ses.account(never)).rejects.toMatchObject({ code: "aws-account-not-allowed" });
		expect(sandbox.log.count({ service: "sesv2" })).toBe(0);
	});

	it("with certificates that cannot be read says so in its own name", async () => {
		await expect(connect({}, { customCaBundle: import.meta.filename })).rejects.toMatchObject({
			code: "aws-certificates-unreadable",
			message: expect.stringMatching(/^Amazon SES cannot be asked: .*aws:customCaBundle/),
		});
	});
});
