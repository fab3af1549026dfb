import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { engineOf } from "../../service/database/database.js";
import { type TestServiceOptions, testConfig } from "./service.js";
import { waitUntil } from "./wait.js";

const script = fileURLToPath(new URL("service-child.mjs", import.meta.url));

export interface ServiceProcess {
	readonly url: string;
	/** What it has written to its log so far, from `logLevel` on. */
	readonly log: readonly string[];
	/** What it holds on to: the octets of its heap after a garbage collection. */
	heapBytes(): Promise<number>;
	/** Ends it at once, as a power failure does, and waits until it is gone. */
	kill(): Promise<void>;
	/**
	 * Stops it in the middle of whatever it does, until {@link resume}; on SQLite in the middle of anything but a write,
	 * for there nobody writes until a stopped writer goes on (sqlite.org/lockingv3.html).
	 */
	pause(): Promise<void>;
	resume(): void;
	/** Lets it end by itself. */
	stop(): Promise<void>;
}

/**
 * The built service in a process of its own, on an existing database.
 * @throws Error with what the process wrote when it does not come up
 */
export async function startServiceProcess(
	options: Omit<TestServiceOptions, "database"> & {
		readonly location: string;
		/** How far its clock is ahead, in milliseconds. Default 0. */
		readonly clockOffsetMs?: number;
	},
): Promise<ServiceProcess> {
	const config = testConfig(options, options.location);
	const child = spawn(
		process.execPath,
		["--expose-gc", script, JSON.stringify(config), String(options.clockOffsetMs ?? 0)],
		{ stdio: ["ignore", "pipe", "pipe", "ipc"] },
	);
	const { stdout, stderr } = child;
	if (!stdout || !stderr) throw new Error("the service was started without pipes");
	const gone = once(child, "exit");
	let complaints = "";
	stderr.on("data", (text) => {
		complaints += String(text);
	});
	const log: string[] = [];
	const listening = Promise.withResolvers<string>();
	createInterface({ input: stdout }).on("line", (line) => {
		if (line.startsWith("{")) log.push(line);
		else listening.resolve(line);
	});
	const url = await Promise.race([
		listening.promise,
		gone.then(() => {
			throw new Error(`the service did not start (is it built? npx tsc -b): ${complaints.trim()}`);
		}),
	]);
	const end = async (signal: NodeJS.Signals) => {
		child.kill(signal);
		await gone;
	};
	return {
		url,
		log,
		async heapBytes() {
			const answer = once(child, "message");
			child.send("heap");
			return Number((await answer)[0]);
		},
		kill: () => end("SIGKILL"),
		async pause() {
			const unlock = engineOf(options.location) === "sqlite" ? lock(options.location) : () => {};
			try {
				child.kill("SIGSTOP");
				await waitUntil(() => isStopped(child.pid), { timeoutMs: 5_000, what: () => "stopped service" });
			} finally {
				unlock();
			}
		},
		resume: () => void child.kill("SIGCONT"),
		stop: () => end("SIGTERM"),
	};
}

/** Keeps all others from writing, until what it gives is called. */
function lock(path: string): () => void {
	const database = new DatabaseSync(path, { timeout: 5_000 });
	database.exec("begin immediate");
	return () => database.close();
}

async function isStopped(pid: number | undefined): Promise<boolean> {
	const { stdout } = await promisify(execFile)("ps", ["-o", "stat=", "-p", String(pid)]);
	return stdout.startsWith("T");
}
