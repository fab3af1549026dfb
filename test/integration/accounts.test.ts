// @module-tag all
import { beforeEach, describe, expect, test } from "vitest";
import { type HostedZone, sandboxAccount } from "../../sandbox/index.js";
import { startForwardProxy } from "../support/forward-proxy.js";
import type { Project } from "../support/project.js";
import { type Stage, useStage } from "../support/stage.js";

const partner = sandboxAccount("222222222222");
const role = { arn: "arn:aws:iam::222222222222:role/dns", externalId: "agreed" };

const stage = useStage({ sandbox: { accounts: [partner], roles: [role] } });
beforeEach(() => stage.sandbox.log.clear());

type Arguments = { domain: string } & Record<string, unknown>;

/** A program with a setup for each name; its arguments but for the tenant, which is the name. */
const program = (setups: Record<string, Arguments>) => `
import { SesSetup } from "pulumi-channels";
const setups = ${JSON.stringify(setups)};
export const zones = {};
for (const [name, { domain, ...args }] of Object.entries(setups)) {
	const setup = new SesSetup(name, { tenantName: name, domainIdentity: domain, ...args });
	zones[name] = setup.zone.apply((zone) => zone?.id);
}
`;

const zoneOf = (name: string, more?: Parameters<Stage["sandbox"]["route53"]["createZone"]>[1]) =>
	stage.sandbox.route53.createZone(name, more);
/** Where something was published for a domain: zone and number of sets. */
const published = (zone: HostedZone) =>
	stage.sandbox.route53.records(zone.id).filter(({ Type }) => Type !== "NS" && Type !== "SOA").length;

describe("accounts", () => {
	test("of several kinds serve one stack, beside a domain whose DNS is elsewhere", async () => {
		const own = zoneOf("own.test");
		const theirs = zoneOf("theirs.test", { account: partner.id });
		const zones = () => [own, theirs].map(({ id }) => stage.sandbox.route53.snapshot(id));
		const before = zones();
		const setups = {
			own: { domain: "mail.own.test", route53: true },
			role: { domain: "role.theirs.test", route53: { roleArn: role.arn, externalId: role.externalId } },
			profile: { domain: "profile.theirs.test", route53: { profile: "partner", region: "eu-central-1" } },
			elsewhere: { domain: "mail.elsewhere.test" },
		};
		await using project = await stage.project({
			program: program(setups),
			files: { "aws-config": partnerProfile },
		});
		await project.up({ env: { AWS_CONFIG_FILE: `${project.directory}/aws-config` } });
		expect([published(own), published(theirs)]).toEqual([5, 10]);
		expect((await project.outputs()).zones).toEqual({ own: own.id, role: theirs.id, profile: theirs.id });
		const changes = stage.sandbox.log.all({ operation: "ChangeResourceRecordSets" });
		expect(new Set(changes.map(({ account }) => account))).toEqual(new Set([partner.id, "000000000000"]));
		await project.destroy({ env: { AWS_CONFIG_FILE: `${project.directory}/aws-config` } });
		expect(zones()).toEqual(before);
	});

	test("are those of the stack's aws configuration: a profile of a file of its own, and a region", async () => {
		const theirs = zoneOf("profile.test", { account: partner.id });
		await using project = await stage.project({
			program: program({ mail: { domain: "mail.profile.test", route53: true } }),
			files: { "aws-config": partnerProfile },
			config: { "aws:profile": "partner", "aws:region": "eu-central-1" },
			env: { AWS_REGION: "", AWS_DEFAULT_REGION: "" },
		});
		await setPaths(project, { "aws:sharedConfigFiles[0]": `${project.directory}/aws-config` });
		await project.up();
		expect(published(theirs)).toBe(5);
		await project.destroy();
		expect(published(theirs)).toBe(0);
	});

	test("are those of the stack's aws configuration: roles and endpoints, for an explicit provider too, and all goes through the proxy", async () => {
		const { sandbox } = stage;
		const theirs = zoneOf("assumed.test", { account: partner.id });
		const second = await stage.service.createKey();
		await using proxy = await startForwardProxy();
		stage.sandbox.log.clear();
		await using project = await stage.project({
			program: `
import { ChannelsProvider, SesSetup } from "pulumi-channels";
const provider = new ChannelsProvider("second", {
	apiKey: ${JSON.stringify(second)},
	workspaceId: ${JSON.stringify(stage.service.workspaceId)},
	baseUrl: ${JSON.stringify(stage.baseUrl)},
});
new SesSetup("first", { tenantName: "first", domainIdentity: "first.assumed.test", route53: true });
new SesSetup("second", { tenantName: "second", domainIdentity: "second.assumed.test", route53: true }, { provider });
`,
			env: { AWS_ENDPOINT_URL_ROUTE_53: "", AWS_ENDPOINT_URL_STS: "", HTTP_PROXY: proxy.url },
		});
		await setPaths(project, {
			"aws:assumeRoles[0].roleArn": role.arn,
			"aws:assumeRoles[0].externalId": role.externalId,
			"aws:endpoints[0].route53": sandbox.route53.url,
			"aws:endpoints[0].sts": sandbox.sts.url,
		});
		await project.up();
		expect(published(theirs)).toBe(10);
		for (const [service, url] of [
			["route53", sandbox.route53.url],
			["sts", sandbox.sts.url],
			["channels", stage.baseUrl],
		] as const) {
			const through = proxy.seen.filter((line) => line.includes(` ${url}/`));
			expect(through.length, service).toBeGreaterThan(0);
			expect(through).toHaveLength(sandbox.log.count({ service }));
		}
		await project.destroy();
		expect(published(theirs)).toBe(0);
	});
});

/** What `aws configure` writes for a profile with keys. */
const partnerProfile = `
[profile partner]
region = eu-central-1
aws_access_key_id = ${partner.accessKeyId}
aws_secret_access_key = ${partner.secretAccessKey}
`;

/** Structured configuration, as `pulumi config set --path` makes it. */
const setPaths = (project: Project, values: Record<string, string>) =>
	project.pulumi([
		"config",
		"set-all",
		"--path",
		...Object.entries(values).flatMap(([path, value]) => ["--plaintext", `${path}=${value}`]),
	]);

test("bad arguments and settings are told in the preview, all of a resource at once, and nothing is asked", {
	tags: ["witness"],
}, async () => {
	await using project = await stage.project({
		program: program({
			bad: {
				domain: "mail.apex.test",
				route53: {
					zoneId: "apex.test",
					ttl: 0,
					onConflict: { mx: "replace", dkim: "keep" },
					delegationCheck: "maybe",
					region: "Frankfurt",
					roleArn: "dns",
					externalId: "agreed",
				},
			},
		}),
	});
	await setPaths(project, {
		"aws:region": "Frankfurt",
		"aws:assumeRoles[0].externalId": "agreed",
		"aws:profle": "dns",
		"aws:insecure": "true",
		"aws:defaultTags.tags.team": "mail",
	});
	const { all } = await project.preview({ expectFailure: true });
	for (const property of [
		"route53.zoneId",
		"route53.ttl",
		"route53.onConflict.mx",
		"route53.onConflict.dkim",
		"route53.delegationCheck",
		"route53.region",
		"route53.roleArn",
	]) {
		expect(all).toContain(property);
	}
	expect(all).toContain('aws:region must be an AWS region such as "us-east-1", not "Frankfurt"');
	expect(all).toContain("aws:assumeRoles.roleArn is missing");
	expect(all).toContain("aws:profle is no setting of the AWS provider; did you mean aws:profile?");
	expect(all).toContain("aws:insecure would let anybody answer");
	expect(all).not.toContain("defaultTags");
	expect(stage.calls("channels")).toEqual({});
	expect(stage.calls("route53")).toEqual({});
});
