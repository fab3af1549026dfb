// `npm run pulumi -- [-C folder] <arguments>`: the real Pulumi CLI with everything it needs on PATH.
import { resolve } from "node:path";
import { ensurePulumi } from "./ensure.js";
import { runOnTerminal } from "./terminal.js";

async function main(args: readonly string[]): Promise<number> {
	const [folder, pulumiArgs] =
		args[0] === "-C" && args[1] !== undefined ? [resolve(args[1]), args.slice(2)] : [process.cwd(), args];

	const interrupted = new AbortController();
	const onSignal = (signal: NodeJS.Signals) => interrupted.abort(new Error(`Interrupted by ${signal}`));
	process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
	const engine = await ensurePulumi({ log: (line) => console.error(line), signal: interrupted.signal });
	process.off("SIGINT", onSignal).off("SIGTERM", onSignal);

	return await runOnTerminal(engine, pulumiArgs, { cwd: folder });
}

main(process.argv.slice(2)).then(
	(code) => {
		process.exitCode = code;
	},
	(error: unknown) => {
		console.error(error instanceof Error ? error.message : error);
		process.exitCode = 1;
	},
);
