import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { recordCheck } from "../../dns/check.js";
import { progressLine } from "../../provider/core/verification/wait-report.js";
import type { WaitState } from "../../provider/core/verification/wait-state.js";
import { createProgram, problemsIn } from "../support/compiler.js";
import { allDocuments, type Document, readDocument, repository } from "../support/documents.js";

const documents = await allDocuments();
const programsOf = ({ blocks }: Document) => blocks.filter(({ language }) => language === "ts");

test("every program of every document type-checks", async () => {
	const folder = await mkdtemp(join(tmpdir(), "pulumi-channels-documents-"));
	try {
		await symlink(join(repository, "node_modules"), join(folder, "node_modules"));
		await writeFile(join(folder, "package.json"), '{ "type": "module" }');
		const files: string[] = [];
		for (const document of documents) {
			for (const { line, code } of programsOf(document)) {
				const file = `${document.path.replaceAll("/", "-")}-${line}.ts`;
				await writeFile(join(folder, file), code);
				files.push(file);
			}
		}
		const options = { target: "es2022", module: "nodenext", strict: true, skipLibCheck: true, noEmit: true };
		expect(problemsIn(createProgram(folder, options, files))).toBe("");
		expect(documents.flatMap(programsOf).length).toBeGreaterThan(10);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
});

test.each([
	["docs/settings.md", "provider/core/settings/source.ts", /"(CHANNELS_[A-Z_]+)"/g],
	["docs/service.md", "service/operations/config.ts", /"(CHANNELS_API_[A-Z_]+)"/g],
])("%s names every environment variable of %s, and no other", async (page, source, pattern) => {
	const { text } = await readDocument(page);
	const named = [...text.matchAll(/`(CHANNELS_[A-Z_]+)`/g)].map(([, name]) => name);
	const code = await readFile(join(repository, source), "utf8");
	const read = [...code.matchAll(pattern)].map(([, name]) => name);
	expect(read.length).toBeGreaterThan(0);
	expect([...new Set(named)].sort()).toEqual([...new Set(read)].sort());
});

test("the README's progress line is one that a wait shows", async () => {
	const domain = "mail.acme.com";
	const records = [
		...["a", "b", "c"].map((token) => ({
			address: `${token}._domainkey.${domain}`,
			type: "CNAME" as const,
			record: `${token}.dkim.amazonses.com`,
		})),
		{ address: domain, type: "MX" as const, record: "10 inbound-smtp.us-east-1.amazonaws.com" },
		{ address: `_dmarc.${domain}`, type: "TXT" as const, record: "v=DMARC1; p=none" },
	];
	const seen = records.filter(({ type }) => type !== "MX");
	const servers = [{ server: "ns-1.example.net", state: "found" as const, found: [] }];
	const state: WaitState = {
		records,
		needed: records,
		checks: new Map(seen.map((record) => [record, recordCheck(record, { servers })])),
		findings: new Map(),
		view: undefined,
		unsettled: undefined,
		setup: undefined,
		failure: undefined,
		remembersUntil: undefined,
		arbiter: "the Channels API",
		isForSending: false,
		waitsAtOnce: 1,
		slots: 8,
	};
	const { blocks } = await readDocument("README.md");
	const shown = blocks.filter(({ language }) => language === "text").map(({ code }) => code);
	expect(shown).toEqual([progressLine(state, 18 * 60_000, 0)]);
});
