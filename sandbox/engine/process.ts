import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { constants } from "node:os";

export interface ProcessOptions {
	cwd?: string;
	/** The whole environment of the process. Default: this process's own. */
	env?: NodeJS.ProcessEnv;
	/** Aborting sends SIGINT, then SIGKILL once `graceMs` have passed. The result resolves either way. */
	signal?: AbortSignal | undefined;
	/** Default 10 000 ms. */
	graceMs?: number;
	/** Called with each piece of output as it comes. */
	onOutput?: (text: string, stream: "stdout" | "stderr") => void;
	/** `inherit` hands over this process's own streams; nothing is then captured. Default `pipe`. */
	stdio?: "pipe" | "inherit";
	/** Run in a process group of its own, so that an abort reaches its children too. Default false. */
	group?: boolean;
}

export interface ProcessResult {
	/** The exit code; 128 + the signal's number where a signal ended it, as shells say it. */
	code: number;
	stdout: string;
	stderr: string;
}

export interface RunningProcess {
	readonly pid: number;
	/** Rejects only if the process could not be started. */
	readonly result: Promise<ProcessResult>;
	/** Sends a signal to the process alone (the group where it has one). False once it has ended. */
	kill(signal: NodeJS.Signals): boolean;
}

// A grandchild may hold the output pipes open long after the process has ended (a dynamic provider
// outlives a killed CLI): what is still in the pipe arrives well within this time.
const DRAIN_MS = 500;

/**
 * Starts a process.
 * @throws {Error} when the command cannot be started at all (not found, not executable).
 */
export async function startProcess(
	command: string,
	args: readonly string[],
	options: ProcessOptions = {},
): Promise<RunningProcess> {
	const { stdio = "pipe", group = false, graceMs = 10_000, signal, onOutput } = options;
	signal?.throwIfAborted();
	const spawnOptions: SpawnOptions = {
		stdio: stdio === "inherit" ? "inherit" : ["ignore", "pipe", "pipe"],
		detached: group,
		...(options.cwd === undefined ? {} : { cwd: options.cwd }),
		...(options.env === undefined ? {} : { env: options.env }),
	};
	const child = spawn(command, args, spawnOptions);
	const pid = await spawned(child, command);

	const captured = { stdout: "", stderr: "" };
	for (const stream of ["stdout", "stderr"] as const) {
		child[stream]?.setEncoding("utf8").on("data", (text: string) => {
			captured[stream] += text;
			onOutput?.(text, stream);
		});
	}

	let ended = false;
	const kill = (name: NodeJS.Signals): boolean => !ended && sendSignal(group ? -pid : pid, name);

	let killTimer: NodeJS.Timeout | undefined;
	const onAbort = () => {
		kill("SIGINT");
		killTimer = setTimeout(() => kill("SIGKILL"), graceMs);
	};
	signal?.addEventListener("abort", onAbort, { once: true });
	if (signal?.aborted) onAbort();

	const drained = drainOf(child);
	const result = exitOf(child).then(async (code) => {
		ended = true;
		clearTimeout(killTimer);
		signal?.removeEventListener("abort", onAbort);
		await drained;
		return { code, ...captured };
	});
	return { pid, result, kill };
}

/** Starts a process and waits for its end. */
export async function runProcess(
	command: string,
	args: readonly string[],
	options: ProcessOptions = {},
): Promise<ProcessResult> {
	const running = await startProcess(command, args, options);
	return await running.result;
}

/** Sends a signal; false when nobody is there to receive it. */
export function sendSignal(pid: number, signal: NodeJS.Signals | 0): boolean {
	try {
		return process.kill(pid, signal);
	} catch (error) {
		if (error instanceof Error && "code" in error && error.code === "ESRCH") return false;
		throw error;
	}
}

function spawned(child: ChildProcess, command: string): Promise<number> {
	return new Promise((resolve, reject) => {
		child.once("spawn", () => {
			if (child.pid !== undefined) resolve(child.pid);
		});
		child.once("error", (cause) =>
			reject(new Error(`${command} could not be started: ${cause.message}`, { cause })),
		);
	});
}

function exitOf(child: ChildProcess): Promise<number> {
	return new Promise((resolve) => {
		child.once("exit", (code, signal) =>
			resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
		);
	});
}

/** Told from the start: where the pipes are at their end first, `close` comes in the same moment as `exit`. */
function drainOf(child: ChildProcess): Promise<void> {
	return new Promise((resolve) => {
		const finish = () => {
			child.stdout?.destroy();
			child.stderr?.destroy();
			resolve();
		};
		child.once("exit", () => {
			const timer = setTimeout(finish, DRAIN_MS);
			child.once("close", () => clearTimeout(timer));
		});
		child.once("close", finish);
	});
}
