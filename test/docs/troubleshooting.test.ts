import { readFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import * as cli from "../../cli/error-codes.js";
import * as provider from "../../provider/core/error-codes.js";
import * as sdk from "../../sdk/error-codes.js";
import * as service from "../../service/error-codes.js";
import * as ses from "../../ses/error-codes.js";
import { firstCells } from "../support/markdown.js";

const repository = resolve(import.meta.dirname, "../..");

describe("the troubleshooting page", async () => {
	const page = await readFile(join(repository, "docs/troubleshooting.md"), "utf8");

	test("has one entry for each code, and none for anything else", () => {
		// The same code of two parts means the same.
		const codes = new Set<string>(
			[sdk, ses, provider, cli, service].flatMap(({ errorCodes }) => [...errorCodes]),
		);
		expect(codes.size).toBeGreaterThan(50);
		expect(firstCells(page, "code").flat().sort()).toEqual([...codes].sort());
	});
});

describe("a code", () => {
	test.each(Object.entries({ sdk, ses, provider, cli, service }))(
		"of %s is in kebab-case, and once",
		(_, part) => {
			const codes: readonly string[] = part.errorCodes;
			for (const code of codes) expect(code).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
			expect([...new Set(codes)]).toEqual(codes);
		},
	);

	test.each([...ses.errorCodes, ...provider.errorCodes, ...cli.errorCodes])(
		"%s is that of some error",
		(code) => {
			const lists = /\/error-codes\.ts$/;
			const isGiven = sources.some(
				({ fileName, text }) => !lists.test(fileName) && text.includes(`"${code}"`),
			);
			expect(isGiven).toBe(true);
		},
	);
});

/** Errors without a code that nobody outside is told of, by the file that makes them. */
const internal: Readonly<Record<string, readonly string[]>> = {
	// Its reader, a setting or an option, has one, and says it in its own words.
	"dns/networks.ts": ["Error"],
	"dns/servers.ts": ["Error"],
	// A message that cannot be read is no answer.
	"dns/packets.ts": ["RangeError"],
	// Caught where they are thrown.
	"provider/core/aws/account.ts": ["Error"],
	"provider/core/aws/credentials.ts": ["MfaError", "RoleError"],
	// Why the signal aborts; the resource says what that means for it.
	"provider/dynamic/stop.ts": ["Error"],
	// Of what the resource has told.
	"provider/dynamic/dynamic-provider.ts": ["Error"],
};

/** Those whose code is an argument or a field, so that TypeScript asks for it. */
const coded = new Set([
	...[
		"UserError",
		"IncompleteError",
		"SetupExistsError",
		"HalfMadeError",
		"RecordsConflictError",
		"DeadlineError",
	],
	...[
		"HostError",
		"Route53Error",
		"AwsError",
		"LookupError",
		"RecordError",
		"UpstreamError",
		"SesUnavailableError",
		"Failure",
	],
]);

test("whatever the provider and the command throw has a code, or is for nobody to read", () => {
	const made = sources.flatMap((source) =>
		errorsMadeIn(source)
			.filter(({ kind, isToldWithCode }) => !isToldWithCode && !coded.has(kind))
			.map(({ kind }) => [relative(repository, source.fileName), kind]),
	);
	expect(made.sort()).toEqual(
		Object.entries(internal)
			.flatMap(([file, kinds]) => kinds.map((kind) => [file, kind]))
			.sort(),
	);
});

const sources = ["dns", "ses", "provider", "cli"].flatMap((folder) =>
	ts.sys
		.readDirectory(join(repository, folder), [".ts"])
		.map((file) => ts.createSourceFile(file, ts.sys.readFile(file) ?? "", ts.ScriptTarget.Latest, true)),
);

/** Every `new …Error(…)` and `new Failure(…)`; Pulumi's own errors are told with a code where the message is made with one. */
function errorsMadeIn(source: ts.SourceFile): { kind: string; isToldWithCode: boolean }[] {
	const found: { kind: string; isToldWithCode: boolean }[] = [];
	const visit = (node: ts.Node): void => {
		if (ts.isNewExpression(node)) {
			const kind = node.expression.getText();
			const [message] = node.arguments ?? [];
			const isToldWithCode =
				message !== undefined && ts.isCallExpression(message) && message.expression.getText() === "withCode";
			if (/(Error|Failure)$/.test(kind)) found.push({ kind, isToldWithCode });
		}
		ts.forEachChild(node, visit);
	};
	visit(source);
	return found;
}
