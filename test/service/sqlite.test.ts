import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { type CompiledQuery, Kysely } from "kysely";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/index.js";
import { openDatabase } from "../../service/database/database.js";
import type { Schema } from "../../service/database/schema.js";
import { SetupStore } from "../../service/database/setups.js";
import { sqliteDialect } from "../../service/database/sqlite.js";
import { type Api, apiOf } from "../support/channels-api.js";
import { startTestService, type TestService } from "../support/service.js";

let sandbox: Sandbox;
let service: TestService;
let api: Api;
let count = 0;

beforeAll(async () => {
	sandbox = await startSandbox();
	service = await startTestService({ sandbox });
	api = apiOf(service);
});
afterAll(async () => {
	await service?.stop();
	await sandbox?.close();
});

function create() {
	count += 1;
	return api("POST", "/channels/ses-setup", {
		json: { tenant_name: `tenant-${count}`, domain_identity: `mail${count}.acme.com` },
	});
}

/** Locks the service's file for writing, as another process does. */
function lockFile(): { unlock(): void } {
	const other = new DatabaseSync(service.location);
	other.exec("begin immediate");
	return { unlock: () => other.close() };
}

it("goes on while another process has its file locked: reads are answered, writes wait for their turn", async () => {
	const { unlock } = lockFile();
	const creates = Array.from({ length: 5 }, create);
	let isAnswered = false;
	for (const each of creates) {
		void each.then(() => {
			isAnswered = true;
		});
	}
	for (let read = 0; read < 5; read += 1) {
		expect((await api("GET", "/channels/ses-setup")).status).toBe(200);
	}
	expect(isAnswered).toBe(false);
	unlock();
	expect((await Promise.all(creates)).map(({ status }) => status)).toEqual(Array(5).fill(201));
});

it("is 503 with Retry-After, and not ready, while its file stays locked", { tags: ["all"] }, async () => {
	const { unlock } = lockFile();
	const [answer, readiness] = await Promise.all([create(), fetch(`${service.url}/readyz`)]);
	unlock();
	expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "2"]);
	expect([readiness.status, await readiness.json()]).toEqual([
		503,
		{ detail: "Not ready: the database takes no writes." },
	]);
	expect((await create()).status).toBe(201);
});

it("does several things or none, one transaction after the other", async () => {
	const folder = await mkdtemp(join(tmpdir(), "channels-sqlite-"));
	const database = await openDatabase(join(folder, "channels.db"));
	try {
		const setups = new SetupStore(database, 30_000);
		const names = { workspaceId: randomUUID(), tenantName: "a", domain: "a.test" };
		await setups.reserve({ id: randomUUID(), ...names });
		const raise = (fails: boolean) =>
			database.transaction(async (transaction) => {
				const { attempts } = await transaction
					.selectFrom("setups")
					.select("attempts")
					.executeTakeFirstOrThrow();
				// Others get a chance to come in between.
				await new Promise(setImmediate);
				await transaction
					.updateTable("setups")
					.set({ attempts: attempts + 1 })
					.execute();
				if (fails) throw new Error("injected");
			});
		const ends = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => raise(index % 2 === 1)));
		expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(10);
		expect(await setups.holders("a", "b.test")).toEqual([expect.objectContaining({ attempts: 10 })]);
	} finally {
		await database.close();
		await rm(folder, { recursive: true, force: true });
	}
});

it("a create of a taken name searches indexes, and scans nothing", async () => {
	expect((await create()).status).toBe(201);
	const asked: CompiledQuery[] = [];
	await using db = new Kysely<Schema>({
		dialect: sqliteDialect(service.location, Math.random),
		log: ({ query }) => {
			if (!/^(begin|commit)\b/.test(query.sql)) asked.push(query);
		},
	});
	const opened = await openDatabase(service.location);
	const transaction: typeof opened.transaction = (work) => db.transaction().execute(work);
	const setups = new SetupStore({ ...opened, db, transaction }, 30_000);
	const names = { tenantName: `tenant-${count}`, domain: "free.test" };
	expect(await setups.reserve({ id: randomUUID(), workspaceId: randomUUID(), ...names })).toBeUndefined();
	expect(await setups.holders(names.tenantName, names.domain)).toHaveLength(1);
	await opened.close();

	using file = new DatabaseSync(service.location);
	const plans = asked.map(({ sql, parameters }) =>
		file
			.prepare(`explain query plan ${sql}`)
			.all(...(parameters as SQLInputValue[]))
			.map(({ detail }) => String(detail)),
	);
	expect(plans).toHaveLength(2);
	expect(plans.flat().filter((step) => /\bSCAN\b/.test(step))).toEqual([]);
	expect(plans.flat()).toEqual(
		expect.arrayContaining([
			expect.stringContaining("SEARCH setups USING INDEX setups_tenant"),
			expect.stringContaining("SEARCH setups USING INDEX setups_domain"),
		]),
	);
});
