// `npm run test:pipelines`: the example's pipelines, run on the sandbox, and every workflow through its linters.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { run } from "./run-process.mjs";
import { repository } from "./setup.mjs";

const works = (command: string, ...args: string[]) =>
	spawnSync(command, args, { stdio: "ignore" }).status === 0;
const hasLinters = works("go", "version") && works("python3", "-c", "import venv, ensurepip");
if (!hasLinters) {
	console.error("No Go, or no python3 with venv and ensurepip, on this machine: the linters are left out.");
}
process.exitCode = await run(process.execPath, [
	join(repository, "node_modules/vitest/vitest.mjs"),
	"run",
	"--config",
	join(repository, "test/pipelines/vitest.config.mts"),
	...(hasLinters ? [] : ["--exclude", "**/lint.test.ts"]),
	...process.argv.slice(2),
]);
