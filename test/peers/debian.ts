import { execFile } from "node:child_process";
import { existsSync, globSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { installInto } from "../../sandbox/engine/cache.js";
import { defaultCacheDir, findOnPath } from "../../sandbox/engine/paths.js";

export interface Program {
	readonly path: string;
	/** What it needs in its environment to find its libraries. */
	readonly env: Readonly<Record<string, string>>;
}

/**
 * A program of the machine, or else of the Debian package of its name, unpacked without root in the user's cache
 * folder when it is first asked for. Nothing is installed, and none of the package's scripts runs.
 * @throws Error that says what to install
 */
export async function debianProgram(name: string): Promise<Program> {
	// Servers are where a user's PATH may not lead.
	const PATH = [process.env.PATH, "/usr/sbin", "/usr/local/sbin"].join(delimiter);
	const [path] = findOnPath(name, { PATH });
	if (path !== undefined) return { path, env: {} };

	const cacheDir = defaultCacheDir(process.env, process.platform);
	let folder = join(cacheDir, `debian-${name}`);
	if (!existsSync(folder)) {
		try {
			folder = await installInto(cacheDir, `debian-${name}`, (partial) => unpack(name, partial));
		} catch (error) {
			throw new Error(
				`${name} is not on PATH, and no Debian package of it could be had: ${(error as Error).message.trim()}\nInstall it, such as by "apt-get install ${name}" or "brew install ${name}", and run this again.`,
				{ cause: error },
			);
		}
	}
	const [unpacked] = globSync(join(folder, `usr/{sbin,bin}/${name}`));
	if (unpacked === undefined) throw new Error(`the Debian package ${name} has no program of its name`);
	const libraries = globSync(join(folder, "{usr/,}lib/*-linux-gnu*"));
	return { path: unpacked, env: { LD_LIBRARY_PATH: libraries.join(delimiter) } };
}

/** Unpacks a package, and of those it depends on what the machine lacks. */
async function unpack(name: string, folder: string): Promise<void> {
	const run = promisify(execFile);
	const [lists, cache] = [join(folder, ".lists"), join(folder, ".cache")];
	for (const each of [lists, cache]) await mkdir(each);
	// The machine's own lists may be absent or old, and only root may renew them.
	const own = [
		"-q",
		"-o",
		`Dir::State::lists=${lists}`,
		"-o",
		`Dir::Cache=${cache}`,
		"-o",
		"Debug::NoLocking=1",
	];
	const apt = (...args: string[]) => run("apt-get", [...own, ...args], { cwd: cache, maxBuffer: 2 ** 24 });
	await apt("update");
	const { stdout } = await apt("install", "--simulate", "--no-install-recommends", name);
	const packages = [...stdout.matchAll(/^Inst (\S+)/gm)].map(([, lacking]) => String(lacking));
	await apt("download", ...packages);
	for (const file of globSync(join(cache, "*.deb"))) await run("dpkg-deb", ["--extract", file, folder]);
}
