// @module-tag all
import { test } from "vitest";
import { readDocument } from "../support/documents.js";
import { Reader } from "../support/reader.js";

/** Some ten runs of the CLI, one after the other. */
const timeout = 600_000;
const follow = async (reader: Reader, path: string) => reader.follow((await readDocument(path)).blocks);

test("the README works, in the order of the page, and then what helps in trouble", { timeout }, async () => {
	await using reader = await Reader.start();
	await follow(reader, "README.md");
	await follow(reader, "docs/troubleshooting.md");
});

test("docs/service.md works, in the order of the page", { timeout }, async () => {
	await using reader = await Reader.start();
	await follow(reader, "docs/service.md");
});
