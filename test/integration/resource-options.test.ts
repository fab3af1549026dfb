// @module-tag all
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { codeBlocks } from "../support/markdown.js";
import type { Project, StateResource } from "../support/project.js";
import { useStage } from "../support/stage.js";

const stage = useStage();
beforeEach(() => stage.sandbox.log.clear());

const program = (...lines: string[]) => `
import * as pulumi from "@pulumi/pulumi";
import { ChannelsProvider, SesSetup } from "pulumi-channels";
${lines.join("\n")}
`;

const waiting = "route53: true, waitForVerification: true";

/**
 * A setup in the zone `options.test`, with its arguments and options as they stand in a program.
 *
 * @param tenant also the first label of its domain.
 */
const setup = (name: string, args = "route53: true", options = "", tenant = name) =>
	`const ${name} = new SesSetup("${name}", { tenantName: "${tenant}", domainIdentity: "${tenant}.options.test", ` +
	`${args} }, { ${options} });`;

/** A setup's own resource in the state, that of its records and that of its wait. */
async function family(project: Project, name: string): Promise<StateResource[]> {
	const all = await project.resources();
	return ["", "-records", "-verification"].flatMap((child) =>
		all.filter(({ urn }) => urn.endsWith(`::${name}${child}`)),
	);
}

const names = (steps: readonly { op: string; name: string }[]) =>
	steps.map(({ op, name }) => `${op} ${name}`).sort();

/** Whether SES has the domain, and how many record sets stand for it. */
const standing = (zone: { id: string }, domain: string) => [
	stage.sandbox.ses.identities().some(({ name }) => name === domain),
	stage.sandbox.route53.records(zone.id).filter(({ Name }) => Name?.endsWith(`${domain}.`)).length,
];

function ttls(records: StateResource | undefined): number[] {
	const { written = [] } = (records?.outputs ?? {}) as { written?: { ttl: number }[] };
	return written.map(({ ttl }) => ttl);
}

test("the options of a setup hold for its children, as in a component", async () => {
	const zone = stage.sandbox.route53.createZone("options.test");
	const workspaceId = randomUUID();
	const apiKey = await stage.service.createKey({ workspaceId });
	const shorter = `({ type, props, opts }) =>
		type.endsWith(":Route53Records") ? { props: { ...props, ttl: 60 }, opts } : undefined`;
	const shared = [
		`const sales = new ChannelsProvider("sales", ${JSON.stringify({ apiKey, workspaceId })});`,
		`const domains = new pulumi.ComponentResource("acme:Domains", "domains", {}, {
			providers: [sales], transforms: [${shorter}],
		});`,
		'const others = new pulumi.ComponentResource("acme:Domains", "others");',
		setup("guarded", waiting, "protect: true"),
		setup("inside", waiting, "parent: domains"),
		setup("account", waiting, `provider: sales, transforms: [${shorter}]`),
		setup("after", "route53: true", `dependsOn: guarded.verification, transformations: [${shorter}]`),
	];
	const timed = (ttl: number, timeout: string) =>
		`route53: { ttl: ${ttl} }, waitForVerification: { timeout: "${timeout}" }`;
	const ignoring = 'ignoreChanges: ["route53.ttl", "waitForVerification", "domainIdentity", "tenantName"]';
	await using project = await stage.project({
		program: program(
			...shared,
			setup("anchor"),
			setup("bound", undefined, "deletedWith: anchor"),
			setup("kept", undefined, "retainOnDelete: true"),
			setup("plain"),
			setup("ignoring", timed(300, "5m"), ignoring),
			setup("frozen", timed(300, "5m"), 'ignoreChanges: ["*"]'),
			setup("heeding", timed(300, "5m"), 'customTimeouts: { create: "1ms", update: "1ms" }'),
			setup("before", waiting),
		),
	});
	await project.up();

	for (const name of ["inside", "account"]) {
		const [own, records, wait] = await family(project, name);
		for (const resource of [own, records, wait]) {
			expect(resource?.provider, resource?.urn).toContain("pulumi:providers:pulumi-nodejs::sales::");
		}
		expect(own?.outputs).toMatchObject({ workspaceId });
		expect(ttls(records)).toEqual([60, 60, 60, 60, 60]);
	}
	const [inside, insideRecords] = await family(project, "inside");
	expect(inside?.urn).toContain("::acme:Domains$pulumi-nodejs:dynamic/channels:SesSetup::");
	expect(insideRecords?.parent).toBe(inside?.urn);
	const guarded = await family(project, "guarded");
	expect(guarded.map(({ protect }) => protect)).toEqual([true, true, true]);
	const [, afterRecords] = await family(project, "after");
	expect(ttls(afterRecords)).toEqual([60, 60, 60, 60, 60]);
	const posts = stage.sandbox.log.all({ service: "channels" });
	const asked = posts.findIndex(({ input }) => JSON.stringify(input).includes(`${guarded[0]?.id}/verify`));
	const registered = posts.findIndex(({ input }) => JSON.stringify(input).includes("after.options.test"));
	expect(asked).toBeGreaterThan(-1);
	expect(registered).toBeGreaterThan(asked);

	await project.replaceProgram(
		program(
			...shared,
			// Without the option the names would be a replacement, and the rest updates of both children.
			setup("ignoring", timed(60, "1s"), ignoring, "changed"),
			setup("frozen", timed(60, "1s"), 'ignoreChanges: ["*"]', "changed"),
			setup("heeding", timed(60, "1s")),
			setup(
				"renamed",
				waiting,
				'parent: others, aliases: [{ name: "before", parent: pulumi.rootStackResource }]',
				"before",
			),
		),
	);
	const up = await project.up();
	const gone = ["anchor", "bound", "kept", "plain"];
	expect(names(up.changes)).toEqual(
		[
			...gone.flatMap((name) => [`delete ${name}`, `delete ${name}-records`]),
			"update heeding-records",
		].sort(),
	);
	expect((await family(project, "renamed")).map(({ urn }) => urn)).toHaveLength(3);
	for (const name of ["anchor", "plain"])
		expect(standing(zone, `${name}.options.test`), name).toEqual([false, 0]);
	for (const name of ["bound", "kept"])
		expect(standing(zone, `${name}.options.test`), name).toEqual([true, 5]);
	for (const name of ["ignoring", "frozen"]) {
		const [, records] = await family(project, name);
		expect(ttls(records), name).toEqual([300, 300, 300, 300, 300]);
	}

	const refused = await project.pulumi(["destroy", "--yes"], { expectFailure: true });
	expect(refused.all).toMatch(/guarded.* cannot be deleted\s+because it is protected/);
	expect(standing(zone, "inside.options.test")).toEqual([true, 5]);
	await project.destroy({ args: ["--exclude-protected"] });
	expect(await family(project, "guarded")).toHaveLength(3);
	expect(standing(zone, "guarded.options.test")).toEqual([true, 5]);
	for (const name of ["inside", "account", "after", "ignoring", "before"])
		expect(standing(zone, `${name}.options.test`), name).toEqual([false, 0]);
});

test("a setup that is retained, whatever says so, is not replaced under a name that it keeps: the preview refuses", async () => {
	stage.sandbox.route53.createZone("options.test");
	const keep = "({ props, opts }) => ({ props, opts: { ...opts, retainOnDelete: true } })";
	const options: Record<string, string> = {
		own: "retainOnDelete: true",
		inherited:
			"parent: new pulumi.ComponentResource('acme:Domains', 'domains', {}, { retainOnDelete: true })",
		transformed: `transforms: [${keep}]`,
		rewritten: `parent: new pulumi.ComponentResource('acme:Domains', 'more', {}, { transformations: [${keep}] })`,
		former: "retainOnDelete: true",
	};
	const setups = (renamed?: string) =>
		program(
			...Object.entries(options).map(([name, each]) => {
				const declared = setup(name, "route53: true", renamed === name && name === "former" ? "" : each);
				return renamed === name ? declared.replace(`"${name}.options`, `"news.options`) : declared;
			}),
		);
	await using project = await stage.project({ program: setups() });
	await project.up();
	for (const name of Object.keys(options)) {
		await project.replaceProgram(setups(name));
		const { all } = await project.preview({ expectFailure: true });
		expect(all, name).toContain(`tenant ${name}, domain ${name}.options.test) would stay registered`);
		expect(all, name).toContain("[names-retained]");
	}
});

test("the program and the commands of the page on resource options work", { tags: ["witness"] }, async () => {
	const page = await readFile(resolve(import.meta.dirname, "../../docs/resource-options.md"), "utf8");
	const blocks = codeBlocks(page);
	const [program = "", ...more] = blocks.filter(({ language }) => language === "ts").map(({ code }) => code);
	const shell = blocks.filter(({ language }) => language === "sh").flatMap(({ code }) => code.split("\n"));
	expect({ more, shell }).toEqual({
		more: [],
		shell: ["pulumi up --target '**::mail*'", "pulumi destroy --target '**::mail' --target-dependents"],
	});
	const run = (command = "") =>
		project.pulumi([...command.replaceAll("'", "").split(" ").slice(1), "--yes", "--skip-preview"]);
	const zone = stage.sandbox.route53.createZone("acme.com");
	await using project = await stage.project({ program });

	await project.up({ args: ["--target", "**::mail"] });
	expect(standing(zone, "mail.acme.com")).toEqual([true, 0]);
	expect(await family(project, "mail")).toHaveLength(1);
	await run(shell[0]);
	expect(standing(zone, "mail.acme.com")).toEqual([true, 5]);
	expect(await family(project, "mail")).toHaveLength(3);

	const refused = await project.destroy({ args: ["--target", "**::mail"], expectFailure: true });
	expect(refused.all).toMatch(/mail-records' will be destroyed but was not specified in --target list/);
	expect(standing(zone, "mail.acme.com")).toEqual([true, 5]);
	const { all } = await run(shell[1]);
	expect(await family(project, "mail")).toEqual([]);
	expect(standing(zone, "mail.acme.com")).toEqual([false, 5]);
	expect(all).toContain("Records of mail.acme.com still stand in hosted zone acme.com");
});
