// @module-tag all
import { beforeEach, describe, expect, test } from "vitest";
import { useStage } from "../support/stage.js";

const stage = useStage();
beforeEach(() => stage.sandbox.log.clear());

interface Programmed {
	tenant?: string;
	domain: string;
	more?: string;
}

const program = ({
	tenant = "acme",
	domain,
	more = "route53: true, waitForVerification: true",
}: Programmed) => `
import { SesSetup } from "pulumi-channels";
const mail = new SesSetup("mail", { tenantName: ${JSON.stringify(tenant)}, domainIdentity: ${JSON.stringify(domain)}, ${more} });
export const id = mail.id;
export const records = mail.dnsRecords;
export const sender = mail.verifiedDomain;
export const checked = mail.verification?.dnsRecords;
`;

const names = (steps: readonly { op: string; name: string }[]) =>
	steps.filter(({ name }) => name.startsWith("mail")).map(({ op, name }) => `${op} ${name}`);

/** Everything that is neither NS nor SOA of a zone. */
const published = (zoneId: string) =>
	stage.sandbox.route53.records(zoneId).filter(({ Type }) => Type !== "NS" && Type !== "SOA");

const total = (calls: Record<string, number>) => Object.values(calls).reduce((sum, count) => sum + count, 0);

describe("one setup, from nothing to verified and back", () => {
	test("keeps to the call budget at every step, its provider texts short and the key out of the state", {
		tags: ["witness"],
	}, async () => {
		const zone = stage.sandbox.route53.createZone("budget.test");
		const before = stage.sandbox.route53.records(zone.id);
		await using project = await stage.project({
			program: program({ tenant: "budget", domain: "mail.budget.test" }),
		});

		const preview = await project.preview();
		expect(names(preview.changes)).toEqual([
			"create mail",
			"create mail-records",
			"create mail-verification",
		]);
		expect(total(stage.calls("channels")) + total(stage.calls("route53"))).toBe(0);

		const up = await project.up();
		for (const text of [up.all, await project.stateText()]) {
			expect(text).not.toContain(stage.service.apiKey);
		}
		for (const { type, outputs } of await project.resources()) {
			if (type.includes("channels")) expect(String(outputs?.__provider).length).toBeLessThanOrEqual(100);
		}
		const outputs = await project.outputs();
		expect(outputs.sender).toBe("mail.budget.test");
		expect(outputs.records).toHaveLength(5);
		expect(outputs.checked).toEqual(
			(outputs.records as object[]).map((record) => ({ ...record, verified: true })),
		);
		expect(published(zone.id)).toHaveLength(5);
		const { "POST ses-setup/{id}/verify": verifies, ...channels } = stage.calls("channels");
		expect(channels).toEqual({ "POST ses-setup": 1, "GET ses-setup/{id}/diagnosis": 1 });
		expect(verifies).toBeLessThanOrEqual(2);
		const { GetChange: _, ...route53 } = stage.calls("route53");
		expect(route53).toEqual({
			ListHostedZonesByName: 1,
			GetHostedZone: 1,
			ListResourceRecordSets: 2,
			ChangeResourceRecordSets: 1,
		});

		stage.sandbox.log.clear();
		expect((await project.up()).changes).toEqual([]);
		expect((await project.preview()).changes).toEqual([]);
		expect(total(stage.calls("channels")) + total(stage.calls("route53"))).toBe(0);

		await project.refresh();
		expect(stage.calls("channels")).toEqual({ "GET ses-setup/{id}": 1 });
		expect(stage.calls("route53")).toEqual({ ListResourceRecordSets: 1 });
		stage.sandbox.log.clear();
		expect((await project.up()).changes).toEqual([]);
		expect(total(stage.calls("channels")) + total(stage.calls("route53"))).toBe(0);

		await project.destroy();
		expect(stage.calls("channels")).toEqual({ "GET use-cases": 1, "DELETE ses-setup/{id}": 1 });
		const { GetChange: __, ...destroyed } = stage.calls("route53");
		expect(destroyed).toEqual({ ListResourceRecordSets: 1, ChangeResourceRecordSets: 1 });
		expect(stage.sandbox.route53.records(zone.id)).toEqual(before);
		expect(stage.sandbox.ses.tenants()).toEqual([]);
		expect(stage.sandbox.ses.identities()).toEqual([]);
	});
});

describe("a change of the program", () => {
	test("of the tenant replaces the setup with its records and its wait, and leaves none behind", async () => {
		const zone = stage.sandbox.route53.createZone("replace.test");
		await using project = await stage.project({
			program: program({ tenant: "first", domain: "mail.replace.test" }),
		});
		await project.up();
		const old = await project.outputs();

		await project.replaceProgram(program({ tenant: "second", domain: "mail.replace.test" }));
		const preview = await project.preview();
		expect(names(preview.changes)).toEqual(
			expect.arrayContaining([
				"delete-replaced mail",
				"create-replacement mail",
				"create-replacement mail-records",
			]),
		);
		await project.up();
		const fresh = await project.outputs();
		expect(fresh.id).not.toBe(old.id);
		expect(fresh.sender).toBe("mail.replace.test");
		expect(published(zone.id)).toHaveLength(5);
		expect(stage.sandbox.ses.tenants().map(({ name }) => name)).toEqual(["second"]);
		expect((await project.up()).changes).toEqual([]);
		await project.destroy();
		expect(published(zone.id)).toEqual([]);
	});

	test("that turns publishing and waiting on later touches nothing else, and the domain's spelling nothing", async () => {
		const zone = stage.sandbox.route53.createZone("later.test");
		await using project = await stage.project({
			program: program({ tenant: "later", domain: "mail.later.test", more: "" }),
		});
		await project.up();
		const { id } = await project.outputs();
		expect(published(zone.id)).toEqual([]);

		await project.replaceProgram(program({ tenant: "later", domain: "mail.later.test" }));
		const preview = await project.preview();
		expect(names(preview.changes)).toEqual([
			"update mail",
			"create mail-records",
			"create mail-verification",
		]);
		await project.up();
		expect(await project.outputs()).toMatchObject({ id, sender: "mail.later.test" });
		expect(published(zone.id)).toHaveLength(5);
		await project.replaceProgram(program({ tenant: "later", domain: "MAIL.Later.test." }));
		expect((await project.up()).changes).toEqual([]);

		await project.replaceProgram(program({ tenant: "later", domain: "mail.later.test", more: "" }));
		await project.up();
		expect(published(zone.id)).toEqual([]);
		expect((await project.outputs()).id).toBe(id);
	});
});

test("a forced replacement of a setup, of records or of a wait ends complete and leaves nothing behind", async () => {
	const zone = stage.sandbox.route53.createZone("forced.test");
	const targets = ["setup", "records", "wait"];
	const domains = targets.map((target) => `${target}.forced.test`);
	await using project = await stage.project({
		program: `
import { SesSetup } from "pulumi-channels";
const args = { route53: true, waitForVerification: true };
const mails = ${JSON.stringify(targets)}.map((name) => new SesSetup(name, { tenantName: name, domainIdentity: \`\${name}.forced.test\`, ...args }));
export const senders = mails.map((mail) => mail.verifiedDomain);
`,
	});
	await project.up();
	const names = ["setup", "records-records", "wait-verification"];
	const urns = (await project.resources())
		.map(({ urn }) => urn)
		.filter((urn) => names.some((name) => urn.endsWith(`::${name}`)));
	expect(urns).toHaveLength(3);
	const complete = async () => {
		expect(published(zone.id)).toHaveLength(15);
		expect((await project.outputs()).senders).toEqual(domains);
	};

	await project.up({ args: urns.flatMap((urn) => ["--replace", urn]) });
	await complete();
	await project.pulumi(["state", "taint", ...urns, "--yes"]);
	const { changes } = await project.up();
	for (const name of names) expect(changes).toContainEqual(expect.objectContaining({ op: "replace", name }));
	await complete();
	expect((await project.up()).changes).toEqual([]);

	await project.destroy();
	expect(published(zone.id)).toEqual([]);
});

describe("several in one stack", () => {
	test("setups of one zone and of another, and accounts of the Channels API, are independent, and no key is in clear", async () => {
		const zone = stage.sandbox.route53.createZone("accounts.test");
		const second = stage.sandbox.route53.createZone("second.test");
		const other = crypto.randomUUID();
		const key = await stage.service.createKey({ workspaceId: other });
		await using project = await stage.project({
			program: `
import * as pulumi from "@pulumi/pulumi";
import { ChannelsProvider, SesSetup } from "pulumi-channels";
const provider = new ChannelsProvider("other", {
	apiKey: new pulumi.Config().requireSecret("otherKey"), workspaceId: ${JSON.stringify(other)}, baseUrl: ${JSON.stringify(stage.baseUrl)},
});
const args = { route53: true, waitForVerification: true };
const mine = new SesSetup("mine", { tenantName: "accounts-mine", domainIdentity: "mine.accounts.test", ...args });
const theirs = new SesSetup("theirs", { tenantName: "accounts-theirs", domainIdentity: "theirs.accounts.test", ...args }, { provider });
const elsewhere = new SesSetup("elsewhere", { tenantName: "accounts-second", domainIdentity: "second.test", ...args });
export const workspaces = [mine.workspaceId, theirs.workspaceId];
export const senders = [mine, theirs, elsewhere].map((mail) => mail.verifiedDomain);
`,
			secretConfig: { otherKey: key },
		});
		const up = await project.up();
		expect(await project.outputs()).toEqual({
			workspaces: [stage.service.workspaceId, other],
			senders: ["mine.accounts.test", "theirs.accounts.test", "second.test"],
		});
		expect([zone, second].map(({ id }) => published(id).length)).toEqual([10, 5]);
		for (const text of [up.all, await project.stateText()]) {
			expect(text).not.toContain(key);
			expect(text).not.toContain(stage.service.apiKey);
		}
		expect((await project.up()).changes).toEqual([]);
		await project.destroy();
		expect([zone, second].flatMap(({ id }) => published(id))).toEqual([]);
	});
});
