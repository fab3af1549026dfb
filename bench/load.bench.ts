import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { test } from "vitest";
import { milliseconds, ratios } from "./measure.js";

const run = promisify(execFile);
const rounds = 15;

/** A whole process that only loads a module, as the program side of every run does. */
const load = (module: string) =>
	milliseconds(() => run(process.execPath, ["-e", `require(${JSON.stringify(module)})`]));

test("loading pulumi-channels against loading @pulumi/pulumi", async () => {
	await load("pulumi-channels");
	const pairs = [];
	for (let round = 0; round < rounds; round++) {
		pairs.push([
			{ require: await load("pulumi-channels") },
			{ require: await load("@pulumi/pulumi") },
		] as const);
	}
	console.table(ratios(pairs));
}, 300_000);
