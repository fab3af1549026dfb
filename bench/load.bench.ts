import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { inject, test } from "vitest";
import { milliseconds, ratios } from "./measure.js";
import { addRow } from "./table.js";

const run = promisify(execFile);
const rounds = 15;

/** A whole process that only loads a module, as the program side of every run does. */
const load = async (module: string) => ({
	load:
		(await milliseconds(() => run(process.execPath, ["-e", `require(${JSON.stringify(module)})`]))) / 1000,
});

test("loading pulumi-channels against loading @pulumi/pulumi", async () => {
	await load("pulumi-channels");
	const pairs = [];
	for (let round = 0; round < rounds; round++)
		pairs.push([await load("pulumi-channels"), await load("@pulumi/pulumi")] as const);
	for (const figures of Object.values(ratios(pairs)))
		addRow(inject("rows"), { what: "require", ...figures, against: "@pulumi/pulumi alone" });
}, 300_000);
