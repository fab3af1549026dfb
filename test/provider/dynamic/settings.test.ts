import { afterEach, describe, expect, it, vi } from "vitest";
import manifest from "../../../package.json" with { type: "json" };
import { setup } from "../../../provider/dynamic/index.js";
import { nodeProblem } from "../../../sdk/node-version.js";

afterEach(() => {
	vi.unstubAllEnvs();
});

/** As the launcher hands it over (cmd/dynamic-provider/config.ts of @pulumi/pulumi). */
class Config {
	constructor(readonly rawConfig: Record<string, string>) {}
	get(key: string): string | undefined {
		return this.rawConfig[key];
	}
}

const settings = {
	"channels:apiKey": "ck_test",
	"channels:workspaceId": "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed",
};

const reasons = (config: Record<string, string>) => reasonsOf({ ...settings, ...config });

function reasonsOf(config: Record<string, string>): string[] {
	setup.configure({ config: new Config(config) });
	const { failures } = setup.check({}, { tenantName: "acme", domainIdentity: "mail.acme.com" });
	return failures.map(({ reason }) => reason);
}

describe("a check tells", () => {
	it("slips in the names of settings, whatever else the stack configures", () => {
		expect(reasons({ "aws:profle": "dns", "aws:defaultTags": "{}", "acme:profle": "x" })).toEqual([
			"aws:profle is no setting of the AWS provider; did you mean aws:profile? [setting-invalid]",
		]);
		expect(reasons({ "aws:profile": "dns" })).toEqual([]);
	});

	it("settings that cannot be honoured, by name", () => {
		expect(reasons({ "aws:insecure": "true" })[0]).toMatch(/^aws:insecure would let anybody answer/);
	});

	it("arguments that cannot be right, each with its code at the end", () => {
		setup.configure({ config: new Config(settings) });
		expect(setup.check({}, { tenantName: "acme", domainIdentity: "localhost" }).failures).toEqual([
			{
				property: "domainIdentity",
				reason: expect.stringMatching(/^is a single label.* \[argument-invalid\]$/),
			},
		]);
	});

	it("a proxy that is none, without its password", () => {
		vi.stubEnv("HTTPS_PROXY", "socks5://user:hunter2@proxy.test:1080");
		const [reason = ""] = reasons({});
		expect(reason).toMatch(/^HTTPS_PROXY names a socks5:\/\/ proxy/);
		expect(reason).not.toContain("hunter2");
	});
});

describe("which API", () => {
	const embedded = { "channels:api": "embedded" };
	const role = { "channels:sesRoleArn": "arn:aws:iam::123456789012:role/mail" };

	it("has two ways where nothing is set, and both are said", () => {
		const [reason = "", ...more] = reasonsOf({});
		expect(reason).toContain("channels:api is not set, and neither are the key and the workspace");
		expect(reason).toContain("`pulumi config set channels:api embedded`");
		expect(reason).toContain("channels:baseUrl, channels:workspaceId and, with --secret, channels:apiKey");
		expect(reason).toMatch(/ \[setting-missing\]$/);
		expect(more).toEqual([]);
	});

	it("is the remote one by default, whose missing settings are named each", () => {
		expect(reasonsOf({ "channels:workspaceId": settings["channels:workspaceId"] })).toEqual([
			expect.stringMatching(/^channels:apiKey is not set\. Run .* \[setting-missing\]$/),
		]);
		expect(reasonsOf({ "channels:api": "remote" })).toEqual([
			expect.stringMatching(/^channels:apiKey is not set/),
			expect.stringMatching(/^channels:workspaceId is not set/),
		]);
	});

	it("needs nothing more where it is the embedded one, and takes all that is about it", () => {
		expect(reasonsOf(embedded)).toEqual([]);
		const all = {
			...{ ...embedded, ...role, "channels:workspaceId": settings["channels:workspaceId"] },
			...{
				"channels:sesRegion": "eu-west-1",
				"channels:sesProfile": "mail",
				"channels:sesExternalId": "acme",
			},
			...{ "channels:mailFrom": "Bounce", "channels:mx": "false", "channels:dnsServers": "192.0.2.1" },
		};
		expect(reasonsOf(all)).toEqual([]);
	});

	it.each(["apiKey", "baseUrl"])("is embedded, and the configuration has a %s", (name) => {
		const config = { ...embedded, [`channels:${name}`]: "https://api.test" };
		expect(reasonsOf(config)).toEqual([
			`channels:${name} is about a Channels API that is asked over HTTP, and channels:api is embedded. Take it out, or ` +
				"set channels:api to remote. [setting-invalid]",
		]);
	});

	it.each(["sesRegion", "sesProfile", "sesRoleArn", "sesExternalId", "mailFrom", "mx"])(
		"is remote, and the configuration has %s",
		(name) => {
			expect(reasons({ [`channels:${name}`]: "x" })).toEqual([
				`channels:${name} is about the embedded API, and channels:api is remote, which it is by default. Set ` +
					"channels:api to embedded, or take it out. [setting-invalid]",
			]);
		},
	);

	it("is said by each stack; what the environment has for the other one is of no matter", () => {
		vi.stubEnv("CHANNELS_API_KEY", "ck_test");
		vi.stubEnv("CHANNELS_BASE_URL", "no URL");
		vi.stubEnv("CHANNELS_SES_ROLE_ARN", "no role");
		vi.stubEnv("CHANNELS_MX", "perhaps");
		expect(reasons({})).toEqual([expect.stringMatching(/^channels:baseUrl is no URL/)]);
		vi.stubEnv("CHANNELS_BASE_URL", "");
		expect(reasons({})).toEqual([]);
		vi.stubEnv("CHANNELS_SES_ROLE_ARN", "");
		vi.stubEnv("CHANNELS_MX", "");
		vi.stubEnv("CHANNELS_API", "embedded");
		expect(reasonsOf({})).toEqual([]);
	});

	it.each([
		["embeded", '"embeded"; did you mean embedded?'],
		["Remote", '"Remote"; did you mean remote?'],
		["ses", '"ses".'],
	])("is none where channels:api is %s, and nothing else is said", (api, end) => {
		expect(reasonsOf({ "channels:api": api })).toEqual([
			`channels:api must be remote or embedded, not ${end} [setting-invalid]`,
		]);
	});

	it.each([
		[{ "channels:sesRegion": "Dublin" }, "channels:sesRegion must be an AWS region such as"],
		[{ "channels:sesRoleArn": "mail" }, "channels:sesRoleArn must be a role such as"],
		[{ ...role, "channels:sesExternalId": "a b" }, "channels:sesExternalId must be 2 to 1,224 of letters"],
		[
			{ "channels:sesExternalId": "acme" },
			"channels:sesExternalId is for a role, and channels:sesRoleArn is not",
		],
		[{ "channels:mailFrom": "a.b" }, "channels:mailFrom has a dot in it; give one label, such as bounce"],
		[{ "channels:mailFrom": "-a" }, "channels:mailFrom has a label that begins or ends with a hyphen"],
		[{ "channels:mx": "no" }, 'channels:mx must be true or false, not "no".'],
		[{ "channels:workspaceId": "acme" }, "channels:workspaceId is no UUID"],
		[
			{ "channels:sesprofile": "mail" },
			"channels:sesprofile is no setting; did you mean channels:sesProfile?",
		],
		[
			{ "channels:sesRoleARNs": "x" },
			"channels:sesRoleARNs is no setting; did you mean channels:sesRoleArn?",
		],
	])("is embedded, and a setting is wrong: %j", (config, reason) => {
		const found = reasonsOf({ ...embedded, ...config });
		expect(found).toEqual([expect.stringContaining(reason)]);
	});

	it("leaves a project of the name channels the keys that it has there for itself", () => {
		expect(reasons({ "channels:domain": "acme.test", "channels:app": "x", "channels:max": "1" })).toEqual([]);
	});
});

describe("a Node.js that is too old", () => {
	it.each(["20.20.2", "22.9.0", "22.18.9", "9.99.0"])("is told: %s", (version) => {
		expect(nodeProblem(version)).toContain(`needs Node.js 22.19.0 or newer, and this is ${version} (`);
	});

	it.each(["22.19.0", "22.20.0", "24.0.0", "100.0.0"])("is not %s", (version) => {
		expect(nodeProblem(version)).toBeUndefined();
	});

	it("is what package.json says", () => {
		expect(manifest.engines.node).toBe(">=22.19.0");
	});
});
