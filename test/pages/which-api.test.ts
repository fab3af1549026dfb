import { expect, test } from "vitest";
import { readDocument } from "../support/documents.js";
import { type CodeBlock, codeBlocks } from "../support/markdown.js";
import { Reader } from "../support/reader.js";

/** What stands below a heading of a page, up to the next one. */
async function section(page: string, heading: string): Promise<CodeBlock[]> {
	const [, text] = (await readDocument(page)).text.split(`\n## ${heading}\n`);
	if (text === undefined) throw new Error(`${page} has no section "${heading}"`);
	return codeBlocks(text.split("\n## ")[0] ?? "");
}

const isDestroy = ({ code }: CodeBlock) => code === "pulumi destroy";

test("a stack moves from the API in the provider to a service and back, and nothing is changed in AWS", {
	timeout: 600_000,
}, async () => {
	await using reader = await Reader.start();
	const made = await section("docs/getting-started.md", "With your AWS account");
	await reader.follow(made.filter((block) => !isDestroy(block)));
	await reader.noteIds();
	await reader.follow(codeBlocks("```sh\nnpm run service\n```"));

	const before = reader.changesInAws();
	expect(before).toContain("CreateTenant");
	await reader.follow(await section("docs/migrate.md", "To a Channels API of your own, and back"));
	expect(reader.changesInAws()).toEqual(before);

	await reader.follow(made.filter(isDestroy));
	expect(reader.changesInAws()).toContain("DeleteTenant");
});
