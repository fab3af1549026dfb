// @module-tag all
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { installPackage, packPackage, type Tarball } from "../support/package.js";
import type { ProjectOptions } from "../support/project.js";
import { type Stage, startStage } from "../support/stage.js";

const body = `
const mail = new SesSetup("mail", {
	tenantName: "acme",
	domainIdentity: "mail.acme.test",
	route53: true,
	waitForVerification: { timeout: "1m" },
});
`;
const typescript = `import { SesSetup } from "pulumi-channels";\n${body}\nexport const sender = mail.verifiedDomain;\n`;

interface Kind {
	title: string;
	files: Record<string, string>;
	runtimeOptions: Record<string, unknown>;
	/** What the project has beside the package and what that declares. */
	installed: string[];
}

const kinds: Kind[] = [
	{
		title: "in TypeScript, with Pulumi's defaults",
		files: { "index.ts": typescript, "package.json": "{}" },
		runtimeOptions: {},
		installed: ["typescript", "ts-node", "@types/node"],
	},
	{
		title: "in TypeScript, with the compiler that Pulumi brings along",
		files: { "index.ts": typescript, "package.json": "{}" },
		runtimeOptions: {},
		installed: [],
	},
	{
		title: "in TypeScript, as an ES module",
		files: { "index.ts": typescript, "package.json": JSON.stringify({ type: "module" }) },
		runtimeOptions: {},
		installed: ["typescript", "ts-node", "@types/node"],
	},
	{
		title: "in JavaScript, as a CommonJS module",
		files: {
			"index.js": `const { SesSetup } = require("pulumi-channels");\n${body}\nexports.sender = mail.verifiedDomain;\n`,
			"package.json": JSON.stringify({ main: "index.js" }),
		},
		runtimeOptions: { typescript: false },
		installed: [],
	},
];

describe("the packed package verifies a domain from a program", () => {
	let stage: Stage;
	let tarball: Tarball;
	beforeAll(async () => {
		tarball = await packPackage();
		stage = await startStage();
		stage.sandbox.route53.createZone("acme.test");
	});
	afterAll(async () => {
		await stage?.[Symbol.asyncDispose]();
		await tarball?.[Symbol.asyncDispose]();
	});

	test.each(kinds)("$title", async ({ files, runtimeOptions, installed }) => {
		const options: ProjectOptions = { files, runtimeOptions };
		await using project = await stage.project(options);
		await rm(join(project.directory, "node_modules"));
		await installPackage(tarball.path, project.directory, installed);

		await project.up();
		expect(await project.outputs()).toEqual({ sender: "mail.acme.test" });
		const texts = (await project.resources())
			.map(({ inputs }) => inputs?.__provider)
			.filter((text) => typeof text === "string");
		expect(texts).toHaveLength(3);
		for (const text of texts) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(100);
		await project.destroy();
	});
});
