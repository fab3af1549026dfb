// `npm test`: the fast set, in at most five minutes on two cores. With arguments (`npm test -- test/sdk`) they go to
// vitest, which then runs every test that they name.
import { conclude, enginePhase, node, phase, tool, vitest } from "./test/phases.mts";

async function main(args: readonly string[]): Promise<number> {
	if (args.length === 0) {
		// The sources were compiled, and so type-checked, by the setup.
		await phase("Types of tests, scripts and examples (tsc)", async () => {
			const typescript = tool("typescript/bin/tsc");
			const checked = await Promise.all(["test", "examples"].map((path) => node(typescript, "-p", path)));
			return checked.every(Boolean);
		});
		await phase("Format and lint (biome)", () => node(tool("@biomejs/biome/bin/biome"), "check"));
	}
	const hasEngine = await enginePhase();
	// Without the CLI every integration test would fail for the one reason that has just been told.
	const projects = hasEngine ? [] : ["--project=unit"];
	const chosen = args.length === 0 ? ["--tags-filter=!all || witness"] : args;
	await vitest("Tests (vitest)", ...projects, ...chosen);
	return conclude();
}

process.exitCode = await main(process.argv.slice(2));
