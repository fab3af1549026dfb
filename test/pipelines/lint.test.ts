import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseAllDocuments } from "yaml";
import { actionlint, checkJsonSchema } from "./linters.js";

const repository = resolve(import.meta.dirname, "../..");
const ours = (pattern: string) => globSync(join(repository, pattern)).sort();

let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "pulumi-channels-lint-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A copy of the example as the repository that it stands for: actionlint looks for actions from its root. */
async function exampleRepository(name: string): Promise<string> {
	const copy = join(folder, name);
	await cp(join(repository, "examples/gitops"), copy, { recursive: true });
	await promisify(execFile)("git", ["init", "--quiet", copy]);
	return copy;
}

describe("actionlint", () => {
	test("finds nothing in the workflows of the example", async () => {
		const example = await exampleRepository("example");
		expect(await actionlint(example, globSync(join(example, ".github/workflows/*.yml")))).toBe("");
	});

	test("finds nothing in the repository's own workflows", async () => {
		const workflows = ours(".github/workflows/*.yml");
		expect(workflows).not.toEqual([]);
		expect(await actionlint(repository, workflows)).toBe("");
	});

	test("would find a slip in what a workflow hands to the example's action", async () => {
		const example = await exampleRepository("slip");
		const preview = join(example, ".github/workflows/preview.yml");
		await writeFile(preview, (await readFile(preview, "utf8")).replace("role:", "rolle:"));
		expect(await actionlint(example, [preview])).toContain('missing input "role"');
	});
});

describe("check-jsonschema", () => {
	test.each([
		["vendor.github-workflows", "{.github,examples/gitops/.github}/workflows/*.yml"],
		["vendor.github-actions", "examples/gitops/.github/actions/*/action.yml"],
		["vendor.gitlab-ci", "examples/gitops/.gitlab-ci.yml"],
		["vendor.github-issue-forms", ".github/ISSUE_TEMPLATE/[!c]*.yml"],
		["vendor.github-issue-config", ".github/ISSUE_TEMPLATE/config.yml"],
		["vendor.renovate", "renovate.json"],
	])("finds nothing by %s in %s", async (schema, pattern) => {
		const files = ours(pattern);
		expect(files).not.toEqual([]);
		const transform = schema === "vendor.gitlab-ci" ? ["--data-transform", "gitlab-ci"] : [];
		expect(await checkJsonSchema(["--builtin-schema", schema, ...transform], files)).toBe("");
	});

	const schema = ["--schemafile", join(import.meta.dirname, "operator-stack.schema.json")];

	/** The example's Stack as a file of its own, with its fields changed. */
	async function stack(name: string, change: object): Promise<string> {
		const text = await readFile(join(repository, "examples/gitops/operator/stack.yaml"), "utf8");
		const [found] = parseAllDocuments(text)
			.map((document) => document.toJSON())
			.filter(({ kind }) => kind === "Stack");
		const file = join(folder, name);
		await writeFile(file, JSON.stringify({ ...found, spec: { ...found.spec, ...change } }));
		return file;
	}

	test("finds nothing in the operator's Stack, by the fields of its definition 2.9.0", async () => {
		expect(await checkJsonSchema(schema, [await stack("stack.json", {})])).toBe("");
	});

	test("would find a slip in the operator's Stack", async () => {
		const findings = await checkJsonSchema(schema, [await stack("slip.json", { resyncFrequency: 60 })]);
		expect(findings).toContain("'resyncFrequency' was unexpected");
	});
});
