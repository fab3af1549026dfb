// `npm run test:simulation`: many more lives than `npm test` has time for, or one with its story:
// `-- --seeds 1000000`, `-- --from 5000`, `-- --only embedded`, `-- --seed 42`.
import { randomInt } from "node:crypto";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { run } from "./run-process.mjs";
import { repository } from "./setup.mjs";

const { values, positionals } = parseArgs({
	options: {
		seed: { type: "string" },
		seeds: { type: "string", default: "200000" },
		only: { type: "string" },
		from: { type: "string", default: `${randomInt(1e9)}` },
	},
	allowPositionals: true,
});
const asked = Object.entries(values).map(([name, value]) => [
	`CHANNELS_SIMULATION_${name.toUpperCase()}`,
	value,
]);

process.exitCode = await run(
	process.execPath,
	[
		join(repository, "node_modules/vitest/vitest.mjs"),
		"run",
		"--config",
		"test/simulation/vitest.config.mts",
		...positionals,
	],
	{ cwd: repository, env: { ...process.env, ...Object.fromEntries(asked) } },
);
