// `npm run test:matrix`: every remote call of the provider with every fault, and with a kill of every process.
import { join } from "node:path";
import { run } from "./run-process.mjs";
import { repository } from "./setup.mjs";

process.exitCode = await run(
	process.execPath,
	[join(repository, "node_modules/vitest/vitest.mjs"), "run", "--project=matrix:*", ...process.argv.slice(2)],
	{ cwd: repository, env: { ...process.env, CHANNELS_MATRIX: "whole" } },
);
