// What the pages of docs/ tell to do, done in their order: minutes of the real CLI.
import { expect, test } from "vitest";
import { readDocument } from "../support/documents.js";
import type { CodeBlock } from "../support/markdown.js";
import { Reader } from "../support/reader.js";

const timeout = 600_000;
const follow = async (reader: Reader, path: string, which = (_: CodeBlock) => true) =>
	reader.follow((await readDocument(path)).blocks.filter(which));

test("docs/getting-started.md works, in the order of the page", { timeout }, async () => {
	await using reader = await Reader.start();
	await follow(reader, "docs/getting-started.md");
});

test.each(["docs/dns.md", "docs/concepts.md", "docs/settings.md"])(
	"%s works, in the order of the page",
	{ timeout },
	async (page) => {
		await using reader = await Reader.start({ isConfigured: true });
		await follow(reader, page);
	},
);

test("the programs for taking over, renaming and moving work; another test leads from the AWS provider's records", {
	timeout,
}, async () => {
	await using reader = await Reader.start({ isConfigured: true });
	const { text } = await readDocument("docs/migrate.md");
	const from = text.split("\n").indexOf("## By the program");
	await follow(reader, "docs/migrate.md", ({ line }) => line > from);
});

test("a key that moves from the configuration to the environment leaves the state", { timeout }, async () => {
	await using reader = await Reader.start({ isConfigured: true });
	await reader.follow(programs(await readDocument("docs/getting-started.md")));
	expect(await reader.stateText()).toContain("channels:apiKey");
	await follow(reader, "docs/security.md");
	expect(await reader.stateText()).not.toContain("channels:apiKey");
});

test("a stack works on the sandbox and a service of its own, as the page on testing leads there", {
	timeout,
}, async () => {
	await using reader = await Reader.start();
	// The stack that the page takes for granted, and deploys at its end.
	const [program] = programs(await readDocument("README.md"));
	const { blocks } = await readDocument("docs/testing.md");
	const commands = blocks.filter(({ language }) => language === "sh");
	await reader.follow([...(program ? [program] : []), ...commands]);
	await reader.follow(programs(await readDocument("docs/testing.md")));
});

const programs = ({ blocks }: { blocks: readonly CodeBlock[] }) =>
	blocks.filter(({ language }) => language === "ts");
