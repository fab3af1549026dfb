// @module-tag all
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/index.js";
import { createProject, type Project } from "../support/project.js";

const program = (ttl: number) => `
	import * as aws from "@pulumi/aws";
	const zone = new aws.route53.Zone("zone", { name: "acme.com", forceDestroy: true });
	const found = aws.route53.getZoneOutput({ name: "existing.com" });
	new aws.route53.Record("mx", {
		zoneId: zone.zoneId, name: "mail", type: "MX", ttl: ${ttl}, records: ["10 inbound.example.com"],
	});
	export const txt = new aws.route53.Record("txt", {
		zoneId: found.zoneId, name: "_dmarc.existing.com", type: "TXT", ttl: 300, records: ["v=DMARC1; p=none"],
	}).fqdn;
	export const nameServers = zone.nameServers;
	export const zoneId = zone.zoneId;
	export const existing = found.zoneId;
`;

let sandbox: Sandbox;
let project: Project;
beforeAll(async () => {
	sandbox = await startSandbox();
	sandbox.route53.createZone("existing.com");
	project = await createProject({ program: program(300), awsPlugin: true, env: sandbox.env() });
});
afterAll(async () => {
	await project?.dispose();
	await sandbox?.close();
});

test("a program with the real @pulumi/aws makes zones and records in the sandbox", async () => {
	const up = await project.up();
	expect(up.all).toContain("using pulumi-resource-aws from $PATH");
	const outputs = await project.outputs();
	expect(outputs).toMatchObject({ txt: "_dmarc.existing.com" });
	expect(outputs.nameServers).toHaveLength(4);
	expect(sandbox.route53.records(String(outputs.zoneId))).toContainEqual({
		Name: "mail.acme.com.",
		Type: "MX",
		TTL: 300,
		ResourceRecords: [{ Value: "10 inbound.example.com" }],
	});
	expect(sandbox.route53.records(String(outputs.existing))).toContainEqual(
		expect.objectContaining({
			Name: "_dmarc.existing.com.",
			ResourceRecords: [{ Value: '"v=DMARC1; p=none"' }],
		}),
	);
});

test("a second up and a refresh change nothing", async () => {
	expect((await project.up()).changes).toEqual([]);
	expect((await project.refresh()).changes).toEqual([]);
	expect((await project.up()).changes).toEqual([]);
});

test("a changed TTL is an update, a change by hand is drift that the next up puts back", async () => {
	await project.replaceProgram(program(600));
	expect((await project.up()).changes.map(({ op, name }) => [op, name])).toEqual([["update", "mx"]]);

	const zoneId = String((await project.outputs()).zoneId);
	sandbox.route53.put(zoneId, {
		name: "mail.acme.com.",
		type: "MX",
		ttl: 60,
		values: ["20 other.example.com"],
	});
	await project.refresh();
	expect((await project.up()).changes.map(({ op, name }) => [op, name])).toEqual([["update", "mx"]]);
	expect(sandbox.route53.records(zoneId)).toContainEqual(expect.objectContaining({ Type: "MX", TTL: 600 }));
});

test("a record that stands already is an error, and an argument it does not know is refused", async () => {
	await using other = await createProject({
		name: "other",
		awsPlugin: true,
		env: sandbox.env(),
		program: `
			import * as aws from "@pulumi/aws";
			const { zoneId } = await aws.route53.getZone({ name: "existing.com" });
			const at = { zoneId, name: "_dmarc", type: "TXT", ttl: 60, records: ["v=DMARC1; p=reject"] };
			new aws.route53.Record("again", at);
		`,
	});
	expect((await other.up({ expectFailure: true })).all).toContain("but it already exists");
	await other.replaceProgram(`
		import * as aws from "@pulumi/aws";
		new aws.route53.Record("alias", {
			zoneId: "Z1", name: "x", type: "A", aliases: [{ name: "y", zoneId: "Z2", evaluateTargetHealth: false }],
		});
	`);
	expect((await other.up({ expectFailure: true })).all).toContain("does not know aliases");
});

test("destroy removes what it made and nothing else", async () => {
	const { zoneId, existing } = await project.outputs();
	await project.destroy();
	expect(sandbox.route53.records(String(existing)).map(({ Type }) => Type)).toEqual(["NS", "SOA"]);
	expect(() => sandbox.route53.records(String(zoneId))).toThrow();
});
