import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { tags } from "../support/tags.mts";

// One seed has one story; many of them are shared out to a process for each core.
const shares = process.env.CHANNELS_SIMULATION_SEED === undefined ? availableParallelism() : 1;

export default defineConfig({
	test: {
		tags,
		projects: Array.from({ length: shares }, (_, share) => ({
			test: {
				name: `share ${share + 1} of ${shares}`,
				include: ["test/simulation/lives.test.ts"],
				env: { CHANNELS_SIMULATION_SHARE: `${share}`, CHANNELS_SIMULATION_SHARES: `${shares}` },
				testTimeout: 0,
				maxWorkers: shares,
			},
		})),
		maxWorkers: shares,
		disableConsoleIntercept: true,
	},
});
