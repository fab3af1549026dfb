import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { channels } from "../support/channels-command.js";
import type { OperationResult, Project } from "../support/project.js";
import { publishByHand, registered } from "../support/registered.js";
import { type Stage, startStage } from "../support/stage.js";

let stage: Stage;
beforeAll(async () => {
	stage = await startStage();
});
afterAll(() => stage[Symbol.asyncDispose]());
beforeEach(() => stage.sandbox.log.clear());

/** Writes the file and takes it in with the command line that `channels` itself says. */
async function importInto(project: Project, ...args: string[]): Promise<string> {
	const made = await channels(stage, ["import-file", ...args, "--out", "import.json"], {
		cwd: project.directory,
	});
	expect(made).toMatchObject({ code: 0, stdout: "" });
	const [, command = ""] = /^ {2}pulumi (import .*)$/m.exec(made.stderr) ?? [];
	await project.pulumi([...command.split(" "), "--yes"]);
	return made.stderr;
}

/** The program that `channels` itself says goes with the file. */
const programIn = (advice: string) =>
	advice
		.split("\n")
		.filter((line) => /^ {2}(import \{|new SesSetup)/.test(line))
		.join("\n");

const names = ({ changes }: OperationResult) => changes.map(({ op, name }) => `${op} ${name}`);

const zoneChanges = () =>
	stage.sandbox.log.all({ service: "route53", operation: "ChangeResourceRecordSets" }).length;

async function expectNothingToDo(project: Project): Promise<void> {
	stage.sandbox.log.clear();
	expect(names(await project.preview())).toEqual([]);
	expect(names(await project.up())).toEqual([]);
	expect(stage.calls("route53")).toEqual({});
	expect(stage.calls("channels")).toEqual({});
	expect(names(await project.refresh())).toEqual([]);
	expect(names(await project.up())).toEqual([]);
	expect(zoneChanges()).toBe(0);
}

describe("a setup made by hand, with its records in Route 53", () => {
	test("is taken into a stack without a change anywhere, and then belongs to it", async () => {
		const zone = stage.sandbox.route53.createZone("console.test");
		stage.sandbox.route53.put(zone.id, { name: "console.test", type: "TXT", values: ['"v=spf1 -all"'] });
		const before = stage.sandbox.route53.snapshot(zone.id);
		const setup = await registered(stage, { tenant: "console", domain: "mail.console.test" });
		publishByHand(stage, zone, setup.dns_records);
		const standing = stage.sandbox.route53.snapshot(zone.id);
		await using project = await stage.project();

		const advice = await importInto(project, "--domain", "mail.console.test", "--route53", "--wait");
		await project.replaceProgram(programIn(advice));
		await expectNothingToDo(project);
		expect(stage.sandbox.route53.snapshot(zone.id)).toBe(standing);

		await project.destroy();
		expect(stage.sandbox.route53.snapshot(zone.id)).toBe(before);
		expect((await channels(stage, ["zone-file", "--setup", setup.id])).code).toBe(1);
	});

	test("leaves its records to whoever made them, with --keep-records", async () => {
		const zone = stage.sandbox.route53.createZone("kept.test");
		const setup = await registered(stage, { tenant: "kept", domain: "kept.test" });
		publishByHand(stage, zone, setup.dns_records);
		const standing = stage.sandbox.route53.snapshot(zone.id);
		await using project = await stage.project();

		const advice = await importInto(project, "--setup", setup.id, "--route53", "--keep-records");
		await project.replaceProgram(programIn(advice));
		await expectNothingToDo(project);
		await project.destroy();
		expect(stage.sandbox.route53.snapshot(zone.id)).toBe(standing);
	});

	test("keeps its TTL and the values of others beside its own", async () => {
		const zone = stage.sandbox.route53.createZone("shared.test");
		const setup = await registered(stage, { tenant: "shared", domain: "shared.test" });
		publishByHand(stage, zone, setup.dns_records, 1800);
		const set = { name: "_dmarc.shared.test", type: "TXT", ttl: 1800 } as const;
		stage.sandbox.route53.put(zone.id, { ...set, values: ['"v=DMARC1; p=none"', '"of another"'] });
		const standing = stage.sandbox.route53.snapshot(zone.id);
		await using project = await stage.project();

		const advice = await importInto(project, "--setup", setup.id, "--route53", "--ttl", "1800", "--wait");
		expect(advice).not.toContain("Note:");
		await project.replaceProgram(programIn(advice));
		await expectNothingToDo(project);
		expect(stage.sandbox.route53.snapshot(zone.id)).toBe(standing);

		await project.destroy();
		const left = stage.sandbox.route53.records(zone.id).filter(({ Type }) => Type === "TXT");
		expect(left).toEqual([
			expect.objectContaining({ TTL: 1800, ResourceRecords: [{ Value: '"of another"' }] }),
		]);
	});

	test("has what is missing published by the next up, which the preview shows", async () => {
		const zone = stage.sandbox.route53.createZone("partly.test");
		const setup = await registered(stage, { tenant: "partly", domain: "partly.test" });
		publishByHand(stage, zone, setup.dns_records.slice(0, 4));
		await using project = await stage.project();

		const advice = await importInto(project, "--setup", setup.id, "--route53", "--wait");
		expect(advice).toMatch(/partly\.test: the next `pulumi up` puts this right: TXT _dmarc\.partly\.test/);
		await project.replaceProgram(programIn(advice));
		const changes = ["update partly-records", "update partly-verification"];
		expect(names(await project.preview())).toEqual(changes);
		expect(names(await project.up())).toEqual(changes);
		await expectNothingToDo(project);
		expect((await channels(stage, ["doctor", "--setup", setup.id])).code).toBe(0);
	});
});

test("a whole workspace is taken in at once, children of a component and with a provider of its own", async () => {
	await using other = await startStage();
	for (const tenant of ["one", "two", "three"]) {
		const zone = other.sandbox.route53.createZone(`${tenant}.test`);
		const setup = await registered(other, { tenant, domain: `mail.${tenant}.test` });
		publishByHand(other, zone, setup.dns_records);
	}
	await using project = await other.project();
	const surroundings = `
import * as pulumi from "@pulumi/pulumi";
import { ChannelsProvider, SesSetup } from "pulumi-channels";
const config = new pulumi.Config("channels");
const provider = new ChannelsProvider("account", {
	apiKey: config.requireSecret("apiKey"),
	workspaceId: config.require("workspaceId"),
	baseUrl: config.require("baseUrl"),
});
const parent = new pulumi.ComponentResource("acme:Domains", "domains", {});
`;
	await project.replaceProgram(surroundings);
	await project.up();
	const urnOf = async (type: string) =>
		(await project.resources()).find(
			(resource) => resource.type === type && !resource.urn.includes("default"),
		)?.urn ?? "";

	const made = await channels(
		other,
		[
			...["import-file", "--all", "--route53", "--wait", "--out", "import.json"],
			...["--parent", await urnOf("acme:Domains")],
			...["--provider", await urnOf("pulumi:providers:pulumi-nodejs")],
		],
		{ cwd: project.directory },
	);
	expect(made.code).toBe(0);
	expect(made.stderr).toContain("9 resources of 3 setups");
	await project.pulumi([
		..."import --file import.json --generate-code=false --protect=false --yes".split(" "),
	]);
	const setups = made.stderr.split("\n").filter((line) => line.includes("new SesSetup("));
	expect(setups).toHaveLength(3);
	const inside = setups.map((line) => line.replace(/\);$/, ", { parent, provider });")).join("\n");
	await project.replaceProgram(`${surroundings}${inside}`);
	expect(names(await project.preview())).toEqual([]);
	expect(names(await project.up())).toEqual([]);
	expect(names(await project.refresh())).toEqual([]);
	expect((await project.resources()).filter(({ type }) => type.includes("dynamic/channels"))).toHaveLength(9);
});

test("a stack with aws.route53.Record moves to SesSetup, and no record is touched", async () => {
	const zone = stage.sandbox.route53.createZone("moved.test");
	const before = stage.sandbox.route53.snapshot(zone.id);
	const setup = await registered(stage, { tenant: "moved", domain: "mail.moved.test" });
	const byHand = (options: string) => `
import * as aws from "@pulumi/aws";
const records = ${JSON.stringify(setup.dns_records)};
for (const [index, { address, type, record }] of records.entries()) {
	new aws.route53.Record(
		\`record-\${index}\`,
		{ zoneId: ${JSON.stringify(zone.id)}, name: address, type, ttl: 300, records: [record] },
		${options},
	);
}
`;
	await using project = await stage.project({ awsPlugin: true, program: byHand("{}") });
	await project.up();
	const standing = stage.sandbox.route53.snapshot(zone.id);
	expect(standing).not.toBe(before);
	stage.sandbox.log.clear();

	await project.replaceProgram(byHand("{ retainOnDelete: true }"));
	await project.up();
	const advice = await importInto(project, "--domain", "mail.moved.test", "--route53", "--wait");
	await project.replaceProgram(programIn(advice));
	expect(new Set(names(await project.up()).map((change) => change.replace(/\d$/, "N")))).toEqual(
		new Set(["delete record-N"]),
	);
	expect(zoneChanges()).toBe(0);
	expect(stage.sandbox.route53.snapshot(zone.id)).toBe(standing);
	await expectNothingToDo(project);

	await project.destroy();
	expect(stage.sandbox.route53.snapshot(zone.id)).toBe(before);
});
