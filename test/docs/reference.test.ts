import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { repository } from "../support/documents.js";

test("docs/reference/ is what the docstrings say, each argument and output has one (`npm run arguments`)", {
	timeout: 600_000,
	tags: ["all"],
}, async () => {
	const folder = await mkdtemp(join(tmpdir(), "pulumi-channels-reference-"));
	try {
		// Its warnings are errors: typedoc.json says so.
		const typedoc = join(repository, "node_modules/typedoc/bin/typedoc");
		await promisify(execFile)(process.execPath, [typedoc, "--out", folder], { cwd: repository });
		expect(await filesIn(folder)).toEqual(await filesIn(join(repository, "docs/reference")));
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
});

async function filesIn(folder: string): Promise<Record<string, string>> {
	const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith(".md")).sort();
	return Object.fromEntries(
		await Promise.all(files.map(async (file) => [file, await readFile(join(folder, file), "utf8")] as const)),
	);
}
