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
		Object.keys(config).map((key) => `aws:${key}`),
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
			sharedConfigFiles: ["/a/config"],
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
		["a list", { assumeRoles: [{ roleArn, externalId: "x1", sessionName: "s1" }] }],
	])("gives the roles to assume, as %s", (_, config) => {
		expect(read(config).settings).toEqual({
			assumeRoles: [{ roleArn, externalId: "x1", sessionName: "s1" }],
		});
	});

	it("gives all that a role's session may have", () => {
		const role = {
			roleArn,
			externalId: "x1",
			sessionName: "s1",
			policy: "{}",
			policyArns: ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
			sourceIdentity: "ada",
			tags: { team: "mail" },
			transitiveTagKeys: ["team"],
		};
		expect(read({ assumeRoles: [{ ...role, duration: "1h30m" }] })).toEqual({
			settings: { assumeRoles: [{ ...role, durationSeconds: 5400 }] },
			problems: [],
		});
		for (const [duration, durationSeconds] of [
			["15m", 900],
			["1.5h", 5400],
			["900s", 900],
			["1h0m0s", 3600],
		]) {
			expect(read({ assumeRole: { roleArn, duration } }).settings.assumeRoles).toEqual([
				{ roleArn, durationSeconds },
			]);
		}
	});

	it("gives the role of a web identity, with its token or the file of it", () => {
		const common = { roleArn, sessionName: "s1", duration: "1h" };
		const session = { roleArn, sessionName: "s1", durationSeconds: 3600 };
		expect(read({ assumeRoleWithWebIdentity: { ...common, webIdentityTokenFile: "/token" } })).toEqual({
			settings: { webIdentity: { ...session, tokenFile: "/token" } },
			problems: [],
		});
		expect(read({ assumeRoleWithWebIdentity: { ...common, webIdentityToken: "ey" } }).settings).toEqual({
			webIdentity: { ...session, token: "ey" },
		});
	});

	it("gives the accounts, also where they were written as numbers", () => {
		expect(
			read({ allowedAccountIds: ["123456789012", 12345678901], forbiddenAccountIds: "210987654321" }),
		).toEqual({
			settings: {
				allowedAccountIds: ["123456789012", "012345678901"],
				forbiddenAccountIds: ["210987654321"],
			},
			problems: [],
		});
	});

	it("gives the way to AWS", () => {
		const settings = {
			stsRegion: "eu-west-1",
			customCaBundle: "/ca.pem",
			httpProxy: "http://proxy.test:1",
			httpsProxy: "http://user:secret@proxy.test:2",
			noProxy: "a.test,b.test",
			retryMode: "adaptive",
		};
		expect(
			read({ ...settings, useFipsEndpoint: "true", useDualstackEndpoint: "false", maxRetries: "3" }),
		).toEqual({
			settings: { ...settings, useFipsEndpoint: true, useDualstackEndpoint: false, maxAttempts: 3 },
			problems: [],
		});
	});

	it("leaves alone what is about other things, and what nobody knows", () => {
		const others = {
			defaultTags: { tags: { team: "mail" } },
			ignoreTags: { keys: ["a"] },
			s3UsePathStyle: "true",
			s3UsEast1RegionalEndpoint: "legacy",
			skipCredentialsValidation: "true",
			skipRegionValidation: "true",
			skipMetadataApiCheck: "true",
			skipRequestingAccountId: "true",
			tokenBucketRateLimiterCapacity: "10",
			tagPolicyCompliance: "warning",
			userAgents: ["x"],
			insecure: "false",
			somethingElse: "x",
		};
		expect(read(others)).toEqual({ settings: {}, problems: [] });
	});

	it.each([
		["profle", "profile"],
		["profil", "profile"],
		["Profile", "profile"],
		["http_proxy", "httpProxy"],
		["httpsProxi", "httpsProxy"],
		["assumeRolesWithWebIdentity", "assumeRoleWithWebIdentity"],
		["allowedAccountId", "allowedAccountIds"],
		["forbidenAccountIds", "forbiddenAccountIds"],
		["sharedCredentialsFile", "sharedCredentialsFiles"],
		["customCABundle", "customCaBundle"],
		["acessKey", "accessKey"],
		["tokne", "token"],
		["regoin", "region"],
	])("refuses the slip %s with the name that was meant", (slip, name) => {
		expect(read({ [slip]: "x" }).problems).toEqual([
			`aws:${slip} is no setting of the AWS provider; did you mean aws:${name}?`,
		]);
	});

	it("gives the endpoints of those it asks, of one object or several", () => {
		const { settings } = read({
			endpoints: [
				{ route53: "http://127.0.0.1:1", s3: "http://127.0.0.1:2", ses: "http://127.0.0.1:3" },
				{ sts: "https://sts.test/", sesv2: "https://ses.test" },
			],
		});
		expect(settings).toEqual({
			endpoints: { route53: "http://127.0.0.1:1", sesv2: "https://ses.test", sts: "https://sts.test/" },
		});
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
		[{ endpoints: { sesv2: "localhost" } }, 'must be a URL such as "https://email.us-east-1.amazonaws.com".'],
		[
			{ endpoints: { sesV2: "http://127.0.0.1:1" } },
			"aws:endpoints.sesV2 is no service of AWS; did you mean",
		],
		[{ accessKey: "AKIA" }, "aws:secretKey is not set"],
		[{ secretKey: "secret" }, "aws:accessKey is not set"],
		[{ token: '"secret"' }, "aws:token goes with aws:accessKey and aws:secretKey"],
		[{ sharedConfigFiles: "[" }, "aws:sharedConfigFiles is not the object or list"],
		[{ sharedConfigFiles: ["/a", "/b"] }, "aws:sharedConfigFiles must be a list of one path"],
		[
			{ assumeRole: { roleArn, externalID: "x" } },
			"aws:assumeRoles.externalID is no field of it; use externalId.",
		],
		[
			{ assumeRole: { roleArn, durationSeconds: 900 } },
			"aws:assumeRoles.durationSeconds is no field of it; use dur",
		],
		[{ assumeRole: { roleArn, mfa: "x" } }, "aws:assumeRoles.mfa is no field of it; it has roleArn, "],
		[
			{ assumeRole: { roleArn, duration: "14m" } },
			"aws:assumeRoles.duration must be a duration from 15 minutes",
		],
		[{ assumeRole: { roleArn, policyArns: "x" } }, "aws:assumeRoles.policyArns must be a list of texts"],
		[{ assumeRole: { roleArn, tags: { a: 1 } } }, "aws:assumeRoles.tags must be an object of texts"],
		[{ assumeRoleWithWebIdentity: { roleArn } }, "aws:assumeRoleWithWebIdentity needs webIdentityToken or"],
		[
			{ assumeRoleWithWebIdentity: { roleArn, webIdentityToken: '"secret"', webIdentityTokenFile: "/t" } },
			"aws:assumeRoleWithWebIdentity needs webIdentityToken or",
		],
		[{ allowedAccountIds: ["acme"] }, "aws:allowedAccountIds must be a list of account ids"],
		[
			{ endpoints: { Route53: "http://127.0.0.1:1" } },
			"aws:endpoints.Route53 is no service of AWS; did you mean",
		],
		[{ insecure: "true" }, "aws:insecure would let anybody answer"],
		[{ useFipsEndpoint: "yes" }, "aws:useFipsEndpoint must be true or false"],
		[{ retryMode: "legacy" }, "aws:retryMode must be standard or adaptive"],
		[{ maxRetries: "many" }, "aws:maxRetries must be a whole number"],
		[{ stsRegion: "Dublin" }, "aws:stsRegion must be an AWS region"],
		[{ httpsProxy: 'http://u:"secret"@p:x' }, "aws:httpsProxy is no URL of a proxy"],
		[{ ec2MetadataServiceEndpoint: "http://x" }, "Set AWS_EC2_METADATA_SERVICE_ENDPOINT in the environment"],
		[{ ec2MetadataServiceEndpointMode: "IPv6" }, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE in the environment"],
	])("is refused with the setting's name: %j", (config, problem) => {
		const { problems } = read(config);
		expect(problems).toHaveLength(1);
		expect(problems[0]).toContain(problem);
		expect(problems[0]).not.toContain('"secret"');
	});
});
