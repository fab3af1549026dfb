import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const repository = resolve(import.meta.dirname, "../..");

export interface Tarball extends AsyncDisposable {
	readonly path: string;
	/** In bytes. */
	readonly size: number;
	/** In bytes, of all its files. */
	readonly unpackedSize: number;
}

/** Packs the package as `npm publish` would, from what is compiled. */
export async function packPackage(): Promise<Tarball> {
	const folder = await mkdtemp(join(tmpdir(), "pulumi-channels-pack-"));
	const npm = process.platform === "win32" ? "npm.cmd" : "npm";
	const args = ["pack", "--json", "--ignore-scripts", "--pack-destination", folder];
	const { stdout } = await run(npm, args, { cwd: repository, shell: npm.endsWith(".cmd") });
	const [packed] = JSON.parse(stdout) as { filename: string; size: number; unpackedSize: number }[];
	if (!packed) throw new Error(`npm pack made nothing: ${stdout}`);
	return {
		path: join(folder, packed.filename),
		size: packed.size,
		unpackedSize: packed.unpackedSize,
		[Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
	};
}

/**
 * Installs the tarball in a project with what it declares and nothing else, without a network: packages come
 * from the repository. `@pulumi/pulumi` is a copy, so that it too finds only what the project has.
 *
 * @param more packages that the project has of its own, such as `typescript`
 */
export async function installPackage(tarball: string, project: string, more: string[] = []): Promise<void> {
	const modules = join(project, "node_modules");
	const target = join(modules, "pulumi-channels");
	await mkdir(target, { recursive: true });
	await run("tar", ["-xzf", tarball, "-C", target, "--strip-components=1"]);

	const pulumi = join(repository, "node_modules/@pulumi/pulumi");
	await cp(pulumi, join(modules, "@pulumi/pulumi"), { recursive: true });

	const needed = new Set([...(await dependenciesOf(target)), ...(await dependenciesOf(pulumi)), ...more]);
	for (const name of needed) {
		await mkdir(dirname(join(modules, name)), { recursive: true });
		await symlink(join(repository, "node_modules", name), join(modules, name));
	}
}

async function dependenciesOf(folder: string): Promise<string[]> {
	const { dependencies = {} } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as {
		dependencies?: Record<string, string>;
	};
	return Object.keys(dependencies);
}
