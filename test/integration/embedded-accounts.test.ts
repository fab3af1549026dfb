// @module-tag all
import { beforeEach, describe, expect, test } from "vitest";
import { defaultAccount, sandboxAccount } from "../../sandbox/index.js";
import { runChannelsIn } from "../support/channels-run.js";
import { useEmbeddedStage } from "../support/embedded-stage.js";
import type { OperationResult, Project } from "../support/project.js";

const mailAccount = sandboxAccount("222222222222");
const dnsAccount = sandboxAccount("333333333333");
const role = (account: { id: string }, name: string) => `arn:aws:iam::${account.id}:role/${name}`;
const externalId = "agreed-upon-in-secret";
const stage = useEmbeddedStage({
	accounts: [mailAccount, dnsAccount],
	roles: [{ arn: role(mailAccount, "mail"), externalId }, { arn: role(dnsAccount, "dns") }],
});
beforeEach(() => stage.sandbox.log.clear());

const ses = (account = defaultAccount, region = "us-east-1") => stage.sandbox.ses.region(account.id, region);
const zoneOf = (name: string, account?: string) =>
	stage.sandbox.route53.createZone(name, account === undefined ? {} : { account });
const published = ({ id }: { id: string }) =>
	stage.sandbox.route53.records(id).filter(({ Type }) => Type !== "NS" && Type !== "SOA").length;
const changed = ({ changes }: OperationResult) => changes.map(({ op, name }) => `${op} ${name}`);
const asked = (operation: string) => stage.sandbox.log.count({ service: "sesv2", operation });

const setups = (text: string) => `import { ChannelsProvider, SesSetup } from "pulumi-channels";\n${text}`;

describe("accounts of AWS in one stack", () => {
	test("each have their own setups, SES and the zone in different ones, from up to destroy", async () => {
		const [own, theirs] = [zoneOf("own.test"), zoneOf("theirs.test", dnsAccount.id)];
		await using project = await stage.project({
			program: setups(`
const provider = new ChannelsProvider("mail", {
	api: "embedded",
	sesRegion: "eu-west-1",
	sesRoleArn: ${JSON.stringify(role(mailAccount, "mail"))},
	sesExternalId: ${JSON.stringify(externalId)},
});
const wait = { waitForVerification: true };
const own = new SesSetup("own", { tenantName: "own", domainIdentity: "mail.own.test", route53: true, ...wait });
const theirs = new SesSetup("theirs", {
	tenantName: "theirs",
	domainIdentity: "mail.theirs.test",
	route53: { roleArn: ${JSON.stringify(role(dnsAccount, "dns"))} },
	...wait,
}, { provider });
export const senders = [own.verifiedDomain, theirs.verifiedDomain];
`),
		});
		const up = await project.up();
		expect((await project.outputs()).senders).toEqual(["mail.own.test", "mail.theirs.test"]);
		expect([...ses().identities.keys()]).toEqual(["mail.own.test"]);
		expect([...ses(mailAccount, "eu-west-1").identities.keys()]).toEqual(["mail.theirs.test"]);
		expect([published(own), published(theirs)]).toEqual([5, 5]);
		const state = JSON.stringify(await project.resources());
		for (const secret of [externalId, defaultAccount.secretAccessKey]) {
			expect(up.all).not.toContain(secret);
			expect(state.includes(secret), secret).toBe(false);
		}

		expect(changed(await project.up({ args: ["--refresh"] }))).toEqual([]);
		const kept = (await project.resources()).find(({ urn }) => urn.endsWith(":SesSetup::theirs"));
		await project.destroy({ args: ["--exclude", kept?.urn ?? ""] });
		expect([ses().identities.size, ses(mailAccount, "eu-west-1").identities.size]).toEqual([0, 1]);
		await project.destroy();
		expect(ses(mailAccount, "eu-west-1").identities.size).toBe(0);
		expect([published(own), published(theirs)]).toEqual([0, 0]);
	});

	test("that a deployed stack is no longer in are named, by the preview, by refresh and by destroy", async () => {
		await using project = await stage.project({
			program: setups('new SesSetup("mail", { tenantName: "moved", domainIdentity: "mail.moved.test"});'),
		});
		await project.up();
		const held = (await project.resources()).map(({ urn }) => urn);
		await project.pulumi(["config", "set", "channels:sesRegion", "eu-west-1"]);
		const preview = await project.preview({ expectFailure: true });
		expect(preview.all).toMatch(
			/mail\.moved\.test.*account 000000000000 in us-east-1.*eu-west-1.*\[account-changed\]/s,
		);
		await project.pulumi(["config", "rm", "channels:sesRegion"]);
		const env = {
			AWS_ACCESS_KEY_ID: mailAccount.accessKeyId,
			AWS_SECRET_ACCESS_KEY: mailAccount.secretAccessKey,
		};
		for (const failed of [
			await project.refresh({ env, expectFailure: true }),
			await project.destroy({ env, expectFailure: true }),
		]) {
			expect(failed.all).toMatch(/lead to account 222222222222 in us-east-1.*\[account-changed\]/s);
			expect(failed.all).not.toContain(env.AWS_SECRET_ACCESS_KEY);
		}
		expect((await project.resources()).map(({ urn }) => urn)).toEqual(
			expect.arrayContaining(held.slice(0, 1)),
		);
		expect(ses().identities.has("mail.moved.test")).toBe(true);
		await project.destroy();
		expect(ses().identities.has("mail.moved.test")).toBe(false);
	});
});

/** Takes in what the command finds, with the command line and the program that it says. */
async function importInto(project: Project, args: string[]): Promise<void> {
	const env = { ...stage.sandbox.env(), CHANNELS_API: "embedded", AWS_REGION: "us-east-1" };
	const { code, out, err } = await runChannelsIn(env, ["import-file", ...args]);
	expect(code, err).toBe(0);
	await project.writeFiles({ FILE: out });
	const [, command = ""] = /^ {2}pulumi (import .*)$/m.exec(err) ?? [];
	await project.pulumi([...command.split(" "), "--yes"]);
	const program = err.split("\n").filter((line) => /^ {2}(import \{|new SesSetup)/.test(line));
	await project.replaceProgram(program.join("\n"));
}

test("setups that no state knows are taken into a stack, one of an identity that stood before too, and the next up has nothing to do", async () => {
	const zone = zoneOf("lost.test");
	const stood = ses().createIdentity("old.lost.test", [], Date.now());
	for (const token of stood.tokens)
		stage.sandbox.route53.put(zone.id, {
			...{ name: `${token}._domainkey.old.lost.test`, type: "CNAME" },
			values: [`${token}.dkim.amazonses.com`],
		});
	await using former = await stage.project({
		program: setups(`
new SesSetup("new", { tenantName: "new", domainIdentity: "new.lost.test", route53: true, waitForVerification: true });
new SesSetup("old", { tenantName: "old", domainIdentity: "old.lost.test", route53: true, waitForVerification: true, adoptExisting: true });
`),
	});
	await former.up();
	await using project = await stage.project();
	const domains = ["--domain", "new.lost.test", "--domain", "old.lost.test"];
	await importInto(project, [...domains, "--route53", "--wait"]);
	stage.sandbox.log.clear();
	expect(changed(await project.up())).toEqual([]);
	expect(stage.sandbox.log.count({ service: "sesv2" })).toBe(0);
	expect(changed(await project.up({ args: ["--refresh"] }))).toEqual([]);
	await project.destroy();
	expect([...ses().identities.values()].filter(({ name }) => name.endsWith("lost.test"))).toEqual([stood]);
	expect(stood.tags).toEqual([]);
});

test("getSesSetup, getSesSetups and SesSetup.get read Amazon SES, by the domain without a search", async () => {
	zoneOf("read.test");
	await using owner = await stage.project({
		program: setups(
			'export const id = new SesSetup("mail", { tenantName: "read", domainIdentity: "mail.read.test", route53: true, waitForVerification: true }).id;',
		),
	});
	await owner.up();
	const { id } = await owner.outputs();
	await using project = await stage.project({
		program: `
import * as pulumi from "@pulumi/pulumi";
import { getSesSetup, getSesSetupOutput, getSesSetups, SesSetup } from "pulumi-channels";
const id = ${JSON.stringify(id)};
const domainIdentity = "mail.read.test";
export const found = (await getSesSetup(id, { domainIdentity })).verified;
export const later = getSesSetupOutput(pulumi.output(id), { domainIdentity }).tenantName;
export const here = SesSetup.get("here", id, { domainIdentity }).dnsRecords.apply(({ length }) => length);
if (process.env.SEARCH) {
	SesSetup.get("searched", id);
	await getSesSetup(id);
	await getSesSetups();
}
`,
	});
	stage.sandbox.log.clear();
	await project.up();
	expect(await project.outputs()).toEqual({ found: true, later: "read", here: 5 });
	expect([asked("ListTenants"), asked("ListEmailIdentities")]).toEqual([0, 0]);
	expect((await project.up({ env: { SEARCH: "1" } })).all).toContain("searched");
	expect([asked("ListTenants") > 0, asked("ListEmailIdentities") > 0]).toEqual([true, true]);
	await project.replaceProgram(
		'import { SesSetup } from "pulumi-channels";\nSesSetup.get("none", "9b2fd4a1-37c0-4a2e-9a51-2f3c7f0d5a10", { domainIdentity: "mail.read.test" });',
	);
	const none = await project.preview({ expectFailure: true });
	expect(none.all).toContain(
		"Amazon SES of account 000000000000 in us-east-1 has no setup 9b2fd4a1-37c0-4a2e-9a51-2f3c7f0d5a10.",
	);
	expect(none.all).toContain("[setup-not-found]");
});
