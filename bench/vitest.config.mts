import { defineConfig } from "vitest/config";

/** Figures are printed, never asserted: a machine under load must fail no test. */
export default defineConfig({
	test: {
		root: import.meta.dirname,
		include: ["*.bench.ts"],
		fileParallelism: false,
		hookTimeout: 300_000,
		globalSetup: [`${import.meta.dirname}/table.ts`],
	},
});
