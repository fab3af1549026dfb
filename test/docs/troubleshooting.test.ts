import { readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { type ErrorMessage, errorMessages, unfound } from "../support/error-messages.js";
import { quotedMessages } from "../support/markdown.js";

const repository = resolve(import.meta.dirname, "../..");
const quotes = quotedMessages(await readFile(join(repository, "docs/troubleshooting.md"), "utf8"));

/** Told by a test or a programmer to themselves, and to nobody else. */
const internal = [
	// A `ServiceConfig` of somebody's own; the command's is always right.
	"leaseMs must be at least",
	// What Kysely asks of a driver.
	"Streaming is not supported",
	"The database is not open",
	// Caught beside the place where they are thrown.
	"STS names no account",
	"The deadline has passed",
	"The client hung up before its request had ended",
];

const messages: ErrorMessage[] = [
	...errorMessages("tsconfig.lib.json", ["provider", "sdk", "cli", "dns"]),
	...errorMessages("service/tsconfig.json", ["service"]),
];

test("every error of the package and the service has an entry", () => {
	expect(messages.length).toBeGreaterThan(150);
	const missing = messages
		.map(({ where, text }) => ({ where, unfound: unfound(text, [...quotes, ...internal]) }))
		.filter(({ unfound = [] }) => unfound.length > 0);
	expect(missing).toEqual([]);
});

test("every entry quotes what stands in the sources", async () => {
	const folders = ["provider", "sdk", "dns", "cli", "service"];
	const files = (await Promise.all(folders.map((folder) => filesBelow(join(repository, folder))))).flat();
	const sources = await Promise.all(
		files.filter((file) => /\.ts$/.test(file)).map((file) => readFile(file, "utf8")),
	);
	expect(quotes.length).toBeGreaterThan(100);
	expect([...quotes, ...internal].filter((quote) => !sources.some((text) => text.includes(quote)))).toEqual(
		[],
	);
});

async function filesBelow(folder: string): Promise<string[]> {
	const entries = await readdir(folder, { withFileTypes: true });
	const below = entries
		.filter(({ name }) => name !== "node_modules" && name !== "dist")
		.map((entry) =>
			entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)],
		);
	return (await Promise.all(below)).flat();
}
