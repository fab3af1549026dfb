import { type Engine, ensurePulumi } from "../../sandbox/engine/index.js";

let engine: Promise<Engine> | undefined;

/** The real Pulumi CLI, found once for each test process. */
export function sharedEngine(): Promise<Engine> {
	engine ??= ensurePulumi({
		env: hermetic(process.env),
		log: (line) => process.stderr.write(`${line}\n`),
	});
	return engine;
}

// What the developer has set for stacks and accounts of their own must not reach a test.
function hermetic(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
	const foreign = /^(PULUMI|AWS|CHANNELS)_/;
	return Object.fromEntries(Object.entries(env).filter(([name]) => !foreign.test(name)));
}
