// `npm run test:soak`: the tests that throw dice, with many more throws than `npm test` has time for.
import { join } from "node:path";
import { run } from "./run-process.mjs";
import { repository } from "./setup.mjs";

process.exitCode = await run(
	process.execPath,
	[
		join(repository, "node_modules/vitest/vitest.mjs"),
		"run",
		"--project=unit",
		"--no-file-parallelism",
		"test/service/mixed-load.test.ts",
		"test/service/fuzz.test.ts",
		"test/provider/route53/other-peoples-zones.property.test.ts",
		...process.argv.slice(2),
	],
	{
		cwd: repository,
		env: {
			CHANNELS_SOAK_KILLS: "200",
			CHANNELS_SOAK_REQUESTS: "10000",
			CHANNELS_SOAK_ZONES: "20",
			...process.env,
		},
	},
);
