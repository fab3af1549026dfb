import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { Report } from "../../cli/preflight/report.js";
import type { SetupOutputs } from "../../provider/core/inputs.js";
import { type HostedZone, type ResourceRecordSet, sandboxAccount } from "../../sandbox/index.js";
import { channelsEnv } from "../support/channels-command.js";
import { runChannels } from "../support/channels-run.js";
import { LocalProject, type Setup } from "../support/deployment/project.js";
import { registered } from "../support/registered.js";
import { type Stage, useStage } from "../support/stage.js";

const partner = sandboxAccount("222222222222");
const role = { arn: "arn:aws:iam::222222222222:role/dns", externalId: "agreed" };

const stage = useStage({ sandbox: { accounts: [partner], roles: [role] } });
// `channels` leaves the AWS SDK its own environment; profiles of this machine are no part of it.
beforeAll(() => {
	const env = {
		...stage.sandbox.env(),
		AWS_CONFIG_FILE: "/nowhere",
		AWS_SHARED_CREDENTIALS_FILE: "/nowhere",
	};
	for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
});
afterAll(() => vi.unstubAllEnvs());

const zoneOf = (name: string, more?: Parameters<Stage["sandbox"]["route53"]["createZone"]>[1]) =>
	stage.sandbox.route53.createZone(name, more);
const privateZoneOf = (name: string) => zoneOf(name, { vpcs: [{ VPCRegion: "us-east-1", VPCId: "vpc-1" }] });
const put = (zone: HostedZone, name: string, type: ResourceRecordSet["Type"], ...values: string[]) =>
	stage.sandbox.route53.put(zone.id, { name, type, values });
const valuesAt = (zone: HostedZone, name: string, type: string) =>
	stage.sandbox.route53
		.records(zone.id)
		.find((set) => set.Name === `${name}.` && set.Type === type)
		?.ResourceRecords?.map(({ Value }) => Value);

/** All zones of all accounts as one text. */
const everything = () =>
	stage.sandbox.route53
		.allZones()
		.map(({ id, name }) => `${name} ${id}\n${stage.sandbox.route53.snapshot(id)}`)
		.join("\n\n");

/** How many record sets of others than the zone itself stand in it. */
const published = (zone: HostedZone) =>
	stage.sandbox.route53.records(zone.id).filter(({ Type }) => Type !== "NS" && Type !== "SOA").length;

type Arguments = Omit<Setup, "name" | "tenantName">;

/** A program with a setup for each name, which is its tenant as well. */
const projectOf = (setups: Record<string, Arguments>) =>
	new LocalProject(
		stage,
		...Object.entries(setups).map(([name, args]) => ({ name, tenantName: name, ...args })),
	);

/** Of many setups in one run, so that registrations keep to their deadlines on a machine that is busy. */
const parallel = 2;

test("each setup finds its zone, and leaves all zones as they were when it goes", async () => {
	const { dns } = stage.sandbox;
	zoneOf("long.test");
	const long = zoneOf("mail.long.test");
	dns.delegateInParent(long);
	const apex = zoneOf("apex.test");
	const open = zoneOf("open.test");
	privateZoneOf("mail.open.test");
	const live = zoneOf("twin.test");
	zoneOf("twin.test");
	const given = zoneOf("given.test");
	zoneOf("mail.given.test");
	const spelled = zoneOf("xn--mller-kva.test");
	const early = zoneOf("early.test");
	dns.delegate("early.test", ["ns.registrar.example"]);
	const half = zoneOf("half.test");
	dns.delegate("half.test", [half.nameServers[0] ?? "", "ns1.other.example"]);
	const before = everything();

	const project = projectOf({
		longest: { domainIdentity: "mail.long.test", route53: true },
		apex: { domainIdentity: "apex.test", route53: true },
		open: { domainIdentity: "mail.open.test", route53: true },
		twin: { domainIdentity: "mail.twin.test", route53: true },
		given: { domainIdentity: "mail.given.test", route53: { zoneId: `/hostedzone/${given.id}` } },
		spelled: { domainIdentity: "Post.MÜLLER.test.", route53: true, waitForVerification: true },
		// A zone that is not live can be published to all the same, with a warning or without a look.
		warned: { domainIdentity: "warned.early.test", route53: { delegationCheck: "warn" } },
		silent: { domainIdentity: "silent.early.test", route53: { delegationCheck: "off" } },
		// Some resolvers are led here: that is said, and no reason to refuse.
		half: { domainIdentity: "mail.half.test", route53: true },
	});
	const { all } = await project.up({ parallel });
	expect(all).toContain("is not the one the internet asks about warned.early.test");
	expect(all).not.toContain("about silent.early.test");
	expect(all).toContain(`name servers of hosted zone ${half.id}, and to others as well: ns1.other.example.`);
	const chosen = project.resources.filter(({ kind }) => kind === "SesSetup");
	const zoneIds = chosen.map(({ name, outputs }) => [name, (outputs as SetupOutputs).zone?.id]);
	expect(Object.fromEntries(zoneIds)).toEqual({
		longest: long.id,
		apex: apex.id,
		open: open.id,
		twin: live.id,
		given: given.id,
		spelled: spelled.id,
		warned: early.id,
		silent: early.id,
		half: half.id,
	});
	expect([long, apex, open, live, given, spelled, half].map(published)).toEqual([5, 5, 5, 5, 5, 5, 5]);
	expect(published(early)).toBe(10);
	expect((await project.up()).changes).toEqual([]);
	await project.destroy();
	expect(everything()).toBe(before);
});

describe("before anything is registered or changed, and in the words of `channels preflight`, a setup is refused", () => {
	interface Refused extends Arguments {
		/** Of `channels preflight`, where they are other than the defaults. */
		readonly options?: readonly string[];
		readonly says: readonly string[];
	}
	const refused: [where: string, arrange: () => Refused][] = [
		[
			"that no zone covers",
			() => ({
				domainIdentity: "mail.nothing.test",
				says: ["No public hosted zone", "looked for mail.nothing.test, nothing.test"],
			}),
		],
		[
			"that only a private zone covers",
			() => {
				const hidden = privateZoneOf("hidden.test");
				return {
					domainIdentity: "mail.hidden.test",
					says: [`Private zones are never chosen: hidden.test (${hidden.id})`],
				};
			},
		],
		[
			"that two zones cover, of which none is live",
			() => {
				const [one, two] = [zoneOf("dup.test"), zoneOf("dup.test")];
				stage.sandbox.dns.delegate("dup.test", ["ns.registrar.example"]);
				return {
					domainIdentity: "mail.dup.test",
					says: [
						"2 public hosted zones are called dup.test",
						one.id,
						two.id,
						"Live name servers: ns.registrar.example",
					],
				};
			},
		],
		[
			"whose zone is delegated elsewhere",
			() => {
				const moved = zoneOf("moved.test");
				stage.sandbox.dns.delegate("moved.test", ["ns1.registrar.example", "ns2.registrar.example"]);
				return {
					domainIdentity: "mail.moved.test",
					says: [
						`the zone's name servers: ${moved.nameServers.join(", ")}`,
						"live for moved.test: ns1.registrar.example, ns2.registrar.example",
						"delegationCheck",
					],
				};
			},
		],
		[
			"whose zone is not delegated",
			() => {
				const unregistered = zoneOf("unregistered.test");
				stage.sandbox.dns.undelegate("unregistered.test");
				return {
					domainIdentity: "mail.unregistered.test",
					says: [`(${unregistered.id}) is not the one the internet asks`],
				};
			},
		],
		[
			"whose zone is not live, and one above it is",
			() => {
				const [above, stale] = [zoneOf("stale.test"), zoneOf("mail.stale.test")];
				return {
					domainIdentity: "mail.stale.test",
					says: [
						`Hosted zone mail.stale.test (${stale.id})`,
						"live for stale.test",
						`which this account has too, by route53.zoneId: ${above.id}.`,
					],
				};
			},
		],
		[
			"whose name is delegated away within the zone",
			() => {
				put(zoneOf("cut.test"), "eu.cut.test", "NS", "ns.elsewhere.example");
				return {
					domainIdentity: "mail.eu.cut.test",
					route53: { delegationCheck: "off" },
					options: ["--delegation-check", "off"],
					says: ["the name eu.cut.test is delegated away", "NS ns.elsewhere.example"],
				};
			},
		],
		[
			"whose DMARC policy is delegated away",
			() => {
				put(zoneOf("vendor.test"), "_dmarc.mail.vendor.test", "NS", "ns.vendor.example");
				return {
					domainIdentity: "mail.vendor.test",
					says: ["- NS ns.vendor.example", '{ dmarc: "overwrite" }'],
				};
			},
		],
		[
			"that does not lie in the zone given",
			() => {
				const { id: zoneId } = zoneOf("other.test");
				return {
					domainIdentity: "mail.another.test",
					route53: { zoneId },
					options: ["--zone-id", zoneId],
					says: ["route53.zoneId: mail.another.test does not lie in hosted zone other.test"],
				};
			},
		],
		[
			"whose zone another account has",
			() => {
				const { id: zoneId } = zoneOf("foreign.test", { account: partner.id });
				return {
					domainIdentity: "mail.foreign.test",
					route53: { zoneId },
					options: ["--zone-id", zoneId],
					says: ["AccessDenied", "another account's zone needs `roleArn`"],
				};
			},
		],
		[
			"whose role is none",
			() => {
				const roleArn = "arn:aws:iam::222222222222:role/none";
				return {
					domainIdentity: "mail.role.test",
					route53: { roleArn },
					options: ["--role-arn", roleArn],
					says: ["sts:AssumeRole", "Check route53.roleArn"],
				};
			},
		],
		[
			"whose profile gives no credentials",
			() => ({
				domainIdentity: "mail.profile.test",
				route53: { profile: "nobody" },
				options: ["--profile", "nobody"],
				says: ['Profile "nobody" gives none'],
			}),
		],
		[
			"where other records stand, all of which are shown",
			() => {
				const busy = zoneOf("busy.test");
				put(busy, "mail.busy.test", "MX", "10 mx.busy.test", "20 mx2.busy.test");
				put(busy, "_dmarc.mail.busy.test", "TXT", '"v=DMARC1; p=reject"');
				return {
					domainIdentity: "mail.busy.test",
					says: [
						"Nothing was registered or changed.",
						"- MX 10 mx.busy.test  (TTL 300 s)",
						"- MX 20 mx2.busy.test",
						"+ MX of the new setup",
						'- TXT "v=DMARC1; p=reject"',
						'{ mx: "overwrite", dmarc: "overwrite" }',
					],
				};
			},
		],
		[
			"whose wait could never end with what it is to keep",
			() => {
				put(zoneOf("pair.test"), "mail.pair.test", "MX", "10 mx.pair.test");
				return {
					domainIdentity: "mail.pair.test",
					route53: { onConflict: { mx: "keep", dmarc: "keep" } },
					waitForVerification: true,
					options: ["--on-conflict", "mx=keep,dmarc=keep", "--wait"],
					says: ['the wait for purpose "all" could never end', '{ purpose: "sending" }'],
				};
			},
		],
	];
	/** Without what a request puts between the words. */
	const plain = (text = "") => text.replaceAll(/request id [\w-]+/g, "");

	test.each(refused)("%s", async (_, arrange) => {
		const { options = [], says, ...args } = arrange();
		stage.sandbox.log.clear();
		const before = everything();
		const project = projectOf({ mail: { route53: true, ...args } });
		const { errors } = await project.up({ expectFailure: true });
		expect(Object.keys(errors)).toEqual(["mail"]);
		for (const part of says) expect(errors.mail).toContain(part);
		expect(errors.mail).toMatch(/ \[(zone|records|wait|route53|aws)-[a-z-]+\]$/);
		expect(stage.calls("channels")).toEqual({});
		expect(everything()).toBe(before);
		expect(project.resources).toEqual([]);

		const asked = ["preflight", "--json", "--domain", args.domainIdentity, ...options];
		const { domains } = JSON.parse((await runChannels(asked, channelsEnv(stage))).out) as Report;
		const [first = "nothing is said"] = domains.flatMap(({ refusals, unanswered }) => [
			...refusals,
			...unanswered,
		]);
		expect(plain(first)).toBe(plain(errors.mail));
	});
});

describe("onConflict", () => {
	test("decides kind by kind; destroy puts back what was overwritten", async () => {
		const zone = zoneOf("kinds.test");
		const setups: Record<string, Arguments> = {};
		const dkimName: Record<string, string> = {};
		for (const choice of ["error", "keep", "overwrite"] as const) {
			for (const kind of ["dmarc", "mx", "other"]) {
				const name = `${kind}-${choice}`;
				setups[name] = { domainIdentity: `${name}.kinds.test`, route53: { onConflict: { [kind]: choice } } };
			}
			put(zone, `_dmarc.dmarc-${choice}.kinds.test`, "TXT", '"other text"', '"v=DMARC1; p=reject"');
			put(zone, `mx-${choice}.kinds.test`, "MX", "10 mx.kinds.test");
			// DKIM names are known only of a setup that exists.
			const name = `other-${choice}`;
			const made = await registered(stage, { tenant: name, domain: `${name}.kinds.test` });
			const dkim = made.dns_records.find(({ type }) => type === "CNAME")?.address ?? "";
			put(zone, dkim, "CNAME", "elsewhere.example.net");
			dkimName[choice] = dkim;
			Object.assign(setups[name] ?? {}, { adoptExisting: true });
		}
		const before = everything();
		const project = projectOf(setups);
		const { errors } = await project.up({ parallel, continueOnError: true, expectFailure: true });
		expect(Object.keys(errors).sort()).toEqual(["dmarc-error", "mx-error", "other-error"]);
		expect(errors["other-error"]).toContain("- CNAME elsewhere.example.net");
		expect(errors["other-error"]).toContain('{ other: "overwrite" }');

		const dmarc = (choice: string) => valuesAt(zone, `_dmarc.dmarc-${choice}.kinds.test`, "TXT");
		expect(dmarc("keep")).toEqual(['"other text"', '"v=DMARC1; p=reject"']);
		expect(dmarc("overwrite")).toEqual(['"other text"', expect.stringContaining("p=none")]);
		expect(valuesAt(zone, "mx-keep.kinds.test", "MX")).toEqual(["10 mx.kinds.test"]);
		expect(valuesAt(zone, "mx-overwrite.kinds.test", "MX")).toEqual([
			expect.stringContaining("inbound-smtp"),
		]);
		const dkim = (choice: string) => valuesAt(zone, dkimName[choice] ?? "", "CNAME");
		expect(dkim("keep")).toEqual(["elsewhere.example.net"]);
		expect(dkim("overwrite")).toEqual([expect.stringContaining("dkim.amazonses.com")]);
		// What is kept at one name keeps nothing else from being published.
		const names = stage.sandbox.route53.records(zone.id).map(({ Name }) => Name);
		expect(names.filter((name) => name.endsWith("mx-keep.kinds.test."))).toHaveLength(5);

		await project.destroy();
		expect(everything()).toBe(before);
	});
});
