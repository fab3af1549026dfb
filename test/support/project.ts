import { rmSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import type { Engine } from "../../sandbox/engine/index.js";
import { sharedEngine } from "./engine.js";
import { changesOf, readEvents, type Step, stepsOf } from "./events.js";
import { RunningCommand } from "./running-command.js";

const repository = resolve(import.meta.dirname, "../..");
const compileCache = join(import.meta.dirname, "compile-cache.cjs");
const COMMAND_DEADLINE_MS = 240_000;

export interface ProjectOptions {
	/** The project's name. Default `test`. */
	name?: string;
	/** The stack's name. Default `dev`. */
	stack?: string;
	/** The project's folder, with a package.json and packages of its own. Default: a new one, with the repository's. */
	directory?: string;
	/** `index.ts`: an ES module in TypeScript that Node.js itself can strip (no enums, no namespaces). */
	program?: string;
	/** More files, by their path in the project. They win over what is written by default. */
	files?: Record<string, string>;
	/** More of Pulumi.yaml, for example `main`. */
	project?: Record<string, unknown>;
	/** The options of the Node.js runtime. Default `{ typescript: false }`: Node.js strips the types. */
	runtimeOptions?: Record<string, unknown>;
	config?: Record<string, string>;
	secretConfig?: Record<string, string>;
	/** The environment of every command, over that of the engine. */
	env?: NodeJS.ProcessEnv;
	/** Put the stand-in for the AWS plugin on PATH. Default false. */
	awsPlugin?: boolean;
}

export interface CommandOptions {
	/** More arguments, at the end. */
	args?: readonly string[];
	env?: NodeJS.ProcessEnv;
	/** Aborting is one ^C. */
	signal?: AbortSignal;
	/** When it is stopped as by ^C, in milliseconds. Default: four minutes. */
	deadlineMs?: number;
	onOutput?: (text: string) => void;
	/** The command must fail: succeeding is then the error. Default false. */
	expectFailure?: boolean;
}

export interface CommandResult {
	readonly code: number;
	readonly stdout: string;
	readonly stderr: string;
	/** Both streams as they came. */
	readonly all: string;
}

/** The result of a command that works on resources. */
export interface OperationResult extends CommandResult {
	readonly events: readonly EngineEvent[];
	readonly steps: readonly Step[];
	/** The steps that change something: `[]` where there was nothing to do. */
	readonly changes: readonly Step[];
}

/** A resource in a state, as far as tests look at it. */
export interface StateResource {
	readonly urn: string;
	readonly type: string;
	readonly id?: string;
	readonly inputs?: Record<string, unknown>;
	readonly outputs?: Record<string, unknown>;
	readonly parent?: string;
	readonly provider?: string;
	readonly protect?: boolean;
	readonly retainOnDelete?: boolean;
	readonly deletedWith?: string;
	readonly initErrors?: readonly string[];
	readonly dependencies?: readonly string[];
}

export interface Deployment {
	version: number;
	deployment: {
		resources?: StateResource[];
		pending_operations?: { resource: StateResource; type: string }[];
	};
}

/** A stack without resources, to be copied: making one takes the CLI two commands. */
interface EmptyStack {
	/** A copy of its backend's folder. */
	readonly backend: string;
	readonly settings: string;
}

/** By all that goes into one. */
const emptyStacks = new Map<string, Promise<EmptyStack>>();

/** Marks a secret in a state (`SecretSig` of Pulumi's resource package). */
const secretSignature = "4dabf18193072939515e22adb298388d";

/** Makes a Pulumi project with a stack in a temporary folder, on the real CLI and a file backend. */
export async function createProject(options: ProjectOptions = {}): Promise<Project> {
	const engine = await sharedEngine();
	const root = await mkdtemp(join(tmpdir(), "pulumi-channels-test-"));
	const project = new Project(engine, root, options);
	await project.initialise();
	return project;
}

export class Project {
	/** The folder of Pulumi.yaml. */
	readonly directory: string;
	readonly stack: string;
	readonly name: string;
	readonly #root: string;
	readonly #engine: Engine;
	readonly #options: ProjectOptions;
	readonly #running: RunningCommand[] = [];
	#eventLogs = 0;

	constructor(engine: Engine, root: string, options: ProjectOptions) {
		this.#engine = engine;
		this.#root = root;
		this.#options = options;
		this.directory = options.directory ?? join(root, "project");
		this.name = options.name ?? "test";
		this.stack = options.stack ?? "dev";
	}

	/** Writes the project and makes its stack. Called by `createProject`. */
	async initialise(): Promise<void> {
		const { program, files, directory } = this.#options;
		if (directory === undefined) {
			await mkdir(this.directory);
			await symlink(join(repository, "node_modules"), join(this.directory, "node_modules"));
			await this.writeFiles({ "package.json": JSON.stringify({ type: "module", main: "index.ts" }) });
		}
		await this.writeFiles({
			// JSON is YAML.
			"Pulumi.yaml": JSON.stringify({
				name: this.name,
				runtime: { name: "nodejs", options: this.#options.runtimeOptions ?? { typescript: false } },
				...this.#options.project,
			}),
			...(program === undefined ? {} : { "index.ts": program }),
			...files,
		});
		const { config = {}, secretConfig = {} } = this.#options;
		const alike = JSON.stringify([this.name, this.stack, config, secretConfig]);
		const known = emptyStacks.get(alike);
		if (known) return await this.#copyStack(await known);
		const made = this.#makeStack(config, secretConfig);
		emptyStacks.set(alike, made);
		await made;
	}

	async #makeStack(
		config: Record<string, string>,
		secretConfig: Record<string, string>,
	): Promise<EmptyStack> {
		await mkdir(this.#backend);
		await this.pulumi(["stack", "init", this.stack]);
		const settings = [
			...Object.entries(config).flatMap(([key, value]) => ["--plaintext", `${key}=${value}`]),
			...Object.entries(secretConfig).flatMap(([key, value]) => ["--secret", `${key}=${value}`]),
		];
		if (settings.length > 0) await this.pulumi(["config", "set-all", ...settings]);
		const backend = await mkdtemp(join(tmpdir(), "pulumi-channels-stack-"));
		process.once("exit", () => rmSync(backend, { recursive: true, force: true }));
		await cp(this.#backend, backend, { recursive: true });
		return { backend, settings: await readFile(this.#settingsFile, "utf8") };
	}

	async #copyStack({ backend, settings }: EmptyStack): Promise<void> {
		await cp(backend, this.#backend, { recursive: true });
		await writeFile(this.#settingsFile, settings);
	}

	get #backend(): string {
		return join(this.#root, "backend");
	}

	/** Where the stack's configuration stands, and the salt of its secrets. */
	get #settingsFile(): string {
		return join(this.directory, `Pulumi.${this.stack}.yaml`);
	}

	up(options?: CommandOptions): Promise<OperationResult> {
		return this.#operation(["up", "--yes", "--skip-preview"], options);
	}

	preview(options?: CommandOptions): Promise<OperationResult> {
		return this.#operation(["preview", "--diff"], options);
	}

	refresh(options?: CommandOptions): Promise<OperationResult> {
		return this.#operation(["refresh", "--yes", "--skip-preview"], options);
	}

	destroy(options?: CommandOptions): Promise<OperationResult> {
		return this.#operation(["destroy", "--yes", "--skip-preview"], options);
	}

	/** `pulumi import --file`, of the given resources. */
	async import(resources: unknown, options?: CommandOptions): Promise<OperationResult> {
		const file = join(this.#root, "import.json");
		await writeFile(file, JSON.stringify(resources));
		return await this.#operation(
			["import", "--file", file, "--generate-code=false", "--yes", "--skip-preview"],
			options,
		);
	}

	/** Unlocks the stack after a CLI was killed. */
	cancel(options?: CommandOptions): Promise<CommandResult> {
		return this.pulumi(["cancel", "--yes"], options);
	}

	/** Any command of the CLI in the project's folder. @throws {Error} with all its output when it fails. */
	async pulumi(command: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
		const running = await this.start([...command, ...(options.args ?? [])], options);
		const { code, stdout, stderr } = await running.result;
		const all = running.output();
		if ((code !== 0) !== (options.expectFailure ?? false)) {
			const how = code === 0 ? "succeeded where it should fail" : `failed with exit code ${code}`;
			throw new Error(`pulumi ${command.join(" ")} ${how}:\n${all}`);
		}
		return { code, stdout, stderr, all };
	}

	/** Starts a command and leaves it running. */
	async start(command: readonly string[], options: CommandOptions = {}): Promise<RunningCommand> {
		let output = "";
		const deadline = AbortSignal.timeout(options.deadlineMs ?? COMMAND_DEADLINE_MS);
		const running = new RunningCommand(
			await this.#engine.start(["--non-interactive", "--color=never", ...command], {
				cwd: this.directory,
				env: this.env(options.env),
				awsPlugin: this.#options.awsPlugin ?? false,
				signal: options.signal === undefined ? deadline : AbortSignal.any([options.signal, deadline]),
				graceMs: 60_000,
				onOutput: (text) => {
					output += text;
					options.onOutput?.(text);
				},
			}),
			() => output,
		);
		this.#running.push(running);
		return running;
	}

	/** What the project's commands have in their environment beside that of the engine. */
	env(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
		return {
			PULUMI_BACKEND_URL: `file://${this.#backend}`,
			PULUMI_STACK: this.stack,
			PULUMI_CONFIG_PASSPHRASE: "test",
			PULUMI_HOME: join(this.#root, "home"),
			// Allows --event-log.
			PULUMI_DEBUG_COMMANDS: "true",
			NODE_OPTIONS: `--require ${JSON.stringify(compileCache)}`,
			...this.#options.env,
			...extra,
		};
	}

	/** Writes files, by their path in the project. */
	async writeFiles(files: Record<string, string>): Promise<void> {
		for (const [path, content] of Object.entries(files)) {
			const file = join(this.directory, path);
			await mkdir(dirname(file), { recursive: true });
			await writeFile(file, content);
		}
	}

	/** Replaces `index.ts`. */
	async replaceProgram(program: string): Promise<void> {
		await this.writeFiles({ "index.ts": program });
	}

	/** The stack's outputs; secrets in clear with `showSecrets`. */
	async outputs({ showSecrets = false } = {}): Promise<Record<string, unknown>> {
		if (showSecrets) {
			const { stdout } = await this.pulumi(["stack", "output", "--json", "--show-secrets"]);
			return JSON.parse(stdout) as Record<string, unknown>;
		}
		const stack = (await this.resources()).find(({ type }) => type === "pulumi:pulumi:Stack");
		return Object.fromEntries(
			Object.entries(stack?.outputs ?? {}).map(([name, value]) => [
				name,
				JSON.stringify(value).includes(secretSignature) ? "[secret]" : value,
			]),
		);
	}

	/** The state's file as it stands: what a reader of the backend would see. */
	async stateText(): Promise<string> {
		const file = join(this.#root, "backend/.pulumi/stacks", this.name, `${this.stack}.json`);
		return await readFile(file, "utf8");
	}

	/** The resources in the state, secrets still encrypted. */
	async resources(): Promise<StateResource[]> {
		const { checkpoint } = JSON.parse(await this.stateText()) as {
			checkpoint: { latest?: { resources?: StateResource[] } };
		};
		return checkpoint.latest?.resources ?? [];
	}

	async stateExport(): Promise<Deployment> {
		const { stdout } = await this.pulumi(["stack", "export"]);
		return JSON.parse(stdout) as Deployment;
	}

	async stateImport(deployment: Deployment): Promise<void> {
		const file = join(this.#root, "state.json");
		await writeFile(file, JSON.stringify(deployment));
		await this.pulumi(["stack", "import", "--file", file]);
	}

	/** Ends what is still running and removes the folder. Resources are left as they are. */
	async dispose(): Promise<void> {
		await Promise.all(this.#running.map((running) => running.dispose()));
		await rm(this.#root, { recursive: true, force: true, maxRetries: 5 });
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.dispose();
	}

	async #operation(command: readonly string[], options?: CommandOptions): Promise<OperationResult> {
		this.#eventLogs += 1;
		const log = join(this.#root, `events-${this.#eventLogs}.json`);
		const result = await this.pulumi([...command, "--event-log", log], options);
		const events = await readEvents(log);
		const steps = stepsOf(events);
		return { ...result, events, steps, changes: changesOf(steps) };
	}
}
