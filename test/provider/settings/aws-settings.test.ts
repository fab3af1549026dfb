import { describe, expect, it } from "vitest";
import { readAwsSettings } from "../../../provider/core/settings/aws-settings.js";

function read(config: Record<string, unknown>) {
	const problems: string[] = [];
	const settings = readAwsSettings(
		(key) => {
			const value = config[key.replace(/^aws:/, "")];
			return value === undefined || typeof value === "string" ? value : JSON.stringify(value);
		},
		(setting, reason) => problems.push(`${setting} ${reason}`),
	);
	return { settings, problems };
}

const roleArn = "arn:aws:iam::123456789012:role/dns";

describe("the stack's aws configuration", () => {
	it("may be empty", () => {
		expect(read({})).toEqual({ settings: {}, problems: [] });
		expect(read({ region: "", profile: " ", assumeRoles: "" })).toEqual({ settings: {}, problems: [] });
	});

	it("gives region, profile, keys and files", () => {
		const { settings, problems } = read({
			region: "eu-central-1",
			profile: "dns",
			accessKey: "AKIA",
			secretKey: "secret",
			token: "token",
			sharedConfigFiles: ["/a/config", "/b/config"],
			sharedCredentialsFiles: ["/a/credentials"],
		});
		expect(problems).toEqual([]);
		expect(settings).toEqual({
			region: "eu-central-1",
			profile: "dns",
			accessKey: "AKIA",
			secretKey: "secret",
			token: "token",
			sharedConfigFile: "/a/config",
			sharedCredentialsFile: "/a/credentials",
		});
	});

	it.each([
		["one object", { assumeRole: { roleArn, externalId: "x1", sessionName: "s1" } }],
		["a list", { assumeRoles: [{ roleArn, externalId: "x1", sessionName: "s1", durationSeconds: 900 }] }],
	])("gives the roles to assume, as %s", (_, config) => {
		expect(read(config).settings).toEqual({
			assumeRoles: [{ roleArn, externalId: "x1", sessionName: "s1" }],
		});
	});

	it("gives the endpoints of Route 53 and STS, of one object or several", () => {
		const { settings } = read({
			endpoints: [{ route53: "http://127.0.0.1:1", s3: "http://127.0.0.1:2" }, { sts: "https://sts.test/" }],
		});
		expect(settings).toEqual({ endpoints: { route53: "http://127.0.0.1:1", sts: "https://sts.test/" } });
	});

	it.each([
		[{ region: "Frankfurt" }, 'aws:region must be an AWS region such as "us-east-1", not "Frankfurt".'],
		[{ assumeRoles: [{ externalId: "x" }] }, "aws:assumeRoles.roleArn is missing; give the ARN of a role."],
		[{ assumeRole: { roleArn: "dns" } }, "aws:assumeRoles.roleArn must be a role such as"],
		[{ assumeRoles: ["dns"] }, "aws:assumeRoles.roleArn is missing"],
		[{ assumeRoles: "{" }, "aws:assumeRoles is not the object or list"],
		[{ endpoints: "route53" }, "aws:endpoints is not the object or list"],
		[{ endpoints: [{ route53: "localhost" }] }, "aws:endpoints.route53 must be a URL"],
		[{ endpoints: { sts: 5 } }, "aws:endpoints.sts must be a URL"],
		[{ accessKey: "AKIA" }, "aws:secretKey is not set"],
		[{ secretKey: "secret" }, "aws:accessKey is not set"],
		[{ sharedConfigFiles: "[" }, "aws:sharedConfigFiles is not the object or list"],
	])("is refused with the setting's name: %j", (config, problem) => {
		const { problems } = read(config);
		expect(problems).toHaveLength(1);
		expect(problems[0]).toContain(problem);
		expect(problems[0]).not.toContain('"secret"');
	});
});
