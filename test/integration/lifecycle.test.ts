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
	test("keeps to the call budget at every step", async () => {
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

		await project.up();
		const outputs = await project.outputs();
		expect(outputs.sender).toBe("mail.budget.test");
		expect(outputs.records).toHaveLength(5);
		expect(outputs.checked).toEqual(
			(outputs.records as object[]).map((record) => ({ ...record, verified: true })),
		);
		expect(published(zone.id)).toHaveLength(5);
		const { "POST ses-setup/{id}/verify": verifies, ...channels } = stage.calls("channels");
		expect(channels).toEqual({ "POST ses-setup": 1 });
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

	test("keeps provider texts short and the key out of the state", async () => {
		stage.sandbox.route53.createZone("state.test");
		await using project = await stage.project({
			program: program({ tenant: "state", domain: "mail.state.test" }),
		});
		const up = await project.up();
		expect(up.all).not.toContain(stage.service.apiKey);
		expect(await project.stateText()).not.toContain(stage.service.apiKey);
		for (const { type, outputs } of await project.resources()) {
			if (type.includes("channels")) expect(String(outputs?.__provider).length).toBeLessThanOrEqual(100);
		}
		await project.destroy();
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

	test("of the domain's spelling changes nothing", async () => {
		stage.sandbox.route53.createZone("spelling.test");
		await using project = await stage.project({
			program: program({ tenant: "spelling", domain: "mail.spelling.test" }),
		});
		await project.up();
		await project.replaceProgram(program({ tenant: "spelling", domain: "MAIL.Spelling.test." }));
		expect((await project.up()).changes).toEqual([]);
		await project.destroy();
	});

	test("that turns publishing and waiting on later touches nothing else", async () => {
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
		expect((await project.up()).changes).toEqual([]);

		await project.replaceProgram(program({ tenant: "later", domain: "mail.later.test", more: "" }));
		await project.up();
		expect(published(zone.id)).toEqual([]);
		expect((await project.outputs()).id).toBe(id);
		await project.destroy();
	});
});

describe("a forced replacement", () => {
	for (const target of ["mail", "mail-records", "mail-verification"]) {
		test(`of ${target}, by --replace and by taint, ends complete and leaves nothing behind`, async () => {
			const domain = `${target}.forced.test`;
			const zone = stage.sandbox.route53.createZone(domain);
			await using project = await stage.project({ program: program({ tenant: `forced-${target}`, domain }) });
			await project.up();
			const urn =
				(await project.resources()).find((resource) => resource.urn.endsWith(`::${target}`))?.urn ?? "";

			await project.up({ args: ["--replace", urn] });
			expect(published(zone.id)).toHaveLength(5);
			expect(await project.outputs()).toMatchObject({ sender: domain });

			await project.pulumi(["state", "taint", urn, "--yes"]);
			await project.up();
			expect(published(zone.id)).toHaveLength(5);
			expect(await project.outputs()).toMatchObject({ sender: domain });
			expect((await project.up()).changes).toEqual([]);

			await project.destroy();
			expect(published(zone.id)).toEqual([]);
		});
	}
});

describe("several in one stack", () => {
	test("setups of one zone and of another are independent", async () => {
		const [one, two] = ["one.several.test", "two.several.test"].map((name) =>
			stage.sandbox.route53.createZone(name),
		);
		await using project = await stage.project({
			program: `
import { SesSetup } from "pulumi-channels";
const options = { route53: true, waitForVerification: true };
const domains = ["a.one.several.test", "b.one.several.test", "two.several.test"];
const mails = domains.map((domainIdentity, i) => new SesSetup("mail" + i, { tenantName: "several-" + i, domainIdentity, ...options }));
export const senders = mails.map((mail) => mail.verifiedDomain);
`,
		});
		await project.up();
		expect((await project.outputs()).senders).toEqual([
			"a.one.several.test",
			"b.one.several.test",
			"two.several.test",
		]);
		expect(published(one?.id ?? "")).toHaveLength(10);
		expect(published(two?.id ?? "")).toHaveLength(5);
		await project.destroy();
		expect(published(one?.id ?? "")).toEqual([]);
	});

	test("accounts of the Channels API each get their own setups, and no key is in clear anywhere", async () => {
		const zone = stage.sandbox.route53.createZone("accounts.test");
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
export const workspaces = [mine.workspaceId, theirs.workspaceId];
export const senders = [mine.verifiedDomain, theirs.verifiedDomain];
`,
			secretConfig: { otherKey: key },
		});
		const up = await project.up();
		expect(await project.outputs()).toEqual({
			workspaces: [stage.service.workspaceId, other],
			senders: ["mine.accounts.test", "theirs.accounts.test"],
		});
		for (const text of [up.all, await project.stateText()]) {
			expect(text).not.toContain(key);
			expect(text).not.toContain(stage.service.apiKey);
		}
		expect((await project.up()).changes).toEqual([]);
		await project.destroy();
		expect(published(zone.id)).toEqual([]);
	});
});
