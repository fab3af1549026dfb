import { type ProcessOptions, type ProcessResult, runProcess } from "./process.js";

const HEARTBEAT_MS = 15_000;

/** Runs one long step: says what begins, every 15 s that it goes on, and when a deadline ends it. */
export async function runWithProgress(
	what: string,
	command: string,
	args: readonly string[],
	options: ProcessOptions & { deadlineMs: number; progress: (line: string) => void },
): Promise<ProcessResult> {
	const { deadlineMs, progress, signal, ...processOptions } = options;
	const started = performance.now();
	const elapsed = () => `${Math.round((performance.now() - started) / 1000)} s`;
	progress(`${what} …`);
	const heartbeat = setInterval(() => progress(`${what}: ${elapsed()} so far …`), HEARTBEAT_MS);
	const deadline = AbortSignal.timeout(deadlineMs);
	try {
		const result = await runProcess(command, args, {
			...processOptions,
			group: true,
			signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
		});
		signal?.throwIfAborted();
		if (deadline.aborted) throw new Error(`${what}: not done after ${elapsed()}, given up`);
		return result;
	} finally {
		clearInterval(heartbeat);
	}
}
