import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { startSandbox } from "../../sandbox/index.js";
import { sharedEngine } from "../support/engine.js";
import { codeBlocks } from "../support/markdown.js";
import { packPackage } from "../support/package.js";
import { createProject } from "../support/project.js";
import { notPrinted, shell } from "../support/shell.js";
import { writeFiles } from "./installers.js";
import { manifestOf, pulumiTemplate, pulumiVersions } from "./programs.js";

const page = (path: string) => readFile(resolve(import.meta.dirname, "../..", path), "utf8");
const [firstScreen = ""] = (await page("README.md")).split("\n## ");

/** The command lines of a page. */
const commands = (markdown: string) =>
	codeBlocks(markdown)
		.filter(({ language }) => language === "sh")
		.flatMap(({ code }) => code.split("\n"));

test("the README's first screen leads from the packed package to a verified domain, with AWS alone", async () => {
	await using undo = new AsyncDisposableStack();
	const tarball = undo.use(await packPackage());
	const sandbox = await startSandbox();
	undo.defer(() => sandbox.close());
	sandbox.route53.createZone("acme.com");
	const directory = await mkdtemp(join(tmpdir(), "pulumi-channels-first-screen-"));
	undo.defer(() => rm(directory, { recursive: true, force: true }));

	// "In a Pulumi project for Node.js": as `pulumi new typescript` leaves one.
	const { dependencies, ...manifest } = JSON.parse(manifestOf(pulumiTemplate, "", pulumiVersions.newest));
	await writeFiles(directory, {
		...pulumiTemplate.files,
		"package.json": JSON.stringify({
			...manifest,
			dependencies: { "@pulumi/pulumi": dependencies["@pulumi/pulumi"] },
		}),
	});
	const project = undo.use(
		await createProject({
			name: "acme",
			directory,
			runtimeOptions: {},
			env: {
				...sandbox.env(),
				// The README sets it.
				AWS_REGION: undefined,
				AWS_DEFAULT_REGION: undefined,
				// Stands for the reader who answers "yes".
				PULUMI_SKIP_CONFIRMATIONS: "true",
			},
		}),
	);
	const env = (await sharedEngine()).env(project.env());
	const run = async (command: string, more: NodeJS.ProcessEnv = {}) => {
		const own = command.replace("npm install pulumi-channels ", `npm install "${tarball.path}" `);
		const { code, output } = await shell(own, { cwd: directory, env: { ...env, ...more }, input: "" });
		expect(code, output).toBe(0);
		return output;
	};

	for (const { language, code } of codeBlocks(firstScreen)) {
		if (language === "sh") for (const command of code.split("\n")) await run(command);
		if (language === "ts") await writeFiles(directory, { "index.ts": code });
		if (language === "console") {
			const [first = "", ...shown] = code.split("\n");
			expect(notPrinted(shown, await run(first.replace(/^\$ /, "")))).toEqual([]);
		}
	}

	const installed = join(directory, "node_modules/pulumi-channels/package.json");
	expect(JSON.parse(await readFile(installed, "utf8")).name).toBe("pulumi-channels");
	expect(sandbox.ses.tenants().map(({ name }) => name)).toEqual(["acme-support"]);
	await run("npx channels doctor --all", { CHANNELS_API: "embedded", AWS_REGION: "us-east-1" });
	await run("pulumi destroy");
	expect(await project.resources()).toEqual([]);
	expect(sandbox.ses.tenants()).toEqual([]);
});

test("docs/install.md installs as the README's first screen does", async () => {
	const told = commands(await page("docs/install.md"));
	expect(told).not.toEqual([]);
	expect(commands(firstScreen)).toEqual(expect.arrayContaining(told));
});
