import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { expect } from "vitest";
import { apiOf } from "./channels-api.js";
import { sharedEngine } from "./engine.js";
import { freePort } from "./free-port.js";
import type { CodeBlock } from "./markdown.js";
import { createProject, type Project } from "./project.js";
import { notPrinted, shell } from "./shell.js";
import { type Stage, startStage } from "./stage.js";
import { waitUntil } from "./wait.js";

const repository = resolve(import.meta.dirname, "../..");

/** What the documents take for an example, and a reader replaces by what is his own. */
const examples = {
	workspaceId: "6f1a2c0e-5b1d-4c58-9a3e-0d6f0b7c9e11",
	setupId: "0b6f7f0e-6d0c-4c52-9d0c-5f5d3f1f7a11",
	serviceUrl: "http://127.0.0.1:8080",
	teamUrl: "https://channels.acme.com",
	dnsRole: { arn: "arn:aws:iam::123456789012:role/acme-dns", externalId: "acme-mail" },
	sesRole: { arn: "arn:aws:iam::123456789012:role/acme-ses" },
};

/** Follows a document in a project of its own, on a machine with an account everywhere. */
export class Reader implements AsyncDisposable {
	readonly #stage: Stage;
	readonly #project: Project;
	readonly #env: NodeJS.ProcessEnv;
	readonly #undo: AsyncDisposableStack;
	#written = false;
	#isEmbedded = false;

	/** @param isConfigured whether the stack has its account already, as a page may take for granted. */
	static async start({ isConfigured = false } = {}): Promise<Reader> {
		await using undo = new AsyncDisposableStack();
		const stage = await startStage({ sandbox: { roles: [examples.dnsRole, examples.sesRole] } });
		undo.use(stage);
		stage.sandbox.route53.createZone("acme.com");
		const env = {
			...stage.sandbox.env(),
			CHANNELS_BASE_URL: stage.baseUrl,
			// Stands for the reader who answers "yes".
			PULUMI_SKIP_CONFIRMATIONS: "true",
		};
		const { workspaceId, apiKey } = stage.service;
		const project = await createProject({
			name: "acme",
			env,
			awsPlugin: true,
			...(isConfigured && {
				config: { "channels:workspaceId": workspaceId },
				secretConfig: { "channels:apiKey": apiKey },
			}),
		});
		undo.use(project);
		const engine = await sharedEngine();
		const shellEnv = engine.env(project.env(), { awsPlugin: true });
		return new Reader(stage, project, shellEnv, undo.move());
	}

	private constructor(stage: Stage, project: Project, env: NodeJS.ProcessEnv, undo: AsyncDisposableStack) {
		this.#stage = stage;
		this.#project = project;
		this.#env = env;
		this.#undo = undo;
	}

	/** Does what the blocks say, in their order. */
	async follow(blocks: readonly CodeBlock[]): Promise<void> {
		for (const [index, { language, code, line }] of blocks.entries()) {
			switch (language) {
				case "sh":
					for (const command of code.split("\n")) await this.#run(command);
					break;
				case "ts":
					await this.#write(code, isDeployedBy(blocks.slice(index + 1)));
					break;
				case "console":
					await this.#compare(code);
					break;
				case "text":
				case "json":
					// What no command prints, or only for a moment: the tests of the documents look at these.
					break;
				default:
					throw new Error(`line ${line}: nobody knows how to try a block of "${language}"`);
			}
		}
	}

	/** What a reader of the state would see. */
	stateText(): Promise<string> {
		return this.#project.stateText();
	}

	/** Takes the ids of the stack's setup for those that a page has for an example. */
	async noteIds(): Promise<void> {
		const setup = (await this.#project.resources()).find(({ type }) => type.endsWith("channels:SesSetup"));
		this.#setup = { id: setup?.id ?? "", workspaceId: String(setup?.outputs?.workspaceId) };
	}

	/** What was asked of AWS and changes something there, in order. */
	changesInAws(): string[] {
		return (["sesv2", "route53"] as const)
			.flatMap((service) => this.#stage.sandbox.log.all({ service }))
			.map(({ operation }) => operation)
			.filter((operation) => !/^(Get|List)/.test(operation));
	}

	/** Puts a program in the place of the one before, whose resources go first. */
	async #write(program: string, isDeployedLater: boolean): Promise<void> {
		if (program.includes("setMocks")) return await this.#test(program);
		if (this.#written) await this.#project.destroy();
		await this.#prepare(program);
		await this.#project.replaceProgram(program);
		if (!isDeployedLater) await this.#project.up();
		this.#written = true;
	}

	/** A unit test runs by itself, without the engine. */
	async #test(program: string): Promise<void> {
		await this.#project.writeFiles({ "unit.test.ts": program });
		await this.#shell(`"${process.execPath}" unit.test.ts`);
	}

	/** What a program takes for granted. */
	async #prepare(program: string): Promise<void> {
		const { sandbox, service } = this.#stage;
		if (program.includes(examples.dnsRole.arn)) {
			// The zone is in the account of the role, and its domain has a DMARC policy already.
			for (const zone of sandbox.route53.allZones()) sandbox.route53.deleteZone(zone.id);
			const zone = sandbox.route53.createZone("acme.com", { account: "123456789012" });
			const values = ['"v=DMARC1; p=reject"'];
			sandbox.route53.put(zone.id, { name: "_dmarc.mail.acme.com", type: "TXT", values });
		} else if (program.includes("ChannelsProvider")) {
			for (const zone of sandbox.route53.allZones()) sandbox.route53.deleteZone(zone.id);
			sandbox.route53.createZone("acme.com");
			const workspaceId = randomUUID();
			const apiKey = await service.createKey({ workspaceId });
			await this.#project.pulumi(["config", "set", "salesWorkspaceId", workspaceId]);
			await this.#project.pulumi(["config", "set", "--secret", "salesApiKey", apiKey]);
		} else if (program.includes("adoptExisting")) {
			await this.#registerByHand();
		}
	}

	async #registerByHand(): Promise<void> {
		const names = { tenant_name: "acme-support", domain_identity: "mail.acme.com" };
		const { status } = await apiOf(this.#stage.service)("POST", "/channels/ses-setup", { json: names });
		expect(status).toBe(201);
	}

	async #run(command: string): Promise<void> {
		const [, api] = /(?:channels:api |CHANNELS_API=)(embedded|remote)$/.exec(command) ?? [];
		if (api !== undefined) this.#isEmbedded = api === "embedded";
		// Each would begin the tests anew, or needs a registry; the test of all commands looks at them.
		if (/^npm (start|test|install)( |$)/.test(command)) return;
		if (command.startsWith("npm run sandbox")) return await this.#sandbox(command);
		if (command.startsWith("npm run service")) return await this.#service(command);
		const [, name, value = ""] = /^export (\w+)=(.*)$/.exec(command) ?? [];
		if (name !== undefined) {
			this.#env[name] = value.replace(/^\$(\w+)$/, (_, other: string) => this.#env[other] ?? "");
			return;
		}
		if (/^(pulumi|npx channels|curl) /.test(command)) {
			await this.#shell(command);
			return;
		}
		throw new Error(`nobody knows how to try the command "${command}"`);
	}

	/** Runs the command as it stands, but for the values that are the reader's own. */
	async #shell(command: string): Promise<string> {
		const { apiKey, workspaceId } = this.#account();
		const own = this.#withIds(command)
			.replaceAll(examples.workspaceId, workspaceId)
			// In a clone npm links the command before it is compiled, and so not executable.
			.replace(/^npx channels /, `"${process.execPath}" "${join(repository, "dist/cli/main.js")}" `)
			.replaceAll(examples.serviceUrl, this.#serviceUrl ?? examples.serviceUrl)
			.replaceAll(examples.teamUrl, this.#serviceUrl ?? this.#stage.baseUrl);
		const { code, output } = await shell(own, {
			cwd: this.#project.directory,
			// Who uses the API in the provider has no account of another.
			env: this.#isEmbedded
				? this.#env
				: { ...this.#env, CHANNELS_API_KEY: apiKey, CHANNELS_WORKSPACE_ID: workspaceId },
			// Pulumi and nobody else asks for something here: the value of a secret.
			input: apiKey,
		});
		if (code !== 0) throw new Error(`${command} failed with exit code ${code}:\n${output}`);
		return output;
	}

	#setup: { id: string; workspaceId: string } | undefined;

	#withIds(command: string): string {
		if (this.#setup === undefined) return command;
		const { id, workspaceId } = this.#setup;
		return command.replaceAll(examples.setupId, id).replaceAll(examples.workspaceId, workspaceId);
	}

	/** Of the service that the page has started, once it has made a key there. */
	#account(): { apiKey: string; workspaceId: string } {
		return this.#madeKey === undefined
			? this.#stage.service
			: { apiKey: this.#madeKey, workspaceId: examples.workspaceId };
	}

	/** A sandbox of its own, to whose environment the reader's changes. */
	async #sandbox(command: string): Promise<void> {
		const zones = command.replace(/^npm run sandbox( -- )?/, "").split(" ");
		const main = join(repository, "sandbox/dist/main.js");
		const sandbox = spawn(process.execPath, [main, ...zones], { stdio: ["ignore", "pipe", "inherit"] });
		this.#stopLater(sandbox);
		let output = "";
		sandbox.stdout.setEncoding("utf8").on("data", (text: string) => {
			output += text;
		});
		const last = /^export CHANNELS_DNS_SERVERS=\S+\n/m;
		await waitUntil(() => last.test(output), { timeoutMs: 30_000, what: () => output });
		for (const line of output.split("\n").filter((line) => line.startsWith("export "))) await this.#run(line);
	}

	#stopLater(child: ChildProcess): void {
		this.#undo.defer(async () => {
			const gone = once(child, "exit");
			child.kill("SIGTERM");
			await gone;
		});
	}

	#madeKey: string | undefined;
	#serviceUrl: string | undefined;
	#servicePort: number | undefined;

	/** The compiled service itself: npm's script only looks before whether it is installed and compiled. */
	async #service(command: string): Promise<void> {
		const args = this.#withIds(command).replace(/^npm run service( -- )?/, "");
		this.#servicePort ??= await freePort();
		const port = this.#servicePort;
		const env = {
			CHANNELS_API_DNS_SERVERS: this.#stage.sandbox.dns.authoritative,
			...this.#env,
			CHANNELS_API_PORT: String(port),
			CHANNELS_API_DATABASE: join(this.#project.directory, "service.db"),
		};
		const main = join(repository, "service/dist/main.js");
		if (args !== "") {
			const { code, output } = await shell(`"${process.execPath}" "${main}" ${args}`, {
				cwd: this.#project.directory,
				env,
				input: "",
			});
			expect(code, output).toBe(0);
			this.#madeKey = /^ck_\S+$/m.exec(output)?.[0] ?? this.#madeKey;
			return;
		}
		const server = spawn(process.execPath, [main], { env, stdio: "ignore" });
		this.#stopLater(server);
		const url = `http://127.0.0.1:${port}`;
		const answers = async () => {
			try {
				return (await fetch(`${url}/readyz`)).ok;
			} catch {
				return false;
			}
		};
		await waitUntil(answers, { timeoutMs: 30_000, what: () => `an answer of ${url}` });
		this.#serviceUrl = url;
	}

	/** Runs the command of the first line; the other lines are what it prints, but for times and the tree. */
	async #compare(block: string): Promise<void> {
		const [first = "", ...shown] = block.split("\n");
		const command = first.replace(/^\$ /, "");
		expect(notPrinted(shown, await this.#shell(command))).toEqual([]);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#undo.disposeAsync();
	}
}

/** Whether a command that follows deploys a program, before another one takes its place. */
function isDeployedBy(blocks: readonly CodeBlock[]): boolean {
	const next = blocks.findIndex(({ language }) => language === "ts");
	return (next < 0 ? blocks : blocks.slice(0, next)).some(({ code }) => /^(\$ )?pulumi up/m.test(code));
}
