// `npm run pulumi -- [-C folder] <arguments>`: the real Pulumi CLI with everything it needs on PATH.
import { resolve } from "node:path";
import { EngineUnavailableError, ensurePulumi } from "./ensure.js";

async function main(args: readonly string[]): Promise<number> {
	const [folder, pulumiArgs] =
		args[0] === "-C" && args[1] !== undefined ? [resolve(args[1]), args.slice(2)] : [process.cwd(), args];

	const interrupted = new AbortController();
	const onSignal = (signal: NodeJS.Signals) => interrupted.abort(new Error(`interrupted by ${signal}`));
	process.on("SIGINT", onSignal);
	process.on("SIGTERM", onSignal);
	const engine = await ensurePulumi({ log: (line) => console.error(line), signal: interrupted.signal });
	process.off("SIGINT", onSignal);
	process.off("SIGTERM", onSignal);

	const running = await engine.start(pulumiArgs, { cwd: folder, stdio: "inherit" });
	// A terminal sends ^C to the CLI as well; passed on, it would count as the second, which stops at once.
	process.on("SIGINT", () => process.stdin.isTTY || running.kill("SIGINT"));
	process.on("SIGTERM", () => running.kill("SIGTERM"));
	process.on("SIGHUP", () => running.kill("SIGHUP"));
	return (await running.result).code;
}

main(process.argv.slice(2)).then(
	(code) => {
		process.exitCode = code;
	},
	(error: unknown) => {
		console.error(error instanceof EngineUnavailableError ? error.message : error);
		process.exitCode = 1;
	},
);
