// @module-tag all
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { toRecordSets } from "../../dns/index.js";
import type { RecordType } from "../../sandbox/route53/values.js";
import { ChannelsClient } from "../../sdk/index.js";
import type { Deployment, Project } from "../support/project.js";
import { oneSetup } from "../support/scene.js";
import { useStage } from "../support/stage.js";

/** Written by `pulumi stack export --show-secrets` with versions of this package; none of them ever changes. */
const states = join(import.meta.dirname, "../fixtures");

const stage = useStage();

/** Makes what the states tell of: a setup, and a zone, in which nothing is published yet. */
async function world(name: string) {
	const zone = stage.sandbox.route53.createZone(`${name}.test`);
	const { apiKey, workspaceId } = stage.service;
	const { baseUrl } = stage;
	await using client = new ChannelsClient({ apiKey, workspaceId, baseUrl });
	const domain = `mail.${name}.test`;
	const { data } = await client.sesSetups.create({ tenantName: name, domainIdentity: domain });
	const tokens = data.dns_records
		.filter(({ type }) => type === "CNAME")
		.map(({ address }) => address.split(".")[0] ?? "");
	const numbered = (what: string, texts: readonly string[]) =>
		Object.fromEntries(texts.map((text, index) => [`${what}${index + 1}`, text]));
	return {
		...inZone(zone.id),
		domain,
		policy: `_dmarc.${domain}`,
		/** Puts the records of the setup into this zone or another one. */
		publish(ttl = 300, zoneId = zone.id) {
			for (const { name, type, values } of toRecordSets(data.dns_records, ttl)) {
				inZone(zoneId).put(name, type as RecordType, values, ttl);
			}
		},
		values: {
			name,
			setupId: data.id,
			createdAt: data.created_at,
			zoneId: zone.id,
			workspaceId,
			baseUrl,
			apiKey,
			...numbered("token", tokens),
			...numbered("nameServer", zone.nameServers),
		},
	};
}

/** What others do and see in a zone. */
function inZone(zoneId: string) {
	const { route53 } = stage.sandbox;
	return {
		put: (name: string, type: RecordType, values: readonly string[], ttl = 300) =>
			route53.put(zoneId, { name, type, ttl, values }),
		remove: (name: string, type: RecordType) => route53.remove(zoneId, name, type),
		standing: () => route53.snapshot(zoneId),
	};
}

async function restore(project: Project, state: string, values: Record<string, string>): Promise<void> {
	const text = (await readFile(join(states, `state-${state}.json`), "utf8")).replace(
		/\{\{(\w+)\}\}/g,
		(_, name: string) => values[name] ?? "",
	);
	await project.stateImport(JSON.parse(text) as Deployment);
}

const ours = "10 inbound-smtp.us-east-1.amazonaws.com";
const reject = ['"v=DMARC1; p=reject"'];

test("a state of version 0.1.0 is refreshed, updated and destroyed by today's code", {
	tags: ["witness"],
}, async () => {
	const { values, domain, publish, remove, standing } = await world("acme");
	const empty = standing();
	publish();
	const published = standing();
	const project = await stage.project({ program: oneSetup("acme") });
	await restore(project, "0.1.0", values);

	stage.sandbox.log.clear();
	expect((await project.up()).changes).toEqual([]);
	expect(
		stage.sandbox.log.count({ service: "route53" }) + stage.sandbox.log.count({ service: "channels" }),
	).toBe(0);
	await project.refresh();
	expect((await project.up()).changes).toEqual([]);

	remove(domain, "MX");
	await project.refresh();
	await project.up();
	expect(standing()).toBe(published);

	await project.destroy();
	expect(standing()).toBe(empty);
	expect(stage.sandbox.ses.tenants().map(({ name }) => name)).not.toContain("acme");
});

test("a state with the verified domain among the inputs of its waits goes on, even where they ignore all changes", async () => {
	const { remove, standing } = inZone(stage.sandbox.route53.createZone("named.test").id);
	const own = `
const { Verification } = await import("pulumi-channels");
const of = { setupId: mail.id, dnsRecords: mail.dnsRecords };
export const { verifiedDomain } = new Verification("own", of, { dependsOn: mail.records, ignoreChanges: ["*"] });`;
	const project = await stage.project({ program: oneSetup("named") + own });
	await project.up();
	const published = standing();
	const state = await project.stateExport();
	const waits = (state.deployment.resources ?? []).filter(({ type }) => type.endsWith(":Verification"));
	for (const { inputs = {} } of waits) inputs.verifiedDomain = "mail.named.test";
	await project.stateImport(state);

	remove("mail.named.test", "MX");
	await project.refresh();
	expect((await project.up()).changes.map(({ op, name }) => `${op} ${name}`).sort()).toEqual([
		"update mail-records",
		"update mail-verification",
		"update own",
	]);
	expect(standing()).toBe(published);
	expect(await project.outputs()).toMatchObject({
		sender: "mail.named.test",
		verifiedDomain: "mail.named.test",
	});
	expect((await project.up()).changes).toEqual([]);
});

test("a state in which a refresh has found changes of others has these undone by up, and none that came later", async () => {
	const { values, domain, policy, publish, put, remove, standing } = await world("changed");
	const empty = standing();
	publish();
	const published = standing();
	const project = await stage.project({ program: oneSetup("changed", "route53: true") });
	await restore(project, "changed-by-others", values);

	remove(domain, "MX");
	put(policy, "TXT", ['"v=DMARC1; p=quarantine"']);
	const later = standing();
	expect((await project.up({ expectFailure: true })).all).toContain("run `pulumi refresh`");
	expect(standing()).toBe(later);

	put(policy, "TXT", reject);
	const { all } = await project.preview();
	expect(all).toContain(`Changed in changed.test since it was published: TXT ${policy}: `);
	expect(all).toContain(`MX ${domain}: ${ours} is gone; found nothing`);
	await project.up();
	expect(standing()).toBe(published);
	expect((await project.up()).changes).toEqual([]);
	await project.destroy();
	expect(standing()).toBe(empty);
});

describe.each(["made", "not made"])("a state without the answer to a change that was %s", (end) => {
	/** The change was to publish the policy as well, and all of it with a TTL of a minute. */
	async function scene(title: string) {
		const name = `${end.replace(" ", "-")}-${title}`;
		const { values, publish, ...zone } = await world(name);
		const empty = zone.standing();
		publish(60);
		const wanted = zone.standing();
		if (end === "not made") {
			publish();
			zone.remove(zone.policy, "TXT");
		}
		const project = await stage.project({ program: oneSetup(name, "route53: { ttl: 60 }") });
		await restore(project, "lost-answer", values);
		return { ...zone, project, empty, wanted };
	}

	test("is brought to what the program says by up alone", async () => {
		const { project, standing, empty, wanted } = await scene("alone");
		await project.up();
		expect(standing()).toBe(wanted);
		expect((await project.up()).changes).toEqual([]);
		await project.destroy();
		expect(standing()).toBe(empty);
	});

	test("is brought there after a refresh, which takes another policy for a change of ours only where ours was", async () => {
		const { project, policy, put, remove, standing, wanted } = await scene("refreshed");
		put(policy, "TXT", reject);
		const theirs = standing();
		await project.refresh();
		if (end === "not made") {
			const { all } = await project.up({ expectFailure: true });
			expect(all).toContain(`- TXT ${reject}`);
			expect(standing()).toBe(theirs);
			remove(policy, "TXT");
		}
		await project.up();
		expect(standing()).toBe(wanted);
		expect((await project.up()).changes).toEqual([]);
	});

	test("is destroyed with all that may be ours, and nothing of others", async () => {
		const { project, domain, policy, put, remove, standing, empty } = await scene("destroyed");
		const theirs = ["20 mx.example.com"];
		put(domain, "MX", [ours, ...theirs]);
		if (end === "not made") put(policy, "TXT", reject);
		await project.destroy();
		const left = standing();
		put(domain, "MX", theirs);
		expect(left).toBe(standing());
		remove(domain, "MX");
		if (end === "not made") remove(policy, "TXT");
		expect(standing()).toBe(empty);
	});
});

describe("a state of records that stand in their former zone as well", () => {
	/** In the former zone they have overwritten an MX of others. */
	async function scene(name: string) {
		const { id: formerZoneId } = stage.sandbox.route53.createZone(`${name}.test`);
		const former = inZone(formerZoneId);
		const { values, domain, publish, standing } = await world(name);
		former.put(domain, "MX", ["1 smtp.google.com"]);
		const before = former.standing();
		const empty = standing();
		publish();
		publish(300, formerZoneId);
		const route53 = `{ zoneId: "${values.zoneId}", onConflict: { mx: "overwrite" } }`;
		const project = await stage.project({ program: oneSetup(name, `route53: ${route53}`) });
		await restore(project, "former-zone", { ...values, formerZoneId });
		const both = () => [former.standing(), standing()];
		return { project, both, before, empty, published: standing() };
	}

	test("has them removed from there by the next up", async () => {
		const { project, both, before, empty, published } = await scene("left");
		await project.refresh();
		await project.up();
		expect(both()).toEqual([before, published]);
		expect((await project.up()).changes).toEqual([]);
		await project.destroy();
		expect(both()).toEqual([before, empty]);
	});

	test("is destroyed in both", async () => {
		const { project, both, before, empty } = await scene("both");
		await project.destroy();
		expect(both()).toEqual([before, empty]);
	});
});
