import { spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { channelsEnv, channelsScript } from "../support/channels-command.js";
import { sharedEngine } from "../support/engine.js";
import type { Stage } from "../support/stage.js";
import { waitUntil } from "../support/wait.js";

const repository = resolve(import.meta.dirname, "../..");
const example = join(repository, "examples/gitops");

/** A step of a workflow that runs commands. */
interface Step {
	readonly run: string;
	readonly mayFail: boolean;
}

export interface JobEnd {
	/** That of the step that failed, or 0. */
	readonly code: number | null;
	readonly output: string;
}

/** The steps that a job runs itself, without those that set the machine up. */
export async function stepsOf(workflow: string): Promise<Step[]> {
	const { jobs } = parse(await readFile(join(example, `.github/workflows/${workflow}.yml`), "utf8")) as {
		jobs: Record<string, { steps: { run?: string; "continue-on-error"?: boolean }[] }>;
	};
	return Object.values(jobs)
		.flatMap(({ steps }) => steps)
		.flatMap(({ run, "continue-on-error": mayFail = false }) =>
			run === undefined ? [] : [{ run, mayFail }],
		);
}

/** A machine that runs the jobs of `examples/gitops`, set up as the workflows' first steps do. */
export class Runner implements AsyncDisposable {
	readonly #root: string;
	readonly #env: NodeJS.ProcessEnv;

	private constructor(root: string, env: NodeJS.ProcessEnv) {
		this.#root = root;
		this.#env = env;
	}

	static async start(stage: Pick<Stage, "sandbox" | "service" | "baseUrl">): Promise<Runner> {
		const root = await mkdtemp(join(tmpdir(), "pulumi-channels-runner-"));
		await mkdir(join(root, "backend"));
		await cp(example, join(root, "checkout"), { recursive: true });
		await symlink(join(repository, "node_modules"), join(root, "checkout/node_modules"));
		const engine = await sharedEngine();
		const env = engine.env({
			...channelsEnv(stage),
			PATH: process.env.PATH,
			PULUMI_HOME: join(root, "home"),
			PULUMI_BACKEND_URL: `file://${join(root, "backend")}`,
			PULUMI_CONFIG_PASSPHRASE: "test",
			PULUMI_STACK: "production",
		});
		return new Runner(root, env);
	}

	/** Runs a workflow's steps, as GitHub does: the first that fails is the last. */
	async job(workflow: string): Promise<JobEnd> {
		let output = "";
		for (const { run, mayFail } of await stepsOf(workflow)) {
			const end = await this.sh(run);
			output += end.output;
			if (end.code !== 0 && !mayFail) return { code: end.code, output };
		}
		return { code: 0, output };
	}

	async sh(command: string): Promise<JobEnd> {
		const { ended, output } = this.#start(command);
		return { code: await ended, output: output() };
	}

	/** Runs a command until a condition holds. Then the machine is gone, with all that ran on it. */
	async dieWhen(command: string, condition: (output: string) => boolean): Promise<void> {
		const { ended, output, pid } = this.#start(command);
		await waitUntil(() => condition(output()), {
			timeoutMs: 240_000,
			what: () => `moment to die, in the output:\n${output()}`,
		});
		process.kill(-pid, "SIGKILL");
		await ended;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await rm(this.#root, { recursive: true, force: true, maxRetries: 5 });
	}

	#start(command: string): { ended: Promise<number | null>; output: () => string; pid: number } {
		// In a clone npm links the command before it is compiled, and so not executable.
		const own = command.replace(/^npx channels /, `"${process.execPath}" "${channelsScript}" `);
		const child = spawn("bash", ["-e", "-c", own], {
			cwd: join(this.#root, "checkout"),
			env: this.#env,
			stdio: ["ignore", "pipe", "pipe"],
			detached: true,
		});
		let output = "";
		for (const stream of [child.stdout, child.stderr]) {
			stream.setEncoding("utf8").on("data", (text: string) => {
				output += text;
			});
		}
		const ended = new Promise<number | null>((settle, reject) => {
			child.once("error", reject);
			child.once("close", settle);
		});
		return { ended, output: () => output, pid: Number(child.pid) };
	}
}
