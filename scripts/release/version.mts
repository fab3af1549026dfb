// `npm run release:version`: makes the next version of the changesets that have been merged, in every file that says
// it. The command of changesets does so for the workspaces alone, and not for the package at the root: its parts do.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import applyReleasePlan from "@changesets/apply-release-plan";
import { assembleReleasePlan } from "@changesets/assemble-release-plan";
import { readConfig } from "@changesets/config";
import { readChangesets } from "@changesets/read";
import { run } from "../run-process.mjs";

/** The version of a repository's root package. */
async function readManifest(root: string): Promise<{ name: string; version: string }> {
	return JSON.parse(await readFile(join(root, "package.json"), "utf8"));
}

async function main(root: string): Promise<number> {
	const rootPackage = { dir: root, relativeDir: ".", packageJson: await readManifest(root) };
	const packages = { rootDir: root, rootPackage, packages: [rootPackage], tool: { type: "root" } };
	const { config, errors } = await readConfig(root, packages);
	if (config === undefined) throw new Error(errors.join("\n"));
	const changesets = await readChangesets(root);
	if (changesets.length === 0)
		throw new Error("There is no changeset: .changeset/README.md says how to write one.");
	const plan = assembleReleasePlan(changesets, packages, config, undefined);
	await applyReleasePlan(plan, packages, config, undefined, import.meta.dirname);

	const { version } = await readManifest(root);
	const source = join(root, "sdk/version.ts");
	const text = await readFile(source, "utf8");
	await writeFile(source, text.replace(/VERSION = ".*"/, `VERSION = "${version}"`));
	console.log(`${rootPackage.packageJson.name} ${version}`);
	return await run("npm", ["install", "--package-lock-only", "--ignore-scripts"], {
		cwd: root,
		shell: process.platform === "win32",
	});
}

process.exitCode = await main(process.cwd());
