import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";

const repository = resolve(import.meta.dirname, "../..");
const run = promisify(execFile);

/** A clone as far as a release reads and writes it, without the changesets that wait in this one. */
let clone: string;
beforeEach(async () => {
	clone = await mkdtemp(join(tmpdir(), "pulumi-channels-release-"));
	for (const path of [
		".changeset/README.md",
		".changeset/config.json",
		".npmrc",
		"CHANGELOG.md",
		"package.json",
		"package-lock.json",
		"sdk/version.ts",
		"service/package.json",
		"sandbox/package.json",
	]) {
		await cp(join(repository, path), join(clone, path), { recursive: true });
	}
	await run("git", ["init", "--quiet", clone]);
});
afterEach(() => rm(clone, { recursive: true, force: true }));

const script = (name: string, env: NodeJS.ProcessEnv = {}) =>
	run(process.execPath, [join(repository, `scripts/release/${name}.mts`)], {
		cwd: clone,
		env: { ...process.env, ...env },
	});

const read = (path: string) => readFile(join(clone, path), "utf8");

async function addChangeset(type: string, text: string): Promise<void> {
	await writeFile(join(clone, `.changeset/${type}.md`), `---\n"pulumi-channels": ${type}\n---\n\n${text}\n`);
}

test("a release makes of its changesets the next version, wherever it is said, and the changelog", async () => {
	const { version: before } = JSON.parse(await read("package.json"));
	const [major, minor] = before.split(".").map(Number);
	const next = `${major}.${minor + 1}.0`;
	await addChangeset("minor", "Say more.");
	await addChangeset("patch", "Say it right.");
	expect((await script("look")).stdout).toBe("todo=version\n");

	await script("version");

	expect(JSON.parse(await read("package.json")).version).toBe(next);
	expect(JSON.parse(await read("package-lock.json")).packages[""].version).toBe(next);
	expect(await read("sdk/version.ts")).toContain(`VERSION = "${next}"`);
	const { stdout: notes } = await script("notes");
	expect(notes).toContain("Say more.");
	expect(notes).toContain("Say it right.");
	expect(await read("CHANGELOG.md")).toContain(`## ${before}\n`);
	await expect(script("version")).rejects.toThrow("There is no changeset");
});

test.each([
	["publishes a version that npm does not know", 404, "todo=publish\n"],
	["has nothing to do for one that npm knows", 200, "todo=nothing\n"],
])("a release %s", async (_what, status, todo) => {
	const { name, version } = JSON.parse(await read("package.json"));
	await using registry = await startRegistry(status, { name, versions: { [version]: { name, version } } });
	expect((await script("look", registry.env)).stdout).toBe(todo);
});

test("a release does nothing where npm cannot be asked", async () => {
	await using registry = await startRegistry(503, {});
	await expect(script("look", registry.env)).rejects.toThrow("npm view");
});

/** A registry that has one answer. */
async function startRegistry(status: number, packument: object) {
	const server = createServer((_request, response) => {
		response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(packument));
	});
	await new Promise<void>((settle) => server.listen(0, "127.0.0.1", settle));
	const { port } = server.address() as AddressInfo;
	return {
		env: { npm_config_registry: `http://127.0.0.1:${port}/`, npm_config_fetch_retries: "0" },
		[Symbol.asyncDispose]: () => new Promise<void>((settle) => server.close(() => settle())),
	};
}
