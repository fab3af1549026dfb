import { defineConfig } from "vitest/config";

export default defineConfig({
	test: {
		projects: [
			{
				test: {
					name: "unit",
					include: ["test/{sdk,dns,provider,sandbox,service,cli,engine,package}/**/*.test.ts"],
					testTimeout: 30_000,
					hookTimeout: 60_000,
					maxWorkers: "100%",
					// Not 0, the default: that group comes last where there is but one worker.
					sequence: { groupOrder: 1 },
				},
			},
			{
				test: {
					name: "integration",
					include: ["test/integration/**/*.test.ts"],
					testTimeout: 300_000,
					hookTimeout: 300_000,
					maxWorkers: 2,
					// After the unit tests: what breaks those breaks these, and takes longer to.
					sequence: { groupOrder: 2 },
				},
			},
		],
	},
});
