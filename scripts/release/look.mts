// Says what a release would do now: `todo=version` while changesets wait to become a version, `todo=publish` when the
// version is not on npm yet, else `todo=nothing`. Runs before anything is installed.
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { promisify } from "node:util";

async function isPublished(name: string, version: string): Promise<boolean> {
	try {
		await promisify(execFile)("npm", ["view", `${name}@${version}`, "version", "--json"]);
		return true;
	} catch (error) {
		// Anything else, such as a registry that cannot be reached, says nothing about the version.
		if (/\bE404\b/.test(String((error as { stderr?: string }).stderr))) return false;
		throw error;
	}
}

async function look(): Promise<"version" | "publish" | "nothing"> {
	const files = await readdir(".changeset");
	if (files.some((file) => file.endsWith(".md") && file !== "README.md")) return "version";
	const { name, version } = JSON.parse(await readFile("package.json", "utf8"));
	return (await isPublished(name, version)) ? "nothing" : "publish";
}

console.log(`todo=${await look()}`);
