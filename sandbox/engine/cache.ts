import { randomBytes } from "node:crypto";
import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

const PARTIAL = ".partial-";
const ABANDONED_MS = 24 * 60 * 60 * 1000;

/**
 * Fills a folder of the cache so that nobody ever sees half of it: `fill` works in a folder beside it,
 * which takes the name at the end. Two processes may do this at once: the first to finish wins, the
 * other throws its own away and uses the winner's.
 */
export async function installInto(
	cacheDir: string,
	name: string,
	fill: (folder: string) => Promise<void>,
): Promise<string> {
	await mkdir(cacheDir, { recursive: true });
	await removeAbandoned(cacheDir);
	const target = join(cacheDir, name);
	const partial = `${target}${PARTIAL}${process.pid}-${randomBytes(4).toString("hex")}`;
	await mkdir(partial);
	try {
		await fill(partial);
		await rename(partial, target);
	} catch (error) {
		if (!isTaken(error)) throw error;
	} finally {
		await rm(partial, { recursive: true, force: true });
	}
	return target;
}

/** Writes an executable file unless it already says exactly this; never leaves half of one. */
export async function writeExecutable(file: string, content: string): Promise<void> {
	const existing = await readFile(file, "utf8").catch(() => undefined);
	if (existing === content) return;
	const partial = `${file}${PARTIAL}${process.pid}-${randomBytes(4).toString("hex")}`;
	try {
		await writeFile(partial, content);
		await chmod(partial, 0o755);
		await rename(partial, file);
	} finally {
		await rm(partial, { force: true });
	}
}

/** Leftovers of runs that were killed while they filled a folder. */
async function removeAbandoned(cacheDir: string): Promise<void> {
	for (const name of await readdir(cacheDir)) {
		if (!name.includes(PARTIAL)) continue;
		const file = join(cacheDir, name);
		const info = await stat(file).catch(() => undefined);
		if (info !== undefined && Date.now() - info.mtimeMs > ABANDONED_MS) {
			await rm(file, { recursive: true, force: true });
		}
	}
}

function isTaken(error: unknown): boolean {
	return error instanceof Error && "code" in error && (error.code === "ENOTEMPTY" || error.code === "EEXIST");
}
