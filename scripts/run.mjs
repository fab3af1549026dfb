// `npm start`, `npm test`, `npm run pulumi|sandbox|service|bench`: sets the clone up, then runs the real thing on
// the pinned Node.js with the arguments that were given. package.json starts it with `exec`: npm passes
// signals to the shell alone, which would not pass them on.
import { join } from "node:path";
import { run } from "./run-process.mjs";
import { pinnedNode, repository, setup } from "./setup.mjs";

const tasks = {
	start: "scripts/start.mts",
	test: "scripts/test.mts",
	"test:all": "scripts/test-all.mts",
	"test:install": "scripts/test-install.mts",
	"test:matrix": "scripts/test-matrix.mts",
	"test:peers": "scripts/test-peers.mts",
	"test:pipelines": "scripts/test-pipelines.mts",
	"test:pages": ["node_modules/vitest/vitest.mjs", "run", "--config", "test/pages/vitest.config.mts"],
	"test:simulation": "scripts/test-simulation.mts",
	"test:soak": "scripts/test-soak.mts",
	"release:version": "scripts/release/version.mts",
	arguments: "scripts/arguments.mts",
	pictures: "scripts/pictures.mts",
	pulumi: "sandbox/dist/engine/main.js",
	sandbox: "sandbox/dist/main.js",
	service: "service/dist/main.js",
	bench: ["node_modules/vitest/vitest.mjs", "run", "--config", "bench/vitest.config.mts"],
};

async function main([task, ...args]) {
	const [script, ...fixed] = [tasks[task]].flat();
	if (script === undefined) {
		throw new Error(`usage: node scripts/run.mjs ${Object.keys(tasks).join("|")} [arguments]`);
	}
	await setup();
	return await run(pinnedNode, [join(repository, script), ...fixed, ...args]);
}

main(process.argv.slice(2)).then(
	(code) => {
		process.exitCode = code;
	},
	(error) => {
		console.error(error.message);
		process.exitCode = 1;
	},
);
