import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect } from "vitest";
import type { Project, ProjectOptions } from "./project.js";

const repository = resolve(import.meta.dirname, "../..");

/** The files of a folder of the repository as those of a project. */
export async function filesIn(folder: string, prefix = ""): Promise<Record<string, string>> {
	const names = await readdir(join(repository, folder));
	const entries = names.map(
		async (name) => [prefix + name, await readFile(join(repository, folder, name), "utf8")] as const,
	);
	return Object.fromEntries(await Promise.all(entries));
}

/** The quick start, as it stands in the repository. It publishes below the zone `quickstart.test`. */
export async function quickStart(): Promise<ProjectOptions & { config: Record<string, string> }> {
	return {
		name: "quickstart",
		files: {
			"Pulumi.yaml": await readFile(join(repository, "Pulumi.yaml"), "utf8"),
			// As in the repository, "main" is a library and not the program.
			"package.json": JSON.stringify({ main: "library.js" }),
			"library.js": 'throw new Error("this is not the program")',
			...(await filesIn("examples/quickstart", "examples/quickstart/")),
		},
		config: { "quickstart:tenant": "quickstart", "quickstart:domain": "mail.quickstart.test" },
	};
}

/** Verifies the domain of the quick start, sees that there is nothing more to do, and takes all away. */
export async function playQuickStart(project: Project): Promise<void> {
	await project.up();
	const { sender, records } = await project.outputs();
	expect(sender).toBe("mail.quickstart.test");
	expect(records).toHaveLength(5);
	expect(records).toSatisfy((all: { verified: boolean }[]) => all.every(({ verified }) => verified));
	expect((await project.up()).changes).toEqual([]);
	await project.destroy();
}
