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

function reasons(config: Record<string, string>): string[] {
	setup.configure({ config: new Config({ ...settings, ...config }) });
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
