/** @module-tag all */
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/index.js";
import type { SesSetupDetailResponse } from "../../sdk/index.js";
import { openDatabase } from "../../service/database/database.js";
import { lockSetup } from "../../service/database/setups.js";
import { apiOf } from "../support/channels-api.js";
import { type Pooler, startPooler } from "../support/pooler.js";
import { startPostgres, type TestPostgres } from "../support/postgres.js";
import { startTestService } from "../support/service.js";
import { waitUntil } from "../support/wait.js";
import { contract } from "./contract.js";

let postgres: TestPostgres;
let database: string;
let pooler: Pooler;
let sandbox: Sandbox;

beforeAll(async () => {
	sandbox = await startSandbox();
	postgres = await startPostgres();
	database = await postgres.createDatabase();
	pooler = await startPooler(postgres, database);
});
afterAll(async () => {
	await pooler?.[Symbol.asyncDispose]();
	await postgres?.stop();
	await sandbox?.close();
});
afterEach(() => sandbox.faults.clear());

it("makes its tables once where several instances start at the same time, and leaves no lock behind", async () => {
	const opened = await Promise.all(Array.from({ length: 6 }, () => openDatabase(pooler.location)));
	const rows = await opened[0]?.db.selectFrom("setups").selectAll().execute();
	expect(rows).toEqual([]);
	await Promise.all(opened.map((each) => each.close()));
	await using session = await postgres.connect(database);
	expect(await session.query("select * from pg_locks where locktype = 'advisory'")).toEqual([]);
});

it("has its limits of time for as long as a transaction, and leaves none of them on a session", async () => {
	const opened = await openDatabase(pooler.location);
	const limits = sql<{ statement: string; lock: string; pause: string }>`
		select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock,
			current_setting('idle_in_transaction_session_timeout') as pause`;
	const within = await opened.transaction((transaction) => limits.execute(transaction));
	expect(within.rows).toEqual([{ statement: "5s", lock: "3s", pause: "5s" }]);
	const select = opened.db.selectNoFrom(sql<string>`current_setting('lock_timeout')`.as("lock"));
	const outside = await Promise.all(Array.from({ length: 8 }, () => select.executeTakeFirst()));
	expect(outside).toEqual(Array(8).fill({ lock: "0" }));
	await opened.close();
});

it("does a transaction's work in one session", async () => {
	const opened = await openDatabase(pooler.location);
	const pids = await opened.transaction(async (transaction) => {
		const asked = [];
		for (let count = 0; count < 5; count += 1) {
			await lockSetup(transaction, "none");
			const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(transaction);
			asked.push(rows[0]?.pid);
		}
		return asked;
	});
	expect(new Set(pids).size).toBe(1);
	await opened.close();
});

it("40 clients that wait for one delete share their looks at it", async () => {
	const service = await startTestService({ sandbox, database: { location: pooler.location } });
	try {
		const api = apiOf(service);
		const { body } = await api<SesSetupDetailResponse>("POST", "/channels/ses-setup", {
			json: { tenant_name: "shared", domain_identity: "shared.acme.com" },
		});
		const held = Promise.withResolvers<void>();
		sandbox.faults.add({
			service: "sesv2",
			operation: "DeleteTenant",
			effect: { kind: "hold", until: held.promise },
		});
		const deletes = Array.from({ length: 40 }, () => api("DELETE", `/channels/ses-setup/${body.id}`));
		await sandbox.log.until((log) => log.count({ operation: "DeleteTenant" }) > 0);
		// Once all have begun, a second has ten looks, where each for itself would make hundreds.
		const isQuiet = async () => {
			const before = pooler.transactions;
			await sleep(1_000);
			return pooler.transactions - before < 40;
		};
		await waitUntil(isQuiet, { timeoutMs: 10_000, what: () => "second with few transactions" });
		held.resolve();
		const statuses = (await Promise.all(deletes)).map(({ status }) => status);
		expect(statuses.filter((status) => status !== 204 && status !== 404)).toEqual([]);
	} finally {
		await service.stop();
	}
});

it("one session that falls silent costs one answer, and not the others theirs", async () => {
	const service = await startTestService({
		sandbox,
		database: { location: pooler.location },
		// Nobody else is to take the silence.
		timing: { recoveryIntervalMs: 60_000 },
	});
	try {
		const api = apiOf(service);
		const list = () => api("GET", "/channels/ses-setup");
		expect((await list()).status).toBe(200);
		pooler.silenceNext();
		const silent = list();
		const others = await Promise.all(Array.from({ length: 20 }, list));
		expect(others.map(({ status }) => status)).toEqual(Array(20).fill(200));
		expect((await silent).status).toBe(503);
		expect((await list()).status).toBe(200);
	} finally {
		await service.stop();
	}
});

describe("the Channels API, behind a pooler", () => {
	contract(async () => pooler.location);
});
