import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { apiOf } from "../support/channels-api.js";
import { sharedEngine } from "../support/engine.js";
import { codeBlocks } from "../support/markdown.js";
import { packPackage } from "../support/package.js";
import { createProject } from "../support/project.js";
import { notPrinted, shell } from "../support/shell.js";
import { startStage } from "../support/stage.js";
import { writeFiles } from "./installers.js";
import { manifestOf, pulumiTemplate, pulumiVersions } from "./programs.js";

const page = (path: string) => readFile(resolve(import.meta.dirname, "../..", path), "utf8");
const [firstScreen = ""] = (await page("README.md")).split("\n## ");

/** The command lines of a page. */
const commands = (markdown: string) =>
	codeBlocks(markdown)
		.filter(({ language }) => language === "sh")
		.flatMap(({ code }) => code.split("\n"));

test("the README's first screen leads from the packed package to a verified domain", async () => {
	await using undo = new AsyncDisposableStack();
	const tarball = undo.use(await packPackage());
	const stage = undo.use(await startStage());
	stage.sandbox.route53.createZone("acme.com");
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
				...stage.sandbox.env(),
				CHANNELS_BASE_URL: stage.baseUrl,
				// Stands for the reader who answers "yes".
				PULUMI_SKIP_CONFIRMATIONS: "true",
			},
		}),
	);
	const env = (await sharedEngine()).env(project.env());
	const { apiKey, workspaceId } = stage.service;
	const run = async (command: string, more: NodeJS.ProcessEnv = {}) => {
		const own = command
			.replace("npm install pulumi-channels ", `npm install "${tarball.path}" `)
			.replace("6f1a2c0e-5b1d-4c58-9a3e-0d6f0b7c9e11", workspaceId);
		// The value of the secret is what is asked for.
		const { code, output } = await shell(own, { cwd: directory, env: { ...env, ...more }, input: apiKey });
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
	const { body } = await apiOf(stage.service)("GET", "/channels/ses-setup");
	expect(body).toMatchObject({ items: [{ domain_identity: "mail.acme.com", dns_verified: true }] });
	await run("npx channels doctor --all", { CHANNELS_API_KEY: apiKey, CHANNELS_WORKSPACE_ID: workspaceId });
	await run("pulumi destroy");
	expect(await project.resources()).toEqual([]);
});

test("docs/install.md installs as the README's first screen does", async () => {
	const told = commands(await page("docs/install.md"));
	expect(told).not.toEqual([]);
	expect(commands(firstScreen)).toEqual(expect.arrayContaining(told));
});
