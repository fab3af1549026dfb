/** @module-tag all */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/index.js";
import type { SesSetupDetailResponse } from "../../sdk/index.js";
import { untilAgreed } from "../support/agreement.js";
import { type Api, apiOf } from "../support/channels-api.js";
import { startPostgres, type TestPostgres, type TestSession } from "../support/postgres.js";
import { startTestService, type TestService } from "../support/service.js";
import { waitUntil } from "../support/wait.js";

let sandbox: Sandbox;
let postgres: TestPostgres;
let location: string;
let service: TestService;
let api: Api;
let operator: TestSession;
let zoneId: string;
let count = 0;

beforeAll(async () => {
	sandbox = await startSandbox();
	zoneId = sandbox.route53.createZone("acme.com").id;
	postgres = await startPostgres();
	location = await postgres.createDatabase();
	service = await startTestService({
		sandbox,
		database: { location },
		timing: { upstreamDeadlineMs: 5_000, settleMs: 500, leaseMs: 5_500, recoveryIntervalMs: 100 },
	});
	api = apiOf(service);
	operator = await postgres.connect(location);
});
afterAll(async () => {
	await operator?.[Symbol.asyncDispose]();
	await service?.stop();
	await postgres?.stop();
	await sandbox?.close();
});

function create() {
	count += 1;
	return api<SesSetupDetailResponse>("POST", "/channels/ses-setup", {
		json: { tenant_name: `tenant-${count}`, domain_identity: `mail${count}.acme.com` },
	});
}

const unavailable = [503, "2", { detail: "The service's database is unavailable. Try again shortly." }];

const told = ({ status, headers, body }: Awaited<ReturnType<typeof create>>) => [
	status,
	headers.get("retry-after"),
	body,
];

/** Those of the service. */
async function endSessions(): Promise<void> {
	await operator.query(
		"select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'channels-api'",
	);
}

async function ready(): Promise<[number, unknown]> {
	const answer = await fetch(`${service.url}/readyz`);
	return [answer.status, await answer.json()];
}

describe("where the primary becomes a standby and keeps its sessions", () => {
	const database = () => location.slice(location.lastIndexOf("/") + 1);

	/**
	 * Every session becomes read-only, as those at the old primary do. Those that are opened from now on are, too, or
	 * with `successor` they are not, as those at the new one.
	 */
	async function demote({ successor }: { successor: boolean }): Promise<void> {
		await operator.query(
			`alter database ${database()} ${successor ? "set default_transaction_read_only = off" : "reset all"}`,
		);
		await operator.query("alter system set default_transaction_read_only = on");
		await reload("on");
	}

	async function restore(): Promise<void> {
		await operator.query("set default_transaction_read_only = off");
		await operator.query("alter system reset default_transaction_read_only");
		await operator.query(`alter database ${database()} reset all`);
		await operator.query("reset default_transaction_read_only");
		await reload("off");
		// What a session was told at its start, it keeps.
		await endSessions();
	}

	/** Until a session has heard of it: they all hear of it at the same time. */
	async function reload(value: "on" | "off"): Promise<void> {
		await operator.query("select pg_reload_conf()");
		const shown = async () => {
			const [row] = await operator.query<{ default_transaction_read_only: string }>(
				"show default_transaction_read_only",
			);
			return row?.default_transaction_read_only === value;
		};
		await waitUntil(shown, { timeoutMs: 20_000, what: () => `sessions with ${value}` });
	}

	/** Opens as many sessions as the service may have. */
	const burst = () => Promise.all(Array.from({ length: 10 }, () => create()));

	it("goes on with fresh sessions at its successor: not one create fails", async () => {
		expect((await burst()).map(({ status }) => status)).toEqual(Array(10).fill(201));
		await demote({ successor: true });
		expect((await burst()).map(({ status }) => status)).toEqual(Array(10).fill(201));
		expect(await ready()).toEqual([200, { status: "ready" }]);
		await restore();
	});

	it("says so while there is no successor, answers what it can read, and is itself again afterwards", async () => {
		const { body } = await create();
		const path = `/channels/ses-setup/${body.id}`;
		sandbox.route53.put(zoneId, {
			name: `_dmarc.${body.domain_identity}`,
			type: "TXT",
			values: ['"v=DMARC1; p=none"'],
		});
		await demote({ successor: false });
		try {
			expect(told(await create())).toEqual(unavailable);
			expect((await api("DELETE", path)).status).toBe(503);
			expect(await ready()).toEqual([503, { detail: "Not ready: the database takes no writes." }]);
			const shown = await api<SesSetupDetailResponse>("GET", path);
			const seen = body.dns_records.map((record) => ({ ...record, verified: record.type === "TXT" }));
			expect([shown.status, shown.body]).toEqual([200, { ...body, dns_records: seen }]);
			expect((await api("GET", "/channels/ses-setup")).status).toBe(200);
		} finally {
			await restore();
		}
		expect(await ready()).toEqual([200, { status: "ready" }]);
		expect((await create()).status).toBe(201);
		await untilAgreed(location, sandbox.ses, 15_000);
	});
});

describe("where the database refuses a write", () => {
	/** As the server would, by itself, so many times. */
	async function refuse(code: string, times: number): Promise<void> {
		await operator.query(`
			drop sequence if exists refusals;
			create sequence refusals;
			create or replace function refuse() returns trigger language plpgsql as $$
				begin
					if nextval('refusals') <= ${times} then
						raise exception 'injected' using errcode = '${code}';
					end if;
					return new;
				end $$;
			create or replace trigger refuse before insert on setups for each row execute function refuse()`);
	}

	const accept = () => operator.query("drop trigger if exists refuse on setups");

	it.each([
		["a serialization failure", "40001"],
		["a deadlock", "40P01"],
		["a lock that others hold", "55P03"],
		["a cancellation", "57014"],
		["a full disk", "53100"],
		["a read-only session", "25006"],
		["an administrator", "57P01"],
		["a crash", "57P02"],
		["a failed connection", "08006"],
		["an I/O error", "58030"],
	])("because of %s (%s), it is asked once more, and else 503", async (_, code) => {
		await refuse(code, 1);
		expect((await create()).status).toBe(201);
		await refuse(code, 1_000);
		expect(told(await create())).toEqual(unavailable);
		await accept();
		expect((await create()).status).toBe(201);
	});

	it("because the service is wrong, it is a 500, once", async () => {
		await refuse("42703", 1);
		expect((await create()).status).toBe(500);
		expect((await create()).status).toBe(201);
		await accept();
	});
});

describe("where sessions hang or break", () => {
	it("a setup that another session has locked is 503 after a while, and others' work goes on", async () => {
		const { body } = await create();
		await using other = await postgres.connect(location);
		await other.query("begin");
		await other.query(`select * from setups where id = '${body.id}' for update`);
		const path = `/channels/ses-setup/${body.id}`;
		const stuck = Array.from({ length: 12 }, () => api("DELETE", path));
		const free = await Promise.all(Array.from({ length: 12 }, () => create()));
		expect(free.map(({ status }) => status)).toEqual(Array(12).fill(201));
		expect((await Promise.all(stuck)).map(({ status }) => status)).toEqual(Array(12).fill(503));
		await other.query("rollback");
		expect((await api("DELETE", path)).status).toBe(204);
	});

	it("creates whose sessions are ended under them are answered 201 or 503, and leave nothing by halves", async () => {
		const creates = Array.from({ length: 40 }, () => create());
		let isOver = false;
		const all = Promise.all(creates).finally(() => {
			isOver = true;
		});
		while (!isOver) await endSessions();
		const statuses = new Set((await all).map(({ status }) => status));
		expect([...statuses].filter((status) => status !== 201 && status !== 503)).toEqual([]);
		expect((await create()).status).toBe(201);
		await untilAgreed(location, sandbox.ses, 15_000);
	});
});
