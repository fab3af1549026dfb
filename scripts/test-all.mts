// `npm run test:all`: what `npm test` leaves out, but for the matrix, the simulation and the soak as a whole.
import { join } from "node:path";
import { conclude, enginePhase, node, phase, tool, vitest } from "./test/phases.mts";

const config = (folder: string) => `--config=${join("test", folder, "vitest.config.mts")}`;

await phase("Unused code and packages (knip)", () => node(tool("knip/bin/knip.js")));
await phase("Import directions (dependency-cruiser)", () =>
	node(tool("dependency-cruiser/bin/dependency-cruiser.mjs"), "."),
);
if (await enginePhase()) {
	await vitest("Tests (vitest)", "--tags-filter=all && !witness");
	await vitest("Pages of docs/ (test:pages)", config("pages"));
	await phase("The packed package (test:install)", () => node("scripts/test-install.mts"));
	await phase("Programs of others (test:peers)", () => node("scripts/test-peers.mts"));
	await phase("Pipelines (test:pipelines)", () => node("scripts/test-pipelines.mts"));
}
process.exitCode = conclude();
