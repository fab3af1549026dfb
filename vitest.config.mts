import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { tags } from "./test/support/tags.mts";

/** More than cores: the tests of faults wait most of their time, and those on the CLI a third of it. */
const maxWorkers = 2 * availableParallelism();

/** Minutes of waiting for deadlines and leases: beside the work of others they cost nothing, at the end a minute. */
const waits = ({ moduleId }: TestSpecification) =>
	/\/test\/service\/(provisioning|crash)\.test\.ts$/.test(moduleId);

/** What runs the CLI takes longest, whatever the size of its file, and would leave the other workers idle at the end. */
const long = new Set(["integration", "matrix: faults", "matrix: kills"]);
const rank = (file: TestSpecification) =>
	waits(file) ? 0 : long.has(file.project.name) || file.moduleId.endsWith("/lives.test.ts") ? 1 : 2;

class LongestFirst extends BaseSequencer {
	override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
		return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
	}
}

export default defineConfig({
	test: {
		tags,
		sequence: { sequencer: LongestFirst },
		// No file leaves anything behind for the next one in its worker, and most of them load the same clients: measured,
		// half of the time of the pure ones.
		isolate: false,
		projects: [
			{
				test: {
					name: "unit",
					include: [
						"test/{sdk,dns,ses,provider,core,sandbox,service,simulation,cli,engine,package,docs}/**/*.test.ts",
					],
					testTimeout: 60_000,
					hookTimeout: 120_000,
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
			{
				test: {
					name: "matrix: faults",
					include: ["test/matrix/faults.test.ts"],
					testTimeout: 120_000,
					maxWorkers,
					// They wait for deadlines most of their time.
					maxConcurrency: 12,
				},
			},
			{
				test: {
					name: "matrix: kills",
					include: ["test/matrix/kills.test.ts"],
					testTimeout: 300_000,
					maxWorkers,
					maxConcurrency: 2,
				},
			},
		],
	},
});
