import { execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { access, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { recordCheck } from "../../dns/check.js";
import { progressLine } from "../../provider/core/verification/wait-report.js";
import type { WaitState } from "../../provider/core/verification/wait-state.js";
import { apiOf } from "../support/channels-api.js";
import { sharedEngine } from "../support/engine.js";
import { type CodeBlock, codeBlocks, codeSpans, firstCells } from "../support/markdown.js";
import { createProject, type Project } from "../support/project.js";
import { notPrinted, shell } from "../support/shell.js";
import { type Stage, startStage } from "../support/stage.js";
import { waitUntil } from "../support/wait.js";

const repository = resolve(import.meta.dirname, "../..");
const readme = await readFile(join(repository, "README.md"), "utf8");
const blocks = codeBlocks(readme);
const programs = blocks.filter(({ language }) => language === "ts");

const examples = {
	workspaceId: "6f1a2c0e-5b1d-4c58-9a3e-0d6f0b7c9e11",
	serviceUrl: "http://127.0.0.1:8080",
	dnsRole: { arn: "arn:aws:iam::123456789012:role/acme-dns", externalId: "acme-mail" },
};

test("every program of the README, and of the page on resource options, type-checks", async () => {
	const folder = await mkdtemp(join(tmpdir(), "pulumi-channels-readme-"));
	try {
		await symlink(join(repository, "node_modules"), join(folder, "node_modules"));
		const page = codeBlocks(await readFile(join(repository, "docs/resource-options.md"), "utf8"));
		for (const [name, all] of Object.entries({ readme: programs, page })) {
			for (const { line, code } of all.filter(({ language }) => language === "ts"))
				await writeFile(join(folder, `${name}-${line}.ts`), code);
		}
		const options = { target: "es2022", module: "nodenext", strict: true, skipLibCheck: true, noEmit: true };
		await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options }));
		const tsc = join(repository, "node_modules/typescript/bin/tsc");
		const { stdout } = await promisify(execFile)(process.execPath, [tsc, "-p", folder]).catch(
			(error) => error,
		);
		expect(stdout).toBe("");
		expect(programs.length).toBeGreaterThan(0);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
});

test("every command of the service's page works", async () => {
	await using reader = await Reader.start();
	for (const block of codeBlocks(await readFile(join(repository, "docs/service.md"), "utf8"))) {
		await reader.follow(block);
	}
	expect(reader.commands.size).toBeGreaterThan(0);
});

// Some twenty runs of the CLI, one after the other.
test("every command and program of the README works, in the order of the page", {
	timeout: 600_000,
}, async () => {
	await using reader = await Reader.start();
	for (const block of blocks) await reader.follow(block);
	// What the prose tells to run has stood in a block, and so was run.
	const told = codeSpans(readme).filter((code) => /^(pulumi|npm|npx) [a-z]/.test(code));
	expect(told.filter((command) => !reader.commands.has(command))).toEqual([]);
});

test.each([
	"README.md",
	"CONTRIBUTING.md",
	"docs/install.md",
	"docs/route53.md",
	"docs/resource-options.md",
	"docs/service.md",
	"examples/README.md",
])("the links of %s lead to files of the repository", async (page) => {
	const text = await readFile(join(repository, page), "utf8");
	const links = [...text.matchAll(/\]\(([^)#]+)(#[^)]*)?\)/g)].map(([, path = ""]) => path);
	for (const link of links.filter((link) => !/^https?:/.test(link))) {
		await expect(access(join(repository, dirname(page), link)), link).resolves.toBeUndefined();
	}
});

test("the README's tables name every argument, and no other", async () => {
	const source = await readFile(join(repository, "provider/args.ts"), "utf8");
	const fieldsOf = (type: string) => {
		const [, body = ""] = new RegExp(`interface ${type} \\{\n(.*?)\n\\}`, "s").exec(source) ?? [];
		return [...body.matchAll(/^\t(\w+)\??:/gm)].map(([, name]) => name);
	};
	expect(firstCells(readme, "argument")).toEqual([fieldsOf("SesSetupArgs")]);
	expect(firstCells(readme, "field")).toEqual([fieldsOf("Route53Args"), fieldsOf("WaitArgs")]);
});

test.each([
	["README.md", "provider/core/settings/settings.ts", /"(CHANNELS_[A-Z_]+)"/g],
	["docs/service.md", "service/operations/config.ts", /"(CHANNELS_API_[A-Z_]+)"/g],
])("%s names every environment variable of %s, and no other", async (page, source, pattern) => {
	const text = await readFile(join(repository, page), "utf8");
	const named = [...text.matchAll(/`(CHANNELS_[A-Z_]+)`/g)].map(([, name]) => name);
	const code = await readFile(join(repository, source), "utf8");
	const read = [...code.matchAll(pattern)].map(([, name]) => name);
	expect(read.length).toBeGreaterThan(0);
	expect([...new Set(named)].sort()).toEqual([...new Set(read)].sort());
});

test("the README's progress line is one that a wait shows", () => {
	const domain = "mail.acme.com";
	const records = [
		...["a", "b", "c"].map((token) => ({
			address: `${token}._domainkey.${domain}`,
			type: "CNAME" as const,
			record: `${token}.dkim.amazonses.com`,
		})),
		{ address: domain, type: "MX" as const, record: "10 inbound-smtp.us-east-1.amazonaws.com" },
		{ address: `_dmarc.${domain}`, type: "TXT" as const, record: "v=DMARC1; p=none" },
	];
	const seen = records.filter(({ type }) => type !== "MX");
	const servers = [{ server: "ns-1.example.net", state: "found" as const, found: [] }];
	const state: WaitState = {
		records,
		needed: records,
		checks: new Map(seen.map((record) => [record, recordCheck(record, { servers })])),
		findings: new Map(),
		view: undefined,
		unsettled: undefined,
		setup: undefined,
		failure: undefined,
		remembersUntil: undefined,
		waitsAtOnce: 1,
		slots: 8,
	};
	const shown = blocks.filter(({ language }) => language === "text").map(({ code }) => code);
	expect(shown).toEqual([progressLine(state, 18 * 60_000, 0)]);
});

/** Follows the README in a project of its own, on a machine with an account everywhere. */
class Reader implements AsyncDisposable {
	readonly commands = new Set<string>();
	readonly #stage: Stage;
	readonly #project: Project;
	readonly #env: NodeJS.ProcessEnv;
	readonly #undo: AsyncDisposableStack;
	#deployed = false;

	static async start(): Promise<Reader> {
		await using undo = new AsyncDisposableStack();
		const stage = await startStage({ sandbox: { roles: [examples.dnsRole] } });
		undo.use(stage);
		stage.sandbox.route53.createZone("acme.com");
		const env = {
			...stage.sandbox.env(),
			CHANNELS_BASE_URL: stage.baseUrl,
			// Stands for the reader who answers "yes".
			PULUMI_SKIP_CONFIRMATIONS: "true",
		};
		const project = await createProject({ name: "acme", env, awsPlugin: true });
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

	async follow({ language, code, line }: CodeBlock): Promise<void> {
		switch (language) {
			case "sh":
				for (const command of code.split("\n")) await this.#run(command);
				return;
			case "ts":
				return await this.#write(code);
			case "console":
				return await this.#compare(code);
			case "text":
				// What is shown for a moment only, by no command: see the test of the progress line.
				return;
			default:
				throw new Error(`line ${line}: nobody knows how to try a block of "${language}"`);
		}
	}

	/** Puts a program in the place of the one before, whose resources go first, and deploys it. */
	async #write(program: string): Promise<void> {
		if (this.#deployed) await this.#project.destroy();
		await this.#prepare(program);
		await this.#project.replaceProgram(program);
		// The first program is deployed by the block that shows what `pulumi up` prints.
		if (this.#deployed) await this.#project.up();
		this.#deployed = true;
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
		this.commands.add(command);
		if (command.includes("import-file")) await this.#registerByHand();
		if (command.startsWith("npm install ")) return await this.#checkInstall(command);
		if (/^npm (start|test)( |$)/.test(command)) return await this.#checkScript(command);
		if (command.startsWith("npm run service")) return await this.#service(command);
		if (/^(pulumi|npx channels|curl) /.test(command)) {
			await this.#shell(command);
			return;
		}
		throw new Error(`nobody knows how to try the command "${command}"`);
	}

	/** Runs the command as it stands, but for the values that are the reader's own. */
	async #shell(command: string): Promise<string> {
		const { apiKey, workspaceId } = this.#stage.service;
		const own = command
			.replaceAll(examples.workspaceId, workspaceId)
			// In a clone npm links the command before it is compiled, and so not executable.
			.replace(/^npx channels /, `"${process.execPath}" "${join(repository, "dist/cli/main.js")}" `)
			.replaceAll(examples.serviceUrl, this.#serviceUrl ?? examples.serviceUrl);
		const { code, output } = await shell(own, {
			cwd: this.#project.directory,
			env: { ...this.#env, CHANNELS_API_KEY: apiKey, CHANNELS_WORKSPACE_ID: workspaceId },
			// Pulumi and nobody else asks for something here: the value of a secret.
			input: apiKey,
		});
		if (code !== 0) throw new Error(`${command} failed with exit code ${code}:\n${output}`);
		return output;
	}

	/** Installing from a tarball is tried by the tests of the package; here, that the names are right. */
	async #checkInstall(command: string): Promise<void> {
		const { name, peerDependencies } = JSON.parse(await readFile(join(repository, "package.json"), "utf8"));
		const known = [name, ...Object.keys(peerDependencies)];
		expect(known).toEqual(expect.arrayContaining(command.split(" ").slice(2)));
	}

	/** Each would start this test again; what they do has tests of its own. */
	async #checkScript(command: string): Promise<void> {
		const [, script = ""] = command.split(" ");
		const { scripts } = JSON.parse(await readFile(join(repository, "package.json"), "utf8"));
		expect(scripts[script]).toContain(`scripts/run.mjs ${script}`);
		await expect(readFile(join(repository, `scripts/${script}.mts`), "utf8")).resolves.toBeTruthy();
	}

	#serviceUrl: string | undefined;
	#servicePort: number | undefined;

	/** The compiled service itself: npm's script only looks before whether it is installed and compiled. */
	async #service(command: string): Promise<void> {
		const args = command.replace(/^npm run service( -- )?/, "");
		this.#servicePort ??= await freePort();
		const port = this.#servicePort;
		const env = {
			...this.#env,
			CHANNELS_API_PORT: String(port),
			CHANNELS_API_DATABASE: join(this.#project.directory, "service.db"),
			CHANNELS_API_DNS_SERVERS: this.#stage.sandbox.dns.authoritative,
		};
		const main = join(repository, "service/dist/main.js");
		if (args !== "") {
			const { code, output } = await shell(`"${process.execPath}" "${main}" ${args}`, {
				cwd: repository,
				env,
				input: "",
			});
			expect(code, output).toBe(0);
			return;
		}
		const server = spawn(process.execPath, [main], { env, stdio: "ignore" });
		this.#undo.defer(async () => {
			const gone = new Promise((resolve) => server.once("exit", resolve));
			server.kill("SIGTERM");
			await gone;
		});
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
		this.commands.add(command);
		expect(notPrinted(shown, await this.#shell(command))).toEqual([]);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#undo.disposeAsync();
	}
}

function freePort(): Promise<number> {
	return new Promise((resolve, reject) => {
		const probe = createServer();
		probe.once("error", reject);
		probe.listen(0, "127.0.0.1", () => {
			const address = probe.address();
			probe.close(() => (typeof address === "object" && address ? resolve(address.port) : reject(address)));
		});
	});
}
