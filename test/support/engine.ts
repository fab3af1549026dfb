import { type Engine, ensurePulumi } from "../../sandbox/engine/index.js";

let engine: Promise<Engine> | undefined;

/**
 * The real Pulumi CLI, found once for each test process. NODE_OF_PROGRAMS names another Node.js than the tests' own for
 * what a user's Pulumi runs: programs and providers.
 */
export function sharedEngine(): Promise<Engine> {
	engine ??= ensurePulumi({
		env: hermetic(process.env),
		node: process.env.NODE_OF_PROGRAMS,
		log: (line) => process.stderr.write(`${line}\n`),
	});
	return engine;
}

// What the developer has set for stacks and accounts of their own must not reach a test.
function hermetic(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
	const foreign = /^(PULUMI|AWS|CHANNELS)_/;
	return Object.fromEntries(Object.entries(env).filter(([name]) => !foreign.test(name)));
}
