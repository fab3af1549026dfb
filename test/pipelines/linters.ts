import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { installInto } from "../../sandbox/engine/cache.js";
import { defaultCacheDir } from "../../sandbox/engine/paths.js";
import { pythonWith } from "../peers/python.js";

const run = promisify(execFile);

/** What a linter has to say; empty where all is well. */
export type Findings = string;

/** actionlint of its Go module, in the version that `actionlint/go.mod` pins. Its PyPI package downloads a binary. */
export async function actionlint(folder: string, workflows: readonly string[]): Promise<Findings> {
	return await findings(await buildActionlint(), ["-no-color", ...workflows], folder);
}

/** check-jsonschema with a schema it carries, by name, or one of ours, by path. */
export async function checkJsonSchema(
	schema: readonly string[],
	files: readonly string[],
): Promise<Findings> {
	const python = await pythonWith(["check-jsonschema==0.39.0"]);
	return await findings(python, ["-m", "check_jsonschema", "--no-cache", ...schema, ...files]);
}

async function findings(command: string, args: readonly string[], cwd?: string): Promise<Findings> {
	try {
		await run(command, args, { cwd });
		return "";
	} catch (error) {
		const { code, stdout, stderr } = error as { code?: unknown; stdout?: string; stderr?: string };
		// Both end with 1 where they found something, and with more where they could not look.
		const said = `${stdout}${stderr}`.trim();
		if (code !== 1 || said === "") throw error;
		return said;
	}
}

async function buildActionlint(): Promise<string> {
	const module = join(import.meta.dirname, "actionlint");
	const sums = await readFile(join(module, "go.sum"));
	const name = `actionlint-${createHash("sha256").update(sums).digest("hex").slice(0, 12)}`;
	const cacheDir = defaultCacheDir(process.env, process.platform);
	const program = (folder: string) => join(folder, "actionlint");
	if (existsSync(program(join(cacheDir, name)))) return program(join(cacheDir, name));
	const folder = await installInto(cacheDir, name, async (partial) => {
		const command = "github.com/rhysd/actionlint/cmd/actionlint";
		await run("go", ["build", "-mod=readonly", "-o", program(partial), command], { cwd: module });
	});
	return program(folder);
}
