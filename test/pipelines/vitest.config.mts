import { defineConfig } from "vitest/config";

/** The pipelines of `examples/gitops`, and the repository's own: `npm run test:pipelines`. */
export default defineConfig({
	test: {
		root: import.meta.dirname,
		include: ["*.test.ts"],
		testTimeout: 600_000,
		hookTimeout: 600_000,
	},
});
