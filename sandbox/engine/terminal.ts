import type { Engine, EngineRunOptions } from "./engine.js";

/**
 * Runs the CLI on this process's own terminal, passing signals on to it, and gives its exit code. Meanwhile
 * signals do not end this process: the CLI decides how it goes on.
 */
export async function runOnTerminal(
	engine: Engine,
	args: readonly string[],
	options: Pick<EngineRunOptions, "cwd" | "env" | "awsPlugin"> = {},
): Promise<number> {
	const running = await engine.start(args, { ...options, stdio: "inherit" });
	const pass = (signal: NodeJS.Signals) => {
		// A terminal has already sent ^C to the CLI, which would take a second one for "at once".
		if (signal !== "SIGINT" || !process.stdin.isTTY) running.kill(signal);
	};
	const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
	for (const signal of signals) process.on(signal, pass);
	try {
		return (await running.result).code;
	} finally {
		for (const signal of signals) process.off(signal, pass);
	}
}
