// `npm run test:install`: the packed package in projects of its users, installed by each package manager.
import { join } from "node:path";
import { ensurePulumi } from "@pulumi-channels/sandbox/engine";
import { run } from "./run-process.mjs";
import { repository } from "./setup.mjs";

// Before the tests, which have deadlines.
await ensurePulumi({ log: console.log });
process.exitCode = await run(process.execPath, [
	join(repository, "node_modules/vitest/vitest.mjs"),
	"run",
	"--config",
	join(repository, "test/install/vitest.config.mts"),
	...process.argv.slice(2),
]);
