import { defineConfig } from "vitest/config";
import { tags } from "../support/tags.mts";

/** Programs of others against ours: `npm run test:peers`. */
export default defineConfig({
	test: {
		tags,
		projects: [
			{
				test: {
					name: "peers",
					root: import.meta.dirname,
					include: ["*.test.ts"],
					fileParallelism: false,
					testTimeout: 900_000,
					hookTimeout: 600_000,
				},
			},
			{
				test: {
					name: "service behind nginx",
					root: `${import.meta.dirname}/../service`,
					include: ["early-answers.test.ts"],
					setupFiles: [`${import.meta.dirname}/behind-nginx.ts`],
					testTimeout: 60_000,
					hookTimeout: 600_000,
				},
			},
			{
				test: {
					name: "service on ministack",
					// Both files wait most of their time.
					maxWorkers: 2,
					sequence: { groupOrder: 1 },
					root: `${import.meta.dirname}/../service`,
					include: ["provisioning.test.ts", "crash.test.ts"],
					setupFiles: [`${import.meta.dirname}/on-ministack.ts`],
					provide: { sqliteAlone: true },
					testTimeout: 60_000,
					hookTimeout: 600_000,
				},
			},
		],
	},
});
