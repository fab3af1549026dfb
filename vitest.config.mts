import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** More than cores: the tests of faults wait most of their time, and those on the CLI a third of it. */
const maxWorkers = 2 * availableParallelism();

export default defineConfig({
	test: {
		projects: [
			{
				test: {
					name: "unit",
					include: ["test/{sdk,dns,provider,sandbox,service,cli,engine,package}/**/*.test.ts"],
					testTimeout: 30_000,
					hookTimeout: 60_000,
					maxWorkers,
				},
			},
			{
				test: {
					name: "integration",
					include: ["test/integration/**/*.test.ts"],
					testTimeout: 300_000,
					hookTimeout: 300_000,
					maxWorkers,
				},
			},
		],
	},
});
