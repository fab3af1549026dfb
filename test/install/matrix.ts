import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packPackage, type Tarball } from "../support/package.js";
import { type Stage, useStage } from "../support/stage.js";
import { type Installer, runIn, writeFiles } from "./installers.js";
import { kinds as allKinds, type Kind, manifestOf, pulumiTemplate, pulumiVersions } from "./programs.js";

interface Matrix {
	/** Of @pulumi/pulumi. Default: the newest. */
	pulumi?: string;
	/** What is in the monorepo. Default: all there are. */
	kinds?: readonly Kind[];
	/** The environment of the Pulumi CLI, by the folder that was installed. */
	env?(folder: string): Promise<NodeJS.ProcessEnv>;
}

/** An installer's projects of every kind, as members of a monorepo, and one that stands alone. */
export function describeInstaller(
	installer: Installer,
	{ pulumi = pulumiVersions.newest, kinds = allKinds, env = async () => ({}) }: Matrix = {},
): void {
	const stage = useStage();
	let tarball: Tarball;
	let folder: string;
	beforeAll(async () => {
		tarball = await packPackage();
		folder = await mkdtemp(join(tmpdir(), "pulumi-channels-install-"));
	});
	afterAll(async () => {
		await rm(folder, { recursive: true, force: true });
		await tarball?.[Symbol.asyncDispose]();
	});

	test(`a new project: ${pulumiTemplate.title}`, async () => {
		const project = join(folder, "alone");
		await writeFiles(project, {
			"package.json": manifestOf(pulumiTemplate, tarball.path, pulumi),
			...pulumiTemplate.files,
			...installer.files,
		});
		await runIn(project, installer.command);
		await verifyDomain(stage, project, pulumiTemplate, { installer, env: await env(project) });
	});

	describe("a member of a monorepo", () => {
		const root = () => join(folder, "monorepo");
		const member = ({ name }: Kind) => join(root(), "members", name);

		beforeAll(async () => {
			const { manifest, files } = installer.monorepo;
			await writeFiles(root(), {
				"package.json": JSON.stringify({ name: "acme", private: true, ...manifest }),
				...files,
			});
			for (const kind of kinds) {
				const manifest = manifestOf(kind, tarball.path, pulumi);
				await writeFiles(member(kind), { "package.json": manifest, ...kind.files });
			}
			await runIn(root(), installer.command);
		});

		test.each(kinds)("$title", async (kind) => {
			await verifyDomain(stage, member(kind), kind, { installer, env: await env(root()) });
		});
	});
}

/** Runs a project's own scripts, `up`, which verifies a domain, and `destroy`, which leaves nothing of it. */
async function verifyDomain(
	stage: Stage,
	directory: string,
	{ name, runtimeOptions = {}, scripts = [] }: Kind,
	{ installer, env }: { installer: Installer; env: NodeJS.ProcessEnv },
): Promise<void> {
	const [manager = ""] = installer.command;
	for (const script of scripts) await runIn(directory, [manager, "run", script]);
	const { route53 } = stage.sandbox;
	const zone = route53.createZone(`${name}.test`);
	const before = route53.snapshot(zone.id);
	await using project = await stage.project({ name, directory, runtimeOptions, env });
	await project.up();
	expect(await project.outputs()).toEqual({ sender: `mail.${name}.test` });
	await project.destroy();
	expect(await project.resources()).toEqual([]);
	expect(route53.snapshot(zone.id)).toBe(before);
	route53.deleteZone(zone.id);
}
