// @module-tag all
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { channels } from "../support/channels-command.js";
import { codeBlocks } from "../support/markdown.js";
import type { OperationResult, Project } from "../support/project.js";
import { publishByHand, registered } from "../support/registered.js";
import { startStage, useStage } from "../support/stage.js";

const stage = useStage();
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
	expect(names(await project.up())).toEqual([]);
	expect(stage.calls("route53")).toEqual({});
	expect(stage.calls("channels")).toEqual({});
	expect(names(await project.up({ args: ["--refresh"] }))).toEqual([]);
	expect(zoneChanges()).toBe(0);
}

describe("a setup made by hand, with its records in Route 53", () => {
	test("is taken into a stack without a change anywhere, and then belongs to it", {
		tags: ["witness"],
	}, async () => {
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

	test("comes as it stands: records of others, another TTL, values beside ours, something missing", async () => {
		const made = async (name: string, ttl?: number) => {
			const zone = stage.sandbox.route53.createZone(`${name}.test`);
			const setup = await registered(stage, { tenant: name, domain: `${name}.test` });
			publishByHand(stage, zone, setup.dns_records, ttl);
			return { zone, snapshot: () => stage.sandbox.route53.snapshot(zone.id) };
		};
		const kept = await made("kept");
		const shared = await made("shared", 1800);
		const beside = { name: "_dmarc.shared.test", type: "TXT", ttl: 1800 } as const;
		const values = ['"v=DMARC1; p=none"', '"of another"'];
		stage.sandbox.route53.put(shared.zone.id, { ...beside, values });
		const partly = await made("partly");
		const whole = partly.snapshot();
		stage.sandbox.route53.remove(partly.zone.id, "_dmarc.partly.test", "TXT");
		const standing = [kept.snapshot(), shared.snapshot()];

		await using project = await stage.project();
		const advice = [
			await importInto(project, "--domain", "kept.test", "--route53", "--keep-records"),
			await importInto(project, "--domain", "shared.test", "--route53", "--ttl", "1800", "--wait"),
			await importInto(project, "--domain", "partly.test", "--route53", "--wait"),
		];
		expect(advice[1]).not.toContain("Note:");
		expect(advice[2]).toMatch(/partly\.test: the next `pulumi up` puts this right: TXT _dmarc\.partly\.test/);
		await project.replaceProgram(
			[...new Set(advice.flatMap((text) => programIn(text).split("\n")))].join("\n"),
		);
		const changes = ["update partly-records", "update partly-verification"];
		expect(names(await project.preview())).toEqual(changes);
		expect(names(await project.up())).toEqual(changes);
		expect(partly.snapshot()).toBe(whole);
		await expectNothingToDo(project);
		expect([kept.snapshot(), shared.snapshot()]).toEqual(standing);

		await project.destroy();
		expect(kept.snapshot()).toBe(standing[0]);
		const left = ({ zone }: { zone: { id: string } }) =>
			stage.sandbox.route53.records(zone.id).filter(({ Type }) => Type !== "NS" && Type !== "SOA");
		expect(left(partly)).toEqual([]);
		expect(left(shared)).toEqual([
			expect.objectContaining({ TTL: 1800, ResourceRecords: [{ Value: '"of another"' }] }),
		]);
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
	expect(names(await project.up({ args: ["--refresh"] }))).toEqual([]);
	expect((await project.resources()).filter(({ type }) => type.includes("dynamic/channels"))).toHaveLength(9);
});

test("the page on moving from aws.route53.Record leads there, and no record is touched", async () => {
	const page = await readFile(resolve(import.meta.dirname, "../../docs/migrate.md"), "utf8");
	const zone = stage.sandbox.route53.createZone("acme.com");
	const before = stage.sandbox.route53.snapshot(zone.id);
	const setup = await registered(stage, { tenant: "acme-support", domain: "mail.acme.com" });
	const tokens = setup.dns_records.flatMap(({ record }) => /^(\w+)\.dkim\./.exec(record)?.[1] ?? []);
	const own = (program: string) => program.replace(/token-(\d)/g, (_, n) => tokens[Number(n) - 1] ?? "");
	const [old, ...blocks] = codeBlocks(
		page.slice(page.indexOf("\n## From records of the AWS provider"), page.indexOf("\n## By the program")),
	);

	// The records are there from long before, without the option that the page adds.
	await using project = await stage.project({ awsPlugin: true });
	await project.replaceProgram(own(old?.code ?? "").replace("{ retainOnDelete: true }", "{}"));
	await project.up();
	const standing = stage.sandbox.route53.snapshot(zone.id);
	expect(standing).not.toBe(before);
	stage.sandbox.log.clear();

	await project.replaceProgram(own(old?.code ?? ""));
	for (const { language, code } of blocks) {
		if (language === "ts") await project.replaceProgram(code);
		else for (const command of code.split("\n")) await runIn(project, command);
	}
	expect(zoneChanges()).toBe(0);
	expect(stage.sandbox.route53.snapshot(zone.id)).toBe(standing);
	expect(await project.outputs()).toEqual({ sender: "mail.acme.com" });
	await expectNothingToDo(project);

	await project.destroy();
	expect(stage.sandbox.route53.snapshot(zone.id)).toBe(before);
});

/** A command of the page. The preview must show what the page says of it. */
async function runIn(project: Project, command: string): Promise<void> {
	const [program, ...args] = command.replace(/^npx /, "").split(" ");
	if (program === "channels") {
		expect(await channels(stage, args, { cwd: project.directory })).toMatchObject({ code: 0 });
	} else if (command === "pulumi preview") {
		const changes = new Set(names(await project.preview()).map((change) => change.replace(/\d$/, "N")));
		expect(changes).toEqual(new Set(["delete mail-N"]));
	} else {
		expect(program).toBe("pulumi");
		await project.pulumi(args);
	}
}
