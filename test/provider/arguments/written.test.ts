import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Argument, ObjectKind } from "../../../provider/arguments/argument.js";
import { groups, resources, sesSetup } from "../../../provider/arguments/description.js";
import type { SetupInputs, SetupOutputs } from "../../../provider/core/inputs.js";
import { RunCache } from "../../../provider/core/run/cache.js";
import { Claims } from "../../../provider/core/run/claims.js";
import { setupHandler } from "../../../provider/core/setup/handler.js";
import type { World } from "../../../provider/core/world.js";
import { renderArgs, renderInputs, renderTable, withTables } from "../../../scripts/arguments/render.mts";

const description = { groups, resources };

/** As `npm run arguments` leaves it. */
const formatted = (file: string, text: string) =>
	execFileSync(
		process.execPath,
		["node_modules/@biomejs/biome/bin/biome", "format", `--stdin-file-path=${file}`],
		{ input: text, encoding: "utf8" },
	);

describe("what is written from the description of the arguments is up to date (`npm run arguments`)", () => {
	it("in provider/args.ts", () => {
		expect(formatted("provider/args.ts", renderArgs(description))).toBe(
			readFileSync("provider/args.ts", "utf8"),
		);
	});

	it("in provider/arguments/inputs.ts", () => {
		expect(formatted("provider/arguments/inputs.ts", renderInputs(description))).toBe(
			readFileSync("provider/arguments/inputs.ts", "utf8"),
		);
	});

	it("in the README, which has the table of SesSetup", () => {
		const readme = readFileSync("README.md", "utf8");
		expect(withTables(readme, description)).toBe(readme);
		expect(readme).toContain("<!-- arguments: SesSetup -->");
	});
});

describe("the description of the arguments", () => {
	const visible = (object: ObjectKind): [string, Argument][] =>
		Object.entries(object.fields).filter(([, { hidden }]) => !hidden);

	it("says of each what it is for", () => {
		for (const object of [...Object.values(groups), ...Object.values(resources)])
			for (const [name, { doc }] of visible(object)) expect(doc, `${object.what}.${name}`).toMatch(/\.$/);
	});

	it("makes a row of each that a person may give, and of no other", () => {
		const names = [...renderTable(sesSetup, "argument").matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
		expect(names).toEqual(visible(sesSetup).map(([name]) => name));
	});

	it("says which changes replace a setup", async () => {
		const olds: SetupOutputs = {
			tenantName: "acme",
			domainIdentity: "mail.acme.com",
			adoptExisting: false,
			workspaceId: "b8a1a1de-0d0c-4f3e-8a55-0c2e8a1f9d10",
			dnsRecords: [],
			createdAt: "2026-01-01T00:00:00Z",
		};
		const others: Partial<SetupInputs> = {
			tenantName: "other",
			domainIdentity: "mail.other.com",
			adoptExisting: true,
			route53: {},
			waitPurpose: "sending",
			waitTimeout: "1m",
		};
		// Nothing is in the way of another setup here.
		const world = {
			channels: { look: async () => ({ existing: undefined, seen: true }) },
			stop: new AbortController().signal,
			claims: new Claims(),
			cache: new RunCache(),
		} as unknown as World;
		const diffWorld = {
			...world,
			home: { workspaceId: olds.workspaceId },
			urn: undefined,
			whole: async () => world,
		};
		for (const [name, { replaces }] of Object.entries(sesSetup.fields)) {
			if (!(name in others)) continue;
			const news = { ...olds, [name]: others[name as keyof SetupInputs] } as SetupInputs;
			const difference = await setupHandler.diff(
				diffWorld,
				"6f1c1f5e-3a55-4d2f-8a39-3f0d5c6f0c11",
				olds,
				news,
			);
			const replaced = difference.filter((each) => each.replaces).map(({ property }) => property);
			expect(replaced, name).toEqual(replaces ? [name] : []);
		}
	});
});
