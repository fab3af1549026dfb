import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const repository = resolve(import.meta.dirname, "../..");

interface Locked {
	license?: string;
	link?: boolean;
	dependencies?: Record<string, string>;
	optionalDependencies?: Record<string, string>;
}

const lock = JSON.parse(await readFile(join(repository, "package-lock.json"), "utf8")) as {
	packages: Record<string, Locked>;
};

/** They ask for no more than to be named, and so go with ours, Apache-2.0. None asks for the source of what uses it. */
const compatible = ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BlueOak-1.0.0", "ISC", "MIT"];

/** Where Node.js finds a package that one in this folder asks for: the nearest node_modules above. */
function locate(folder: string, name: string): string {
	for (let at = folder; ; at = at.replace(/(^|\/)(node_modules\/)?[^/]*$/, "")) {
		const path = `${at === "" ? "" : `${at}/`}node_modules/${name}`;
		if (lock.packages[path]) return path;
		if (at === "") throw new Error(`package-lock.json has no ${name}, which ${folder} needs`);
	}
}

/** The names of all that a package of the repository needs where it is installed, by licence. */
function licencesOf(folder: string): Map<string, string[]> {
	const needed = new Set<string>();
	const add = (from: string) => {
		const { dependencies, optionalDependencies } = lock.packages[from] ?? {};
		for (const name of Object.keys({ ...dependencies, ...optionalDependencies })) {
			const path = locate(from, name);
			if (needed.has(path) || lock.packages[path]?.link) continue;
			needed.add(path);
			add(path);
		}
	};
	add(folder);
	const licences = Map.groupBy(needed, (path) => lock.packages[path]?.license ?? "unknown");
	return new Map(
		[...licences].sort().map(([licence, paths]) => {
			const names = paths.map((path) => path.replace(/^.*node_modules\//, ""));
			return [licence, [...new Set(names)].sort()];
		}),
	);
}

const parts = { "pulumi-channels": licencesOf(""), service: licencesOf("service") };

test.each(Object.entries(parts))(
	"what %s brings along has licences that go with its own",
	(_part, licences) => {
		expect([...licences.keys()]).toContain("MIT");
		const others = [...licences].filter(([licence]) => !compatible.includes(licence));
		expect(Object.fromEntries(others)).toEqual({});
	},
);

test("docs/licences.md lists them", async () => {
	const tables = Object.entries(parts).map(([part, licences]) => {
		const rows = [...licences].map(
			([licence, names]) => `| ${licence} | ${names.map((name) => `\`${name}\``).join(", ")} |`,
		);
		return `## \`${part}\`\n\n| licence | packages |\n|---|---|\n${rows.join("\n")}\n`;
	});
	await expect(`# Licences of the dependencies\n\n${tables.join("\n")}`).toMatchFileSnapshot(
		join(repository, "docs/licences.md"),
	);
});
