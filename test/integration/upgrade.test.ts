// @module-tag all
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { toRecordSets } from "../../dns/index.js";
import type { RecordType } from "../../sandbox/route53/values.js";
import { ChannelsClient } from "../../sdk/index.js";
import type { Deployment, Project } from "../support/project.js";
import { type Stage, startStage } from "../support/stage.js";

/** Written by `pulumi stack export --show-secrets` with this version of the package; it never changes. */
const first = join(import.meta.dirname, "../fixtures/state-0.1.0.json");

const program = `
import { SesSetup } from "pulumi-channels";
const mail = new SesSetup("mail", { tenantName: "acme", domainIdentity: "mail.acme.test", route53: true, waitForVerification: true });
export const sender = mail.verifiedDomain;
`;

/** Makes what the state tells of: a setup, and its records in a zone. */
async function world(stage: Stage): Promise<Record<string, string>> {
	const zone = stage.sandbox.route53.createZone("acme.test");
	const { apiKey, workspaceId } = stage.service;
	await using client = new ChannelsClient({ apiKey, workspaceId, baseUrl: stage.baseUrl });
	const { data } = await client.sesSetups.create({ tenantName: "acme", domainIdentity: "mail.acme.test" });
	for (const { name, type, values } of toRecordSets(data.dns_records, 300)) {
		stage.sandbox.route53.put(zone.id, { name, type: type as RecordType, ttl: 300, values });
	}
	const tokens = data.dns_records
		.filter(({ type }) => type === "CNAME")
		.map(({ address }) => address.split(".")[0]);
	return {
		setupId: data.id,
		createdAt: data.created_at,
		zoneId: zone.id,
		workspaceId,
		baseUrl: stage.baseUrl,
		apiKey,
		...Object.fromEntries(tokens.map((token, index) => [`token${index + 1}`, token ?? ""])),
	};
}

async function restore(project: Project, values: Record<string, string>): Promise<void> {
	const text = (await readFile(first, "utf8")).replace(
		/\{\{(\w+)\}\}/g,
		(_, name: string) => values[name] ?? "",
	);
	await project.stateImport(JSON.parse(text) as Deployment);
}

test("a state of version 0.1.0 is refreshed, updated and destroyed by today's code", {
	tags: ["witness"],
}, async () => {
	await using stage = await startStage();
	const values = await world(stage);
	const zoneId = values.zoneId ?? "";
	await using project = await stage.project({ program });
	await restore(project, values);

	stage.sandbox.log.clear();
	expect((await project.up()).changes).toEqual([]);
	expect(
		stage.sandbox.log.count({ service: "route53" }) + stage.sandbox.log.count({ service: "channels" }),
	).toBe(0);
	await project.refresh();
	expect((await project.up()).changes).toEqual([]);

	stage.sandbox.route53.remove(zoneId, "mail.acme.test", "MX");
	await project.refresh();
	await project.up();
	expect(stage.sandbox.route53.records(zoneId).some(({ Type }) => Type === "MX")).toBe(true);

	await project.destroy();
	expect(stage.sandbox.route53.records(zoneId).map(({ Type }) => Type)).toEqual(["NS", "SOA"]);
	expect(stage.sandbox.ses.tenants()).toEqual([]);
});
