// `npm run test:peers`: programs of others against ours. A machine without Python leaves those from PyPI out.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { run } from "./run-process.mjs";
import { repository } from "./setup.mjs";

const hasPython = spawnSync("python3", ["-c", "import venv, ensurepip"], { stdio: "ignore" }).status === 0;
if (!hasPython) {
	console.error(
		"No python3 with venv and ensurepip on this machine: what comes from PyPI (moto, ministack, schemathesis) is left out.",
	);
}
process.exitCode = await run(process.execPath, [
	join(repository, "node_modules/vitest/vitest.mjs"),
	"run",
	"--config",
	join(repository, "test/peers/vitest.config.mts"),
	...(hasPython ? [] : ["pgbouncer", "early-answers"]),
	...process.argv.slice(2),
]);
