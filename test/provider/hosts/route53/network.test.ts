import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { Route53Error } from "../../../../provider/core/hosts/route53/api.js";
import { connectRoute53 } from "../../../../provider/core/hosts/route53/client.js";
import type { AwsSettings } from "../../../../provider/core/settings/aws-settings.js";
import { defaultAccount, type Sandbox, sandboxAccount, startSandbox } from "../../../../sandbox/index.js";
import { systemClock } from "../../../../sandbox/server-clock.js";
import { startForwardProxy } from "../../../support/forward-proxy.js";
import { authorityFile, serveOnLoopback } from "../../../support/tls.js";
import { HastyClock } from "../../hasty-clock.js";

const never = new AbortController().signal;
const other = sandboxAccount("222222222222");
const role = { arn: "arn:aws:iam::222222222222:role/dns" };

let sandbox: Sandbox;
let zoneId: string;
let theirs: string;
beforeAll(async () => {
	sandbox = await startSandbox({ accounts: [other], roles: [role] });
	zoneId = sandbox.route53.createZone("acme.com").id;
	theirs = sandbox.route53.createZone("other.com", { account: other.id }).id;
});
afterAll(() => sandbox.close());
beforeEach(() => sandbox.log.clear());

const keys = { accessKey: defaultAccount.accessKeyId, secretKey: defaultAccount.secretAccessKey };
const connect = (aws: AwsSettings, env: Record<string, string> = {}) =>
	connectRoute53({
		access: {},
		aws: { ...keys, ...aws },
		env: (key) => env[key],
		clock: new HastyClock(),
		random: Math.random,
		stop: never,
		onBusy() {},
	});
const failure = async (call: Promise<unknown>) =>
	(await call.catch((error: unknown) => error)) as Route53Error;

/** Ends TLS in front of a server of the sandbox. */
const secured = (url: string) =>
	serveOnLoopback((request, response) => {
		const chunks: Buffer[] = [];
		request.on("data", (chunk: Buffer) => chunks.push(chunk));
		request.on("end", () => {
			const { method, headers } = request;
			const body = method === "GET" ? {} : { body: Buffer.concat(chunks) };
			const { host: _, connection: __, "content-length": ___, ...passed } = headers;
			fetch(`${url}${request.url}`, { method: method ?? "GET", headers: passed as never, ...body })
				.then(async (answer) => {
					response.writeHead(answer.status, { "content-type": "text/xml" });
					response.end(await answer.text());
				})
				.catch(() => response.destroy());
		});
	});

describe("AWS behind a proxy", () => {
	it("is asked through it for Route 53 and STS alike, and never around it", async () => {
		await using front = await secured(sandbox.route53.url);
		await using stsFront = await secured(sandbox.sts.url);
		await using proxy = await startForwardProxy({ to: front.url });
		await using stsProxy = await startForwardProxy({ to: stsFront.url });
		// Hosts without an address: who goes around the proxy finds nobody.
		const route53 = await connect(
			{
				endpoints: { route53: "https://route53.acme.test", sts: "https://sts.acme.test" },
				customCaBundle: authorityFile,
			},
			{ https_proxy: proxy.url.replace("//", "//user:secret@") },
		);
		expect(await route53.getZone(zoneId, never)).toMatchObject({ name: "acme.com" });
		expect(proxy.seen).toEqual(["CONNECT route53.acme.test:443"]);
		expect(proxy.credentials).toEqual([`Basic ${Buffer.from("user:secret").toString("base64")}`]);

		const assumed = await connect(
			{
				endpoints: { route53: sandbox.route53.url, sts: "https://sts.acme.test" },
				assumeRoles: [{ roleArn: role.arn }],
				httpsProxy: stsProxy.url,
			},
			{ HTTPS_PROXY: "http://127.0.0.1:9", AWS_CA_BUNDLE: authorityFile, no_proxy: "127.0.0.1" },
		);
		expect(await assumed.getZone(theirs, never)).toMatchObject({ name: "other.com" });
		expect(stsProxy.seen).toEqual(["CONNECT sts.acme.test:443"]);
	});

	it("is asked by plain HTTP through HTTP_PROXY, and not where NO_PROXY says so", async () => {
		await using proxy = await startForwardProxy();
		const endpoints = { route53: sandbox.route53.url };
		const through = await connect({ endpoints }, { HTTP_PROXY: proxy.url });
		await through.listZonesByName({ name: "acme.com" }, never);
		expect(proxy.seen).toEqual([`GET ${sandbox.route53.url}/2013-04-01/hostedzonesbyname?dnsname=acme.com`]);
		const around = await connect({ endpoints, noProxy: "127.0.0.0/8" }, { HTTP_PROXY: proxy.url });
		await around.getZone(zoneId, never);
		expect(proxy.seen).toHaveLength(1);
	});

	it.each([
		["refuses", 407, "answers with status 407"],
		["is dead", undefined, "ECONNREFUSED"],
	])("that %s fails with the proxy's name, and without its password", async (_, refuse, reason) => {
		const proxy = await startForwardProxy(refuse ? { refuse } : {});
		if (!refuse) await proxy[Symbol.asyncDispose]();
		const aws = { endpoints: { route53: "https://route53.acme.test" } };
		const route53 = await connect(aws, { HTTPS_PROXY: proxy.url.replace("//", "//user:hunter2@") });
		const error = await failure(route53.getZone(zoneId, never));
		expect(error).toMatchObject({ name: "Route53Error", kind: "unanswered" });
		expect(error.message).toContain(`the proxy ${proxy.url} (HTTPS_PROXY)`);
		expect(error.message).toContain(reason);
		expect(JSON.stringify([error.message, error.stack, String(error.cause)])).not.toContain("hunter2");
		await proxy[Symbol.asyncDispose]();
	});

	it("that refuses a call to STS fails with its name too", async () => {
		await using proxy = await startForwardProxy({ refuse: 403 });
		const route53 = await connect(
			{
				endpoints: { route53: sandbox.route53.url, sts: "https://sts.acme.test" },
				assumeRoles: [{ roleArn: role.arn }],
			},
			{ HTTPS_PROXY: proxy.url },
		);
		const error = await failure(route53.getZone(zoneId, never));
		expect(error.message).toContain(`the proxy ${proxy.url} (HTTPS_PROXY) answers with status 403`);
	});
});

describe("a certificate of an authority of one's own", () => {
	it("is trusted by AWS_CA_BUNDLE and aws:customCaBundle, and else refused at once with what to set", async () => {
		await using front = await secured(sandbox.route53.url);
		const endpoints = { route53: front.url };
		for (const route53 of [
			await connect({ endpoints }, { AWS_CA_BUNDLE: authorityFile }),
			await connect({ endpoints, customCaBundle: authorityFile }, { AWS_CA_BUNDLE: "/nowhere" }),
		]) {
			expect(await route53.getZone(zoneId, never)).toMatchObject({ name: "acme.com" });
		}
		const before = front.connections;
		const error = await failure((await connect({ endpoints })).getZone(zoneId, never));
		expect(error.message).toContain("aws:customCaBundle");
		expect(error.kind).not.toBe("unanswered");
		expect(front.connections).toBe(before + 1);
	});

	it.each(["/nowhere/ca.pem", import.meta.filename])(
		"that is not in %s is told with the setting",
		async (path) => {
			for (const [setting, aws, env] of [
				["aws:customCaBundle", { customCaBundle: path }, {}],
				["AWS_CA_BUNDLE", {}, { AWS_CA_BUNDLE: path }],
			] as const) {
				const error = await failure(connect(aws, env));
				expect(error.name).toBe("Route53Error");
				expect(error.message).toContain(`${path}, which ${setting} names, holds no certificates (PEM)`);
			}
		},
	);
});

describe("a clock that is wrong", () => {
	it.each([
		["slow", 10 * 60_000],
		["fast", -10 * 60_000],
	])("and %s is put right by one repetition, of a change too", async (_, ahead) => {
		// Time at AWS is another than here.
		const away = await startSandbox({
			clock: { ...systemClock, now: () => Date.now() + ahead },
			accounts: [other],
			roles: [role],
		});
		try {
			const zone = away.route53.createZone("acme.com", { account: other.id });
			const endpoints = { route53: away.route53.url, sts: away.sts.url };
			const own = await connect({ ...keysOf(other), endpoints });
			const set = { name: "x.acme.com", type: "TXT", ttl: 60, values: ['"x"'] };
			await own.change(zone.id, [{ action: "CREATE", set }], never);
			await own.getZone(zone.id, never);
			expect(away.log.all({ service: "route53" }).map(({ status, error }) => error ?? status)).toEqual([
				"SignatureDoesNotMatch",
				200,
				200,
			]);
			const assumed = await connect({ endpoints, assumeRoles: [{ roleArn: role.arn }] });
			expect(await assumed.getZone(zone.id, never)).toMatchObject({ name: "acme.com" });
			expect(away.log.all({ service: "sts" }).map(({ status }) => status)).toEqual([403, 200]);
		} finally {
			await away.close();
		}
	});

	it("is not repeated for a signature that is wrong for another reason", async () => {
		const lift = sandbox.faults.add({
			service: "route53",
			effect: { kind: "error", status: 403, code: "SignatureDoesNotMatch", message: "Check your key." },
			times: Number.POSITIVE_INFINITY,
		});
		const route53 = await connect({ endpoints: { route53: sandbox.route53.url } });
		const error = await failure(route53.getZone(zoneId, never));
		lift();
		expect(error.message).toContain("AWS does not accept these credentials");
		expect(sandbox.log.count({ service: "route53" })).toBe(1);
	});
});

const keysOf = ({ accessKeyId, secretAccessKey }: typeof other) => ({
	accessKey: accessKeyId,
	secretKey: secretAccessKey,
});

describe("credentials from elsewhere", () => {
	let home: string;
	beforeAll(async () => {
		home = await mkdtemp(join(tmpdir(), "aws-home-"));
		const cache = join(home, ".aws/sso/cache");
		await mkdir(cache, { recursive: true });
		// As `aws sso login` leaves it: the name is the SHA-1 of the session's.
		const token = createHash("sha1").update("acme").digest("hex");
		await writeFile(
			join(cache, `${token}.json`),
			JSON.stringify({ accessToken: "t", expiresAt: new Date(Date.now() + 3_600_000).toISOString() }),
		);
		await writeFile(join(home, "token"), "a token");
		await writeFile(
			join(home, "config"),
			`
[profile keys]
aws_access_key_id = AKIA
aws_secret_access_key = secret
[profile role]
role_arn = ${role.arn}
source_profile = keys
region = eu-west-1
[profile mfa]
role_arn = ${role.arn}
source_profile = keys
mfa_serial = arn:aws:iam::${other.id}:mfa/ada
[profile further]
role_arn = arn:aws:iam::${other.id}:role/further
source_profile = mfa
[profile web]
role_arn = ${role.arn}
web_identity_token_file = ${join(home, "token")}
[profile sso]
sso_session = acme
sso_account_id = ${other.id}
sso_role_name = dns
[sso-session acme]
sso_start_url = https://acme.awsapps.com/start
sso_region = eu-central-1
`,
		);
	});
	afterAll(() => rm(home, { recursive: true }));
	afterEach(() => {
		vi.unstubAllEnvs();
	});

	it.each([
		["role", "sts.eu-west-1.amazonaws.com"],
		["web", "sts.us-east-1.amazonaws.com"],
		["sso", "portal.sso.eu-central-1.amazonaws.com"],
	])("of the profile %s are fetched through the proxy too", async (profile, host) => {
		await using proxy = await startForwardProxy({ refuse: 403 });
		vi.stubEnv("HOME", home);
		const { endpoints } = { endpoints: { route53: sandbox.route53.url } };
		const route53 = await connectRoute53({
			access: {},
			aws: { profile, endpoints, sharedConfigFile: join(home, "config"), maxAttempts: 1 },
			env: (key) => ({ HTTPS_PROXY: proxy.url })[key],
			clock: new HastyClock(),
			random: Math.random,
			stop: never,
			onBusy() {},
		});
		const error = await failure(route53.getZone(zoneId, never));
		expect(proxy.seen).toContain(`CONNECT ${host}:443`);
		expect(error.message).toContain(`the proxy ${proxy.url} (HTTPS_PROXY) answers with status 403`);
	});

	it.each([
		["the stack", {}, { profile: "mfa" }, "--profile mfa "],
		["the resource", { profile: "mfa" }, {}, "--profile mfa "],
		["the environment", {}, {}, ""],
		["another profile, which goes by it", {}, { profile: "further" }, "--profile further "],
		[
			"the stack, for a role of its own",
			{},
			{ profile: "mfa", assumeRoles: [{ roleArn: "own" }] },
			"--profile mfa ",
		],
	])(
		"want a code for a profile of %s with MFA, and the error says how to get them first",
		async (_, access, aws, named) => {
			vi.stubEnv("AWS_PROFILE", "mfa");
			vi.stubEnv("AWS_CONFIG_FILE", join(home, "config"));
			sandbox.log.clear();
			const route53 = await connectRoute53({
				access,
				aws: { ...aws, endpoints: { route53: sandbox.route53.url, sts: sandbox.sts.url } },
				env: () => undefined,
				clock: new HastyClock(),
				random: Math.random,
				stop: never,
				onBusy() {},
			});
			const error = await failure(route53.getZone(zoneId, never));
			expect(error).toMatchObject({ code: "aws-mfa-required", kind: "denied", word: "MfaRequired" });
			expect(error.message).toContain(`MFA device arn:aws:iam::${other.id}:mfa/ada`);
			expect(error.message).toContain(`eval "$(aws configure export-credentials ${named}--format env)"`);
			expect(sandbox.log.count({})).toBe(0);
		},
	);
});
