import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { defaultAccount, type Sandbox, sandboxAccount, startSandbox } from "../../sandbox/index.js";
import type { SesSetupDetailResponse } from "../../sdk/index.js";
import { createApiKey, permissions } from "../../service/index.js";
import { type Api, apiOf } from "../support/channels-api.js";
import { waitUntil } from "../support/wait.js";

const main = fileURLToPath(new URL("../../service/dist/main.js", import.meta.url));

const elsewhere = sandboxAccount("444455556666");

let sandbox: Sandbox;
let folder: string;
let environment: Record<string, string>;

beforeAll(async () => {
	sandbox = await startSandbox({ accounts: [defaultAccount, elsewhere] });
	folder = await mkdtemp(join(tmpdir(), "channels-command-"));
	environment = {
		...sandbox.env(),
		PATH: process.env.PATH ?? "",
		HOME: folder,
		CHANNELS_API_PORT: "0",
		CHANNELS_API_DATABASE: join(folder, "channels.db"),
		CHANNELS_API_DNS_SERVERS: sandbox.dns.authoritative,
	};
});
afterAll(async () => {
	await rm(folder, { recursive: true, force: true });
	await sandbox?.close();
});

interface Ended {
	readonly code: number;
	readonly stdout: string;
	readonly stderr: string;
}

function run(args: string[], env: Record<string, string> = {}): Promise<Ended> {
	return new Promise((resolve) => {
		const options = { env: { ...environment, ...env }, cwd: folder, timeout: 20_000 };
		execFile(process.execPath, [main, ...args], options, (error, stdout, stderr) => {
			resolve({ code: typeof error?.code === "number" ? error.code : error ? -1 : 0, stdout, stderr });
		});
	});
}

/** Starts serving; the log goes on being collected. */
async function serve(
	env: Record<string, string> = {},
): Promise<{ child: ChildProcess; url: string; log: () => string }> {
	const child = spawn(process.execPath, [main, "serve"], {
		env: { ...environment, ...env },
		cwd: folder,
		stdio: ["ignore", "pipe", "inherit"],
	});
	const lines: string[] = [];
	const url = await new Promise<string>((resolve, reject) => {
		child.once("exit", (code) => reject(new Error(`ended with ${code}`)));
		createInterface({ input: child.stdout }).on("line", (line) => {
			lines.push(line);
			const entry = JSON.parse(line) as { url?: string };
			if (entry.url !== undefined) resolve(entry.url);
		});
	});
	return { child, url, log: () => lines.join("\n") };
}

describe("channels-api keys", () => {
	it("shows a new key once, on its standard output alone, and stores its hash", async () => {
		const workspaceId = randomUUID();
		const made = await run(["keys", "create", "--workspace", workspaceId, "--permission", "Channel.view"]);
		expect([made.code, made.stdout]).toEqual([0, expect.stringMatching(/^ck_[A-Za-z0-9_-]{43}\n$/)]);
		const key = made.stdout.trim();
		expect(made.stderr).not.toContain(key);
		const listed = await run(["keys", "list"]);
		expect(listed.stdout).toContain(`workspace ${workspaceId} Channel.view made `);
		expect(listed.stdout).not.toContain(key);
		expect((await readFile(join(folder, "channels.db"))).includes(key)).toBe(false);

		const id =
			listed.stdout
				.split("\n")
				.find((line) => line.includes(workspaceId))
				?.split(" ")[0] ?? "";
		expect(await run(["keys", "revoke", id])).toMatchObject({ code: 0 });
		expect((await run(["keys", "list"])).stdout).toMatch(new RegExp(`${id}.* revoked 2`));
		expect(await run(["keys", "revoke", id])).toMatchObject({
			code: 1,
			stderr: expect.stringMatching(/ \[option-invalid\]\n$/),
		});
	});

	it.each<[string[], string]>([
		[["keys", "create"], "--workspace"],
		[["keys", "create", "--workspace", "acme"], "A workspace is a UUID"],
		[["keys", "create", "--workspace", randomUUID(), "--permission", "all"], "Channel.create, Channel.view"],
		[["keys", "revoke"], "id"],
		[["sing"], "sing"],
	])("%j fails and says why", { tags: ["all"] }, async (args, reason) => {
		const { code, stdout, stderr } = await run(args);
		expect(code).not.toBe(0);
		expect(stdout).toBe("");
		expect(stderr).toContain(reason);
		expect(stderr).toMatch(/ \[option-invalid\]$/m);
		expect(stderr).not.toContain("    at ");
	});
});

describe("channels-api serve", () => {
	it("serves until SIGTERM, with a log that has request ids and no key", async () => {
		const workspaceId = randomUUID();
		const apiKey = (await run(["keys", "create", "--workspace", workspaceId])).stdout.trim();
		const { child, url, log } = await serve();
		const exited = once(child, "exit");
		const api = apiOf({ url, apiKey, workspaceId });
		const made = await api("POST", "/channels/ses-setup", {
			json: { tenant_name: "acme", domain_identity: "mail.acme.com" },
		});
		expect(made.status).toBe(201);
		child.kill("SIGTERM");
		expect(await exited).toEqual([0, null]);
		const entry = log()
			.split("\n")
			.map((line) => JSON.parse(line) as Record<string, unknown>)
			.find(({ requestId }) => requestId === made.headers.get("x-request-id"));
		expect(entry).toMatchObject({ method: "POST", status: 201, msg: "request" });
		expect(log()).not.toContain(apiKey);
	});

	it("without AWS credentials says so at once and is not ready, and what to set", async () => {
		const { child, url, log } = await serve({ AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" });
		try {
			const answer = await fetch(`${url}/readyz`);
			expect([answer.status, answer.headers.get("channels-error-code"), await answer.json()]).toEqual([
				503,
				"upstream-denied",
				{ detail: expect.stringContaining("AWS_ACCESS_KEY_ID") },
			]);
			expect(log()).toMatch(/"level":40.*"code":"upstream-denied".*AWS_ACCESS_KEY_ID/i);
			const logged = () => /"status":503,"code":"upstream-denied".*"msg":"request"/.test(log());
			await waitUntil(logged, { timeoutMs: 10_000, what: () => "the code in the request's line" });
			expect((await fetch(`${url}/healthz`)).status).toBe(200);
		} finally {
			const exited = once(child, "exit");
			child.kill("SIGTERM");
			await exited;
		}
	});

	it.each<[string, Record<string, string>, string, string]>([
		["a setting that is wrong", { CHANNELS_API_PORT: "many" }, "CHANNELS_API_PORT", "setting-invalid"],
		["a region that receives no mail", { AWS_REGION: "us-gov-east-1" }, "us-gov-east-1", "region-not-usable"],
		["no region", { AWS_REGION: "" }, "AWS_REGION", "region-not-usable"],
		[
			"a database that cannot be opened",
			{ CHANNELS_API_DATABASE: "/nowhere/channels.db" },
			"/nowhere/channels.db",
			"database-not-opened",
		],
		[
			"a database server that is not there",
			{ CHANNELS_API_DATABASE: "postgres://a:secret@127.0.0.1:1/x" },
			"127.0.0.1:1",
			"database-not-opened",
		],
	])("ends with one line for %s", { tags: ["all"] }, async (_, env, reason, kind) => {
		const { code, stderr } = await run(["serve"], env);
		expect(code).toBe(1);
		expect(stderr.trim().split("\n")).toHaveLength(1);
		expect(stderr).toContain(reason);
		expect(stderr.endsWith(` [${kind}]\n`)).toBe(true);
		expect(stderr).not.toContain("secret");
	});

	it("ends with one line for a port that is taken", { tags: ["all"] }, async () => {
		const taken = createServer().listen(0, "127.0.0.1");
		await once(taken, "listening");
		const address = taken.address();
		const port = typeof address === "object" && address ? String(address.port) : "";
		const { code, stderr } = await run(["serve"], { CHANNELS_API_PORT: port });
		expect([code, stderr]).toEqual([1, expect.stringMatching(`${port}.* \\[cannot-listen\\]\n$`)]);
		taken.close();
	});
});

/** A database of its own with setups in it that a running service has just made. */
async function inUse(
	use: (api: Api, env: Record<string, string>, at: (url: string) => Api) => Promise<void>,
) {
	const location = join(folder, `${randomUUID()}.db`);
	const env = { CHANNELS_API_DATABASE: location };
	const workspaceId = randomUUID();
	const { key: apiKey } = await createApiKey(location, workspaceId, permissions);
	const { child, url } = await serve(env);
	const exited = once(child, "exit");
	try {
		const at = (other: string) => apiOf({ url: other, apiKey, workspaceId });
		await use(at(url), env, at);
	} finally {
		child.kill("SIGTERM");
		await exited;
	}
}

const create = (api: Api, name: string) =>
	api("POST", "/channels/ses-setup", { json: { tenant_name: name, domain_identity: `${name}.acme.com` } });

describe("channels-api backup", { tags: ["all"] }, () => {
	it("has what was answered before, while the service runs on, and a service starts on it", async () => {
		const target = join(folder, "backup.db");
		await inUse(async (api, env, at) => {
			for (const name of ["first", "second"]) expect((await create(api, name)).status).toBe(201);
			expect(await run(["backup", target], env)).toMatchObject({ code: 0 });
			expect((await create(api, "third")).status).toBe(201);
			// What is copied by hand lacks all that is still in the WAL.
			const { child, url } = await serve({ CHANNELS_API_DATABASE: target });
			const restored = await at(url)<{ items: { tenant_name: string }[] }>("GET", "/channels/ses-setup");
			expect(restored.body.items.map(({ tenant_name }) => tenant_name)).toEqual(["first", "second"]);
			child.kill("SIGTERM");
			await once(child, "exit");
		});
	});

	it.each<[string, () => string[], Record<string, string>, string]>([
		["a file that is there", () => ["backup", join(folder, "channels.db")], {}, "is there already"],
		["no database", () => ["backup", "new.db"], { CHANNELS_API_DATABASE: "none.db" }, "There is no database"],
		["PostgreSQL", () => ["backup", "new.db"], { CHANNELS_API_DATABASE: "postgres://a:b@c/d" }, "pg_dump"],
	])("refuses %s", { tags: ["all"] }, async (_, args, env, reason) => {
		await createApiKey(join(folder, "channels.db"), randomUUID(), permissions);
		const { code, stderr } = await run(args(), env);
		expect([code, stderr]).toEqual([1, expect.stringContaining(reason)]);
		expect(stderr.endsWith(" [backup-refused]\n")).toBe(true);
	});
});

describe("channels-api mail-from", () => {
	it("gives one to a setup of a running service, and takes it away again", async () => {
		await inUse(async (api, env) => {
			const made = (await create(api, "bouncing")).body as SesSetupDetailResponse;
			const records = async () => {
				const { body } = await api<SesSetupDetailResponse>("GET", `/channels/ses-setup/${made.id}`);
				return body.dns_records.slice(5).map(({ type, address }) => `${type} ${address}`);
			};
			const setup = ["mail-from", "--setup", made.id];
			expect(await run(setup, { ...env, CHANNELS_API_MAIL_FROM: "bounce" })).toMatchObject({
				code: 0,
				stdout: expect.stringContaining("has the MAIL FROM domain bounce.bouncing.acme.com."),
			});
			expect(await records()).toEqual(["MX bounce.bouncing.acme.com", "TXT bounce.bouncing.acme.com"]);
			expect(await run([...setup, "--remove"], env)).toMatchObject({ code: 0 });
			expect(await records()).toEqual([]);
		});
	});

	it.each<[string[], string]>([
		[[], "option-invalid"],
		[["--setup", randomUUID(), "--label", "a.b"], "option-invalid"],
		[["--setup", randomUUID(), "--label", "a", "--remove"], "option-invalid"],
		[["--setup", randomUUID(), "--label", "bounce"], "mail-from-refused"],
	])("with %j fails with its code", { tags: ["all"] }, async (args, kind) => {
		const { code, stderr } = await run(["mail-from", ...args]);
		expect(code).toBe(1);
		expect(stderr).toMatch(new RegExp(` \\[${kind}\\]$`, "m"));
	});
});

/** It is learned in the background. */
function accountIn(path: string): unknown {
	const database = new DatabaseSync(path, { readOnly: true });
	try {
		return database.prepare("select account from home").get()?.account ?? null;
	} finally {
		database.close();
	}
}

test("what AWS says is shown escaped", { tags: ["all"] }, async () => {
	const remove = sandbox.faults.add({
		service: "sesv2",
		times: Number.POSITIVE_INFINITY,
		effect: { kind: "error", status: 400, code: "BadRequestException", message: "no\u202e ##vso[a]" },
	});
	const { code, stdout, stderr } = await run(["reconcile"]);
	remove();
	expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
	expect(stderr).toMatch(/^channels-api: .*no\\u202e \\u0023#vso\[a\].* \[[a-z-]+\]\n$/);
});

describe("a database", { tags: ["all"] }, () => {
	it("that is new is told at the start, and one that has been used is not", async () => {
		const env = { CHANNELS_API_DATABASE: join(folder, "fresh.db") };
		for (const isNew of [true, false]) {
			const { child, log } = await serve(env);
			expect(/"level":40.*the database is new.*keys create/.test(log())).toBe(isNew);
			child.kill("SIGTERM");
			await once(child, "exit");
		}
	});

	it.each([
		["region", { AWS_REGION: "eu-west-1" }, /region us-east-1 of account 000000000000.*region eu-west-1/],
		[
			"account",
			{
				AWS_ACCESS_KEY_ID: elsewhere.accessKeyId,
				AWS_SECRET_ACCESS_KEY: elsewhere.secretAccessKey,
			},
			/region us-east-1 of account 000000000000.*region us-east-1 of account 444455556666/,
		],
	])("is not served in another %s than that of its setups", async (_, other, words) => {
		await inUse(async (api, env) => {
			expect((await create(api, `home-${randomUUID().slice(0, 8)}`)).status).toBe(201);
			await waitUntil(() => accountIn(env.CHANNELS_API_DATABASE ?? "") !== null, {
				timeoutMs: 10_000,
				what: () => "account in the database",
			});
			const { code, stderr } = await run(["serve"], { ...env, ...other });
			expect([code, stderr]).toEqual([1, expect.stringMatching(words)]);
			expect(stderr).toMatch(/CHANNELS_API_DATABASE.* \[database-elsewhere\]\n$/);
		});
	});
});
