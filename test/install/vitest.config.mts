import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** The packed package in projects of its users: `npm run test:install`. */
export default defineConfig({
	test: {
		name: "install",
		root: import.meta.dirname,
		include: ["*.test.ts"],
		testTimeout: 600_000,
		hookTimeout: 600_000,
		maxWorkers: availableParallelism(),
	},
});
