import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { installInto } from "../../sandbox/engine/cache.js";
import { defaultCacheDir } from "../../sandbox/engine/paths.js";

/**
 * A Python environment of its own in the user's cache folder, made when it is first asked for.
 * @param requirements `name==version` each
 * @returns the path of its interpreter: run a package's program with `-m`
 */
export async function pythonWith(requirements: readonly string[]): Promise<string> {
	const run = promisify(execFile);
	const digest = createHash("sha256").update(requirements.join("\n")).digest("hex").slice(0, 12);
	const cacheDir = defaultCacheDir(process.env, process.platform);
	const name = `python-${digest}`;
	const interpreter = (folder: string) => join(folder, "bin/python3");
	if (existsSync(interpreter(join(cacheDir, name)))) return interpreter(join(cacheDir, name));
	const folder = await installInto(cacheDir, name, async (partial) => {
		await run("python3", ["-m", "venv", partial]);
		const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", ...requirements];
		await run(interpreter(partial), pip, { maxBuffer: 2 ** 24 });
	});
	return interpreter(folder);
}
