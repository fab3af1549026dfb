import { beforeEach, describe, expect, test } from "vitest";
import type { Report } from "../../cli/preflight/report.js";
import { type HostedZone, type ResourceRecordSet, sandboxAccount } from "../../sandbox/index.js";
import { apiOf } from "../support/channels-api.js";
import { channels } from "../support/channels-command.js";
import { errorsOf } from "../support/events.js";
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
const put = (zone: HostedZone, name: string, type: ResourceRecordSet["Type"], ...values: string[]) =>
	stage.sandbox.route53.put(zone.id, { name, type, values });

/** All zones of all accounts as one text. */
const everything = () =>
	stage.sandbox.route53
		.allZones()
		.map(({ id, name }) => `${name} ${id}\n${stage.sandbox.route53.snapshot(id)}`)
		.join("\n\n");

/** Where something was published for a domain: zone and number of sets. */
const published = (zone: HostedZone) =>
	stage.sandbox.route53.records(zone.id).filter(({ Type }) => Type !== "NS" && Type !== "SOA").length;

/** Without what the engine and a request put between the words. */
const plain = (text = "") => text.replaceAll(/request id [\w-]+/g, "").replaceAll(/\s+/g, " ");

const registered = () => stage.calls("channels")["POST ses-setup"] ?? 0;

/** Runs an `up` of which every setup is tried, and gives each one's error. */
async function errorsOfUp(project: Project): Promise<Record<string, string>> {
	return errorsOf((await project.up({ args: ["--continue-on-error"], expectFailure: true })).events);
}

test("each setup finds its zone, and leaves all zones as they were when it goes", async () => {
	const { sandbox } = stage;
	zoneOf("long.test");
	const long = zoneOf("mail.long.test");
	sandbox.dns.delegateInParent(long);
	const apex = zoneOf("apex.test");
	const open = zoneOf("open.test");
	zoneOf("mail.open.test", { vpcs: [{ VPCRegion: "us-east-1", VPCId: "vpc-1" }] });
	const live = zoneOf("twin.test");
	zoneOf("twin.test");
	const given = zoneOf("given.test");
	zoneOf("mail.given.test");
	const spelled = zoneOf("xn--mller-kva.test");
	const early = zoneOf("early.test");
	sandbox.dns.delegate("early.test", ["ns.registrar.example"]);
	const half = zoneOf("half.test");
	sandbox.dns.delegate("half.test", [half.nameServers[0] ?? "", "ns1.other.example"]);
	const sending = zoneOf("sending.test");
	put(sending, "mail.sending.test", "MX", "10 mx.sending.test");
	const before = everything();

	await using project = await stage.project({
		program: program({
			longest: { domain: "mail.long.test", route53: true },
			below: { domain: "a.b.mail.long.test", route53: true },
			apex: { domain: "apex.test", route53: true },
			open: { domain: "mail.open.test", route53: true },
			twin: { domain: "mail.twin.test", route53: true },
			given: { domain: "mail.given.test", route53: { zoneId: `/hostedzone/${given.id}` } },
			spelled: { domain: "Post.MÜLLER.test.", route53: true, waitForVerification: true },
			// A zone that is not live can be published to all the same, with a warning or without a look.
			warned: { domain: "warned.early.test", route53: { delegationCheck: "warn" } },
			silent: { domain: "silent.early.test", route53: { delegationCheck: "off" } },
			// Some resolvers are led here: that is said, and no reason to refuse.
			half: { domain: "mail.half.test", route53: true },
			// A foreign MX is no harm to a wait for sending.
			sending: {
				domain: "mail.sending.test",
				route53: { onConflict: { mx: "keep" } },
				waitForVerification: { purpose: "sending", timeout: "1m" },
			},
		}),
	});
	const up = await project.up();
	expect(up.all).toContain("is not the one the internet asks about warned.early.test");
	expect(up.all).not.toContain("about silent.early.test");
	expect(up.all).toContain(
		`name servers of hosted zone ${half.id}, and to others as well: ns1.other.example.`,
	);
	expect((await project.outputs()).zones).toEqual({
		longest: long.id,
		below: long.id,
		apex: apex.id,
		open: open.id,
		twin: live.id,
		given: given.id,
		spelled: spelled.id,
		warned: early.id,
		silent: early.id,
		half: half.id,
		sending: sending.id,
	});
	expect([long, apex, open, live, given, spelled].map(published)).toEqual([10, 5, 5, 5, 5, 5]);
	expect([early, sending].map(published)).toEqual([10, 5]);
	expect(sandbox.route53.snapshot(sending.id)).toContain("10 mx.sending.test");
	expect((await project.up()).changes).toEqual([]);
	await project.destroy();
	expect(everything()).toBe(before);
});

test("whatever is wrong with a zone or an account is refused before anything is registered, and says what to do", async () => {
	const { sandbox } = stage;
	const hidden = zoneOf("hidden.test", { vpcs: [{ VPCRegion: "us-east-1", VPCId: "vpc-1" }] });
	const [one, two] = [zoneOf("dup.test"), zoneOf("dup.test")];
	sandbox.dns.delegate("dup.test", ["ns.registrar.example"]);
	const moved = zoneOf("moved.test");
	sandbox.dns.delegate("moved.test", ["ns1.registrar.example", "ns2.registrar.example"]);
	const unregistered = zoneOf("unregistered.test");
	sandbox.dns.undelegate("unregistered.test");
	const aboveStale = zoneOf("stale.test");
	const stale = zoneOf("mail.stale.test");
	const cut = zoneOf("cut.test");
	put(cut, "eu.cut.test", "NS", "ns.elsewhere.example");
	put(cut, "_dmarc.mail.cut.test", "NS", "ns.vendor.example");
	const foreign = zoneOf("foreign.test", { account: partner.id });
	const other = zoneOf("other.test");
	const busy = zoneOf("busy.test");
	put(busy, "mail.busy.test", "MX", "10 mx.busy.test", "20 mx2.busy.test");
	put(busy, "_dmarc.mail.busy.test", "TXT", '"v=DMARC1; p=reject"');
	put(busy, "pair.busy.test", "MX", "10 mx.busy.test");
	const before = everything();

	const setups = {
		none: { domain: "mail.nothing.test", route53: true },
		hidden: { domain: "mail.hidden.test", route53: true },
		twin: { domain: "mail.dup.test", route53: true },
		moved: { domain: "mail.moved.test", route53: true },
		unregistered: { domain: "mail.unregistered.test", route53: true },
		stale: { domain: "mail.stale.test", route53: true },
		cut: { domain: "mail.eu.cut.test", route53: { delegationCheck: "off" } },
		cutDmarc: { domain: "mail.cut.test", route53: true },
		wrongZone: { domain: "mail.apex.test", route53: { zoneId: other.id } },
		noZone: { domain: "nowhere.apex.test", route53: { zoneId: "Z0NOTHING" } },
		privateZone: { domain: "private.hidden.test", route53: { zoneId: hidden.id } },
		othersZone: { domain: "mail.foreign.test", route53: { zoneId: foreign.id } },
		noRole: { domain: "role.foreign.test", route53: { roleArn: "arn:aws:iam::222222222222:role/none" } },
		noTrust: { domain: "trust.foreign.test", route53: { roleArn: role.arn, externalId: "guessed" } },
		noProfile: { domain: "nobody.apex.test", route53: { profile: "nobody" } },
		busy: { domain: "mail.busy.test", route53: true },
		pair: {
			domain: "pair.busy.test",
			route53: { onConflict: { mx: "keep", dmarc: "keep" } },
			waitForVerification: true,
		},
	} satisfies Record<string, Arguments>;
	await using project = await stage.project({ program: program(setups) });
	const errors = await errorsOfUp(project);
	const expected: Record<string, (string | RegExp)[]> = {
		none: ["No public hosted zone", "looked for mail.nothing.test, nothing.test"],
		hidden: [`Private zones are never chosen: hidden.test (${hidden.id})`],
		twin: [
			"2 public hosted zones are called dup.test",
			one.id,
			two.id,
			"Live name servers: ns.registrar.example",
		],
		moved: [
			`the zone's name servers: ${moved.nameServers.join(", ")}`,
			"live for moved.test: ns1.registrar.example, ns2.registrar.example",
			"delegationCheck",
		],
		unregistered: [`(${unregistered.id}) is not the one the internet asks`],
		stale: [
			`Hosted zone mail.stale.test (${stale.id})`,
			"live for stale.test",
			`which this account has too, by route53.zoneId: ${aboveStale.id}.`,
		],
		cut: ["the name eu.cut.test is delegated away", "NS ns.elsewhere.example"],
		cutDmarc: ["- NS ns.vendor.example", '{ dmarc: "overwrite" }'],
		wrongZone: ["route53.zoneId: mail.apex.test does not lie in hosted zone other.test"],
		noZone: ["route53.zoneId: no hosted zone has the id Z0NOTHING"],
		privateZone: ["route53.zoneId", "is private"],
		othersZone: ["AccessDenied", "another account's zone needs `roleArn`"],
		noRole: ["sts:AssumeRole", "Check roleArn"],
		noTrust: ["sts:AssumeRole", "externalId"],
		noProfile: ['Profile "nobody" gives none'],
		busy: [
			"Nothing was registered or changed.",
			"- MX 10 mx.busy.test  (TTL 300 s)",
			"- MX 20 mx2.busy.test",
			"+ MX of the new setup",
			'- TXT "v=DMARC1; p=reject"',
			'{ mx: "overwrite", dmarc: "overwrite" }',
		],
		pair: ['the wait for purpose "all" could never end', '{ purpose: "sending" }'],
	};
	expect(Object.keys(errors).sort()).toEqual(Object.keys(expected).sort());
	for (const [name, parts] of Object.entries(expected)) {
		for (const part of parts) expect(errors[name], name).toMatch(part);
	}
	expect(registered()).toBe(0);
	expect(everything()).toBe(before);
	expect((await project.resources()).filter(({ type }) => type.includes("channels:"))).toEqual([]);

	// `channels preflight` says the same, word for word.
	for (const [names, options] of [
		[["none", "hidden", "twin", "moved", "unregistered", "stale", "cutDmarc", "busy"], []],
		[["cut"], ["--delegation-check", "off"]],
		[["wrongZone"], ["--zone-id", other.id]],
		[["noRole"], ["--role-arn", "arn:aws:iam::222222222222:role/none"]],
		[["pair"], ["--on-conflict", "mx=keep,dmarc=keep", "--wait"]],
	] as const) {
		const domains = names.flatMap((name) => ["--domain", setups[name].domain]);
		const { stdout } = await channels(stage, ["preflight", "--json", ...domains, ...options]);
		const report = JSON.parse(stdout) as Report;
		for (const [index, name] of names.entries()) {
			const { refusals = [], unanswered = [] } = report.domains[index] ?? {};
			const [first = "nothing is said"] = [...refusals, ...unanswered];
			expect(plain(errors[name]), name).toContain(plain(first));
		}
	}
});

describe("onConflict", () => {
	test("decides kind by kind; destroy puts back what was overwritten", async () => {
		const zone = zoneOf("kinds.test");
		const choices = ["error", "keep", "overwrite"] as const;
		const setups: Record<string, Arguments> = {};
		for (const choice of choices) {
			const kinds = ["dmarc", "mx", "other"].map((kind) => [kind, `${kind}-${choice}.kinds.test`] as const);
			for (const [kind, domain] of kinds) {
				setups[`${kind}-${choice}`] = { domain, route53: { onConflict: { [kind]: choice } } };
			}
			put(zone, `_dmarc.dmarc-${choice}.kinds.test`, "TXT", '"other text"', '"v=DMARC1; p=reject"');
			put(zone, `mx-${choice}.kinds.test`, "MX", "10 mx.kinds.test");
			// DKIM names are known only of a setup that exists.
			const domain = `other-${choice}.kinds.test`;
			const made = await apiOf(stage.service)<{ dns_records: { address: string; type: string }[] }>(
				"POST",
				"/channels/ses-setup",
				{ json: { tenant_name: `other-${choice}`, domain_identity: domain } },
			);
			const dkim = made.body.dns_records.find(({ type }) => type === "CNAME");
			put(zone, dkim?.address ?? "", "CNAME", "elsewhere.example.net");
			setups[`other-${choice}`] = { ...setups[`other-${choice}`], domain, adoptExisting: true };
		}
		const before = everything();
		await using project = await stage.project({ program: program(setups) });
		const errors = await errorsOfUp(project);
		expect(Object.keys(errors).sort()).toEqual(["dmarc-error", "mx-error", "other-error"]);
		expect(errors["other-error"]).toContain("- CNAME elsewhere.example.net");
		expect(errors["other-error"]).toContain('{ other: "overwrite" }');

		const text = stage.sandbox.route53.snapshot(zone.id);
		const line = (part: string) => text.split("\n").find((each) => each.includes(part)) ?? "";
		expect(line('"_dmarc.dmarc-keep.kinds.test.')).toContain("p=reject");
		expect(line('"_dmarc.dmarc-overwrite.kinds.test.')).toMatch(/other text.*p=none/);
		expect(line('"_dmarc.dmarc-overwrite.kinds.test.')).not.toContain("p=reject");
		expect(line('"mx-keep.kinds.test.')).toContain("10 mx.kinds.test");
		expect(line('"mx-overwrite.kinds.test.')).toContain("inbound-smtp");
		expect(text.match(/elsewhere\.example\.net/g)).toHaveLength(2);
		// What is kept at one name keeps nothing else from being published.
		expect(text.match(/mx-keep\.kinds\.test\."/g)?.length).toBeGreaterThanOrEqual(5);

		await project.destroy();
		expect(everything()).toBe(before);
	});
});

describe("accounts", () => {
	test("of several kinds serve one stack, beside a domain whose DNS is elsewhere", async () => {
		const own = zoneOf("own.test");
		const theirs = zoneOf("theirs.test", { account: partner.id });
		const before = everything();
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
		const changes = stage.sandbox.log.all({ operation: "ChangeResourceRecordSets" });
		expect(new Set(changes.map(({ account }) => account))).toEqual(new Set([partner.id, "000000000000"]));
		await project.destroy({ env: { AWS_CONFIG_FILE: `${project.directory}/aws-config` } });
		expect(everything()).toBe(before);
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

test("bad arguments and settings are told in the preview, all of a resource at once, and nothing is asked", async () => {
	await using project = await stage.project({
		program: program({
			bad: {
				domain: "mail.apex.test",
				route53: {
					zoneId: "apex.test",
					ttl: 0,
					onConflict: { mx: "replace", spf: "keep" },
					delegationCheck: "maybe",
					region: "Frankfurt",
					roleArn: "dns",
					externalId: "agreed",
				},
			},
		}),
	});
	const { all } = await project.preview({ expectFailure: true });
	for (const property of [
		"route53.zoneId",
		"route53.ttl",
		"route53.onConflict.mx",
		"route53.onConflict.spf",
		"route53.delegationCheck",
		"route53.region",
		"route53.roleArn",
	]) {
		expect(all).toContain(property);
	}
	await project.replaceProgram(program({ mail: { domain: "mail.apex.test", route53: true } }));
	await setPaths(project, {
		"aws:region": "Frankfurt",
		"aws:assumeRoles[0].externalId": "agreed",
		"aws:profle": "dns",
		"aws:insecure": "true",
		"aws:defaultTags.tags.team": "mail",
	});
	const settings = (await project.preview({ expectFailure: true })).all;
	expect(settings).toContain('aws:region must be an AWS region such as "us-east-1", not "Frankfurt"');
	expect(settings).toContain("aws:assumeRoles.roleArn is missing");
	expect(settings).toContain("aws:profle is no setting of the AWS provider; did you mean aws:profile?");
	expect(settings).toContain("aws:insecure would let anybody answer");
	expect(settings).not.toContain("defaultTags");
	expect(stage.calls("channels")).toEqual({});
	expect(stage.calls("route53")).toEqual({});
});
