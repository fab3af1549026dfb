import { defineConfig } from "vitest/config";

/** Programs of others against ours: `npm run test:peers`. */
export default defineConfig({
	test: {
		root: import.meta.dirname,
		include: ["*.test.ts"],
		fileParallelism: false,
		testTimeout: 900_000,
		hookTimeout: 600_000,
	},
});
