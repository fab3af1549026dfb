// @module-tag all
import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import type { SesSetupDetailResponse } from "../../sdk/index.js";
import { publishByHand, registered } from "../support/registered.js";
import { useStage } from "../support/stage.js";

const stage = useStage();
let published: SesSetupDetailResponse;
let fresh: SesSetupDetailResponse;
beforeAll(async () => {
	published = await registered(stage, { tenant: "published", domain: "published.test" });
	publishByHand(stage, stage.sandbox.route53.createZone("published.test"), published.dns_records);
	fresh = await registered(stage, { tenant: "fresh", domain: "fresh.test" });
	stage.sandbox.route53.createZone("fresh.test");
});

test("getSesSetup and getSesSetups read live, in a preview too, with what is verified", {
	tags: ["witness"],
}, async () => {
	await using project = await stage.project({
		program: `
import * as pulumi from "@pulumi/pulumi";
import { getSesSetup, getSesSetupOutput, getSesSetups, getSesSetupsOutput } from "pulumi-channels";
export const published = await getSesSetup(${JSON.stringify(published.id)});
export const fresh = getSesSetupOutput(pulumi.output(${JSON.stringify(fresh.id)})).verified;
export const all = (await getSesSetups()).map(({ id, verified }) => [id, verified]);
const config = new pulumi.Config("channels");
export const same = getSesSetupsOutput({
	apiKey: config.requireSecret("apiKey"),
	workspaceId: config.require("workspaceId"),
}).apply((setups) => setups.map(({ domainIdentity }) => domainIdentity));
`,
	});
	await project.preview();
	expect(stage.calls("channels")).toEqual({ "GET ses-setup/{id}": 2, "GET ses-setup": 2 });
	await project.up();
	expect(await project.outputs()).toMatchObject({
		published: {
			id: published.id,
			tenantName: "published",
			domainIdentity: "published.test",
			workspaceId: stage.service.workspaceId,
			verified: true,
			createdAt: published.created_at,
			dnsRecords: published.dns_records.map((record) => ({ ...record, verified: true })),
		},
		fresh: false,
		all: [
			[fresh.id, false],
			[published.id, true],
		],
		same: ["fresh.test", "published.test"],
	});
});

test("getSesSetup says which setup is not there, and which setting", async () => {
	const unknown = randomUUID();
	await using project = await stage.project({
		program: `
import { getSesSetup } from "pulumi-channels";
await getSesSetup(${JSON.stringify(unknown)});
`,
	});
	const missing = await project.preview({ expectFailure: true });
	expect(missing.all).toContain(
		`getSesSetup: workspace ${stage.service.workspaceId} has no setup "${unknown}"`,
	);
	expect(missing.all).toContain("getSesSetups lists what it has. [setup-not-found]");
	const lift = stage.sandbox.faults.add({
		service: "channels",
		effect: { kind: "error", status: 401, code: "Unauthorized", message: "Invalid API key." },
	});
	const refused = await project.preview({ expectFailure: true });
	expect(refused.all).toMatch(/Invalid API key\..* \[api-unauthorized\]$/m);
	lift();
	await project.pulumi(["config", "rm", "channels:workspaceId"]);
	const unset = await project.preview({ expectFailure: true });
	expect(unset.all).toMatch(/channels:workspaceId is not set\. Run `pulumi config set.* \[setting-missing\]/);
	expect(unset.all).not.toContain(stage.service.apiKey);
});

test("SesSetup.get reads a setup that is managed elsewhere, and deletes nothing", async () => {
	const program = (id: string) => `
import { SesSetup } from "pulumi-channels";
const mail = SesSetup.get("mail", ${JSON.stringify(id)});
export const { tenantName, domainIdentity, workspaceId, dnsRecords, createdAt, zone } = mail;
export const children = [mail.records, mail.verification, mail.verifiedDomain];
`;
	await using project = await stage.project({ program: program(published.id) });
	const up = await project.up();
	expect(up.steps.filter(({ name }) => name === "mail").map(({ op }) => op)).toEqual(["read"]);
	expect(await project.outputs()).toEqual({
		tenantName: "published",
		domainIdentity: "published.test",
		workspaceId: stage.service.workspaceId,
		dnsRecords: published.dns_records.map(({ address, type, record }) => ({ address, type, record })),
		createdAt: published.created_at,
		children: [null, null, null],
	});
	await project.refresh();
	await project.destroy();
	expect(stage.sandbox.log.all({ service: "channels", operation: "DELETE ses-setup/{id}" })).toEqual([]);

	const unknown = randomUUID();
	await project.replaceProgram(program(unknown));
	const missing = await project.up({ expectFailure: true });
	expect(missing.all).toContain(`workspace ${stage.service.workspaceId} has no setup ${unknown}`);
});
