// `npm run test:peers`: programs of others, from PyPI, against ours. A machine without Python has nothing to run.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { run } from "./run-process.mjs";
import { repository } from "./setup.mjs";

const hasPython = spawnSync("python3", ["-c", "import venv, ensurepip"], { stdio: "ignore" }).status === 0;
if (hasPython) {
	const vitest = join(repository, "node_modules/vitest/vitest.mjs");
	const config = join(repository, "test/peers/vitest.config.mts");
	process.exitCode = await run(process.execPath, [
		vitest,
		"run",
		"--config",
		config,
		...process.argv.slice(2),
	]);
} else {
	console.error(
		"No python3 with venv and ensurepip on this machine: the comparison with others is left out.",
	);
}
