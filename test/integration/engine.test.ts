// @module-tag all
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createProject, type Project } from "../support/project.js";
import { waitForExit } from "../support/running-command.js";

// A dynamic resource written as the product's own: a constant provider text, nothing serialised.
const provider = `
	exports.handler = () => {
		const fs = require("node:fs");
		const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
		return {
			create: async (inputs) => {
				if (inputs.waitFor) {
					console.log("waiting for the file");
					while (!fs.existsSync(inputs.waitFor)) await sleep(20);
				}
				if (inputs.fail) throw new Error(inputs.fail);
				return { id: "id-" + inputs.name, outs: inputs };
			},
			diff: async (id, olds, news) => ({
				changes: olds.value !== news.value || olds.replace !== news.replace,
				replaces: olds.replace !== news.replace ? ["replace"] : [],
				deleteBeforeReplace: true,
			}),
			update: async (id, olds, news) => ({ outs: news }),
			read: async (id, props) => ({ id, props }),
			delete: async () => {},
		};
	};
`;

const toy = `
	import * as pulumi from "@pulumi/pulumi";
	export const config = new pulumi.Config();
	export class Toy extends pulumi.CustomResource {
		declare readonly value: pulumi.Output<string>;
		constructor(name: string, args: Record<string, unknown>, options?: pulumi.CustomResourceOptions) {
			const inputs = { value: undefined, name, ...args, __provider: ${JSON.stringify(provider)} };
			super("pulumi-nodejs:dynamic/toy:Toy", name, inputs, options);
		}
	}
`;

const program = `${toy}
	const first = new Toy("first", { value: config.get("greeting") ?? "none" });
	export const value = first.value;
	export const secret = config.getSecret("password");
	export const stack = pulumi.getStack();
	export const directory = process.cwd();
`;

describe("a program with a dynamic resource", () => {
	let project: Project;
	beforeAll(async () => {
		project = await createProject({
			program,
			config: { greeting: "hello" },
			secretConfig: { password: "correct horse" },
		});
	});
	afterAll(() => project.dispose());

	test("is previewed without changing anything", async () => {
		const preview = await project.preview();
		expect(preview.changes.map(({ op, name }) => [op, name])).toContainEqual(["create", "first"]);
		expect(await project.resources()).toEqual([]);
	});

	test("creates its resources and gives its outputs", async () => {
		const up = await project.up();
		expect(up.changes.map(({ op, name }) => [op, name])).toContainEqual(["create", "first"]);
		expect(up.all).not.toMatch(/warning/i);
		expect(await project.outputs({ showSecrets: true })).toMatchObject({
			value: "hello",
			secret: "correct horse",
			stack: "dev",
			directory: project.directory,
		});
	});

	test("keeps a secret out of the state and of the output", async () => {
		expect(await project.stateText()).not.toContain("correct horse");
		expect(await project.outputs()).toMatchObject({ secret: "[secret]" });
	});

	test("has nothing to do a second time", async () => {
		const up = await project.up();
		expect(up.changes).toEqual([]);
		expect(up.steps.length).toBeGreaterThan(0);
	});

	test("has nothing to change after a refresh", async () => {
		expect((await project.refresh()).changes).toEqual([]);
	});

	test("updates what its configuration changes", async () => {
		await project.pulumi(["config", "set", "greeting", "goodbye"]);
		const up = await project.up();
		expect(up.changes.map(({ op, name }) => [op, name])).toEqual([["update", "first"]]);
		expect(await project.outputs()).toMatchObject({ value: "goodbye" });
	});

	test("takes back a state that was exported", async () => {
		const exported = await project.stateExport();
		await project.stateImport({ ...exported, deployment: {} });
		expect(await project.resources()).toEqual([]);
		await project.stateImport(exported);
		expect((await project.up()).changes).toEqual([]);
	});

	test("replaces a resource, deleting it first", async () => {
		await project.replaceProgram(program.replace("{ value:", "{ replace: 1, value:"));
		const ops = (await project.up()).changes.map(({ op }) => op);
		expect(ops).toEqual(["delete-replaced", "replace", "create-replacement"]);
	});

	test("destroys what it made", async () => {
		const destroy = await project.destroy();
		expect(destroy.changes.map(({ op, name }) => [op, name])).toContainEqual(["delete", "first"]);
		expect(await project.resources()).toEqual([]);
	});
});

test("the exit code of a failing program is the CLI's failure, with what it said", {
	tags: ["witness"],
}, async () => {
	await using project = await createProject({
		program: `console.log("on stdout"); console.error("on stderr"); throw new Error("broken on purpose");`,
	});
	const thrown = await project.up({ expectFailure: true });
	for (const said of ["on stdout", "on stderr", "broken on purpose"]) expect(thrown.all).toContain(said);

	await project.replaceProgram("process.exit(7);");
	const exited = await project.up({ expectFailure: true });
	expect(exited.all).toContain("Program exited with non-zero exit code: 7");
});

test("a failing resource fails the run and leaves the others in the state", async () => {
	await using project = await createProject({
		program: `${toy}
			const good = new Toy("good", {});
			new Toy("bad", { fail: "no such luck" }, { dependsOn: good });`,
	});
	const up = await project.up({ expectFailure: true });
	expect(up.all).toContain("no such luck");
	const names = (await project.resources()).map(({ urn }) => urn.split("::").at(-1));
	expect(names).toContain("good");
	expect(names).not.toContain("bad");
});

test("`main` names a folder below the project, nodeargs reach Node.js", async () => {
	await using project = await createProject({
		project: { main: "program/" },
		runtimeOptions: { typescript: false, nodeargs: '--title="a title" --import ./register.mjs' },
		files: {
			"program/package.json": JSON.stringify({ type: "module", main: "start.ts" }),
			"program/register.mjs": "globalThis.registered = 'yes';",
			"program/start.ts": `
				import * as pulumi from "@pulumi/pulumi";
				export const directory: string = process.cwd();
				export const root = pulumi.getProject() + " " + pulumi.runtime.getRootDirectory?.();
				export const title = process.title;
				export const registered = globalThis.registered;`,
		},
	});
	await project.up();
	expect(await project.outputs()).toMatchObject({
		directory: join(project.directory, "program"),
		title: "a title",
		registered: "yes",
	});
});

test("a program in TypeScript runs with ts-node and its type check, as by default", async () => {
	await using project = await createProject({
		runtimeOptions: {},
		files: {
			"package.json": JSON.stringify({ main: "index.ts" }),
			"tsconfig.json": JSON.stringify({
				compilerOptions: { strict: true, target: "es2022", module: "nodenext", skipLibCheck: true },
				files: ["index.ts"],
			}),
		},
		program: "enum Colour { Red = 'red' } export const colour: string = Colour.Red;",
	});
	await project.up();
	expect(await project.outputs()).toEqual({ colour: "red" });
	await project.replaceProgram("export const colour: number = 'red';");
	expect((await project.up({ expectFailure: true })).all).toContain("is not assignable to type 'number'");
});

test("`pulumi install` installs the program's packages, `pulumi about` lists them", async () => {
	await using project = await createProject({
		files: {
			"app/package.json": JSON.stringify({ main: "index.js", dependencies: { local: "file:../local" } }),
			"app/index.js": "exports.answer = require('local').answer;",
			"local/package.json": JSON.stringify({ name: "local", version: "1.2.3" }),
			"local/index.js": "exports.answer = 42;",
		},
		project: { main: "app" },
	});
	await project.pulumi(["install"]);
	expect(await readFile(join(project.directory, "app/node_modules/local/index.js"), "utf8")).toContain("42");
	expect((await project.pulumi(["about"])).stdout).toMatch(/local\s+1\.2\.3/);
	await project.up();
	expect(await project.outputs()).toEqual({ answer: 42 });
});

describe("a run that is disturbed", () => {
	const waiting = (file: string) => `${toy}
		const good = new Toy("good", {});
		new Toy("slow", { waitFor: ${JSON.stringify(file)} }, { dependsOn: good });`;

	test("one ^C lets the running create finish and records it", async () => {
		await using project = await createProject();
		const file = join(project.directory, "go-on");
		await project.replaceProgram(waiting(file));
		const running = await project.start(["up", "--yes", "--skip-preview"]);
		await running.waitForOutput(/waiting for the file/);
		await running.kill("SIGINT");
		await running.waitForOutput(/\^C received; cancelling/);
		await mkdir(file);
		expect((await running.result).code).not.toBe(0);
		const names = (await project.resources()).map(({ urn }) => urn.split("::").at(-1));
		expect(names).toEqual(expect.arrayContaining(["good", "slow"]));
	});

	test("after a SIGKILL of the CLI the language host and the program leave, and `cancel` and `up` go on", async () => {
		await using project = await createProject();
		const file = join(project.directory, "go-on");
		await project.replaceProgram(waiting(file));
		const running = await project.start(["up", "--yes", "--skip-preview"]);
		await running.waitForOutput(/waiting for the file/);
		const tree = await running.processTree();
		const ours = tree.filter(({ command }) => /language-host|cmd\/run/.test(command));
		expect(ours.length).toBe(2);
		await running.kill("SIGKILL");
		await waitForExit(ours);

		const locked = await project.up({ expectFailure: true });
		expect(locked.all).toContain("the stack is currently locked");
		await project.cancel();
		await mkdir(file);
		const up = await project.up();
		expect(up.changes.map(({ op, name }) => [op, name])).toEqual([["create", "slow"]]);
	});
});
