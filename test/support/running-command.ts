import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { ProcessResult, RunningProcess } from "../../sandbox/engine/index.js";
import { sendSignal } from "../../sandbox/engine/process.js";
import { waitUntil } from "./wait.js";

const run = promisify(execFile);

/** A process below a running CLI. */
export interface ProcessInfo {
	readonly pid: number;
	readonly parent: number;
	readonly command: string;
}

/** A Pulumi CLI that is running, for tests that disturb it. */
export class RunningCommand {
	readonly pid: number;
	readonly result: Promise<ProcessResult>;
	readonly #process: RunningProcess;
	readonly #output: () => string;
	#family: ProcessInfo[] = [];
	#ended = false;

	constructor(process: RunningProcess, output: () => string) {
		this.#process = process;
		this.#output = output;
		this.pid = process.pid;
		this.result = process.result.finally(() => {
			this.#ended = true;
		});
	}

	/** All it has printed so far. */
	output(): string {
		return this.#output();
	}

	/** Waits until it has printed something that matches. Default deadline: 60 s. */
	async waitForOutput(pattern: RegExp, timeoutMs = 60_000): Promise<void> {
		await waitUntil(() => pattern.test(this.output()), {
			timeoutMs,
			what: () => `${pattern} in the output:\n${this.output()}`,
		});
	}

	/** The CLI and every process below it: language host, program, providers. */
	async processTree(): Promise<ProcessInfo[]> {
		const { stdout } = await run("ps", ["-A", "-o", "pid=,ppid=,args="]);
		const all = stdout
			.trim()
			.split("\n")
			.map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
			.filter((match) => match !== null)
			.map(([, pid, parent, command]) => ({
				pid: Number(pid),
				parent: Number(parent),
				command: command ?? "",
			}));
		const tree = all.filter(({ pid }) => pid === this.pid);
		for (const member of tree) tree.push(...all.filter(({ parent }) => parent === member.pid));
		this.#family = [...tree, ...this.#family];
		return tree;
	}

	/** Sends a signal to the CLI alone. Its process tree is noted first: afterwards nobody could find it. */
	async kill(signal: NodeJS.Signals): Promise<void> {
		await this.processTree();
		this.#process.kill(signal);
	}

	/** Ends the CLI and everything that was ever seen below it. */
	async dispose(): Promise<void> {
		if (!this.#ended) await this.kill("SIGKILL");
		if (this.#family.length > 0) {
			for (const pid of await this.#survivors()) sendSignal(pid, "SIGKILL");
		}
		await this.result;
	}

	// A pid may have been given to somebody else's process since: only one with the same command is ours.
	async #survivors(): Promise<number[]> {
		const { stdout } = await run("ps", ["-A", "-o", "pid=,args="]);
		const alive = new Map(
			stdout.split("\n").flatMap((line) => {
				const [, pid, command] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
				return pid === undefined ? [] : [[Number(pid), command] as const];
			}),
		);
		return [...new Set(this.#family.filter((p) => alive.get(p.pid) === p.command).map((p) => p.pid))];
	}
}

/** Waits until none of these processes is left. Default deadline: 10 s. */
export async function waitForExit(processes: readonly ProcessInfo[], timeoutMs = 10_000): Promise<void> {
	const left = () => processes.filter(({ pid }) => sendSignal(pid, 0));
	await waitUntil(() => left().length === 0, {
		timeoutMs,
		what: () =>
			`the end of ${left()
				.map(({ pid, command }) => `${pid} ${command}`)
				.join("; ")}`,
	});
}
