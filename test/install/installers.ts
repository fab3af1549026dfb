import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { installInto } from "../../sandbox/engine/cache.js";
import { defaultCacheDir } from "../../sandbox/engine/paths.js";
import { codeBlocks } from "../support/markdown.js";

const run = promisify(execFile);

/** Beside npm, which comes with Node.js. All three bring their program in their npm package. */
const versions = { pnpm: "12.21.0", "@yarnpkg/cli-dist": "4.18.1", bun: "1.4.5" };

/** A way to install packages. */
export interface Installer {
	/** Installs what the package.json of a folder asks for. */
	readonly command: readonly string[];
	/** What beside package.json stands in that folder. */
	readonly files: Record<string, string>;
	/** The same for a monorepo with members in `members`. */
	readonly monorepo: { readonly manifest?: object; readonly files: Record<string, string> };
}

/** The settings that docs/install.md tells to write, in its order. */
const [pnpmBlock, yarnBlock, plugAndPlayBlock] = codeBlocks(
	await readFile(resolve(import.meta.dirname, "../../docs/install.md"), "utf8"),
).filter(({ language }) => language === "yaml");
const documented = {
	pnpm: pnpmBlock?.code ?? "",
	yarn: yarnBlock?.code ?? "",
	plugAndPlay: plugAndPlayBlock?.code ?? "",
};

const workspaces = { workspaces: ["members/*"] };

export const npm: Installer = {
	command: ["npm", "install", "--no-audit", "--no-fund"],
	files: {},
	monorepo: { manifest: workspaces, files: {} },
};

const pnpmFiles = (more = "") => ({
	// Strict: otherwise packages may also load what they have not declared. esbuild is there for tsx and the bundle.
	"pnpm-workspace.yaml": `${documented.pnpm}\n  esbuild: false\nhoist: false\n${more}`,
});

export const pnpm: Installer = {
	// In CI, pnpm and Yarn want a lock file that is there already.
	command: ["pnpm", "install", "--no-frozen-lockfile"],
	files: pnpmFiles(),
	monorepo: { files: pnpmFiles("packages:\n  - members/*\n") },
};

function yarnWith(settings: string): Installer {
	// The lock file marks the folder as a project of its own.
	const files = { ".yarnrc.yml": settings, "yarn.lock": "" };
	const command = ["yarn", "install", "--no-immutable"];
	return { command, files, monorepo: { manifest: workspaces, files } };
}

export const yarn = yarnWith(documented.yarn);

export const yarnPlugAndPlay = yarnWith(documented.plugAndPlay);

export const bun: Installer = {
	command: ["bun", "install"],
	files: {},
	monorepo: { manifest: workspaces, files: {} },
};

/** Runs a command of a package manager in a folder. @throws {Error} with all its output when it fails. */
export async function runIn(folder: string, [program = "", ...args]: readonly string[]): Promise<string> {
	const path = [await managersBin(), dirname(process.execPath), process.env.PATH].join(delimiter);
	const options = { cwd: folder, env: { ...process.env, PATH: path }, maxBuffer: 2 ** 26 };
	try {
		const { stdout } = await run(program, args, options);
		return stdout;
	} catch (error) {
		const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
		throw new Error(`${[program, ...args].join(" ")} failed:\n${stdout}${stderr}`, { cause: error });
	}
}

/** The folder of the package managers' programs, in the user's cache folder: filled when it is first asked for. */
async function managersBin(): Promise<string> {
	const packages = Object.entries(versions).map(([name, version]) => `${name}@${version}`);
	const digest = createHash("sha256").update(packages.join("\n")).digest("hex").slice(0, 12);
	const cacheDir = defaultCacheDir(process.env, process.platform);
	const name = `package-managers-${digest}`;
	const bin = (folder: string) => join(folder, "node_modules/.bin");
	if (existsSync(bin(join(cacheDir, name)))) return bin(join(cacheDir, name));
	const folder = await installInto(cacheDir, name, async (partial) => {
		const manifest = { private: true, allowScripts: { pnpm: true, bun: true } };
		await writeFile(join(partial, "package.json"), JSON.stringify(manifest));
		await run("npm", ["install", "--no-audit", "--no-fund", "--save-exact", ...packages], { cwd: partial });
	});
	return bin(folder);
}

/** Writes files, by their path below a folder. */
export async function writeFiles(folder: string, files: Record<string, string>): Promise<void> {
	for (const [path, content] of Object.entries(files)) {
		await mkdir(dirname(join(folder, path)), { recursive: true });
		await writeFile(join(folder, path), content);
	}
}
