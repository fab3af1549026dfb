/** @module-tag all */
import { setTimeout } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/index.js";
import type { SesSetupDetailResponse } from "../../sdk/index.js";
import { untilAgreed } from "../support/agreement.js";
import { type Api, apiOf } from "../support/channels-api.js";
import { startPostgres, type TestPostgres } from "../support/postgres.js";
import { startTestService, type TestService } from "../support/service.js";
import { waitUntil } from "../support/wait.js";

const outageMs = 10_000;

let sandbox: Sandbox;
let postgres: TestPostgres;
let location: string;
let service: TestService;
let api: Api;

beforeAll(async () => {
	sandbox = await startSandbox();
	postgres = await startPostgres();
	location = await postgres.createDatabase();
	service = await startTestService({
		sandbox,
		database: { location },
		timing: {
			upstreamDeadlineMs: 4_000,
			settleMs: 500,
			leaseMs: 4_500,
			recoveryIntervalMs: 100,
			sweepsMs: [300, 1_000],
		},
	});
	api = apiOf(service);
});
afterAll(async () => {
	await service?.stop();
	await postgres?.stop();
	await sandbox?.close();
});
afterEach(() => sandbox.faults.clear());

function create(name: string) {
	return api<SesSetupDetailResponse>("POST", "/channels/ses-setup", {
		json: { tenant_name: name, domain_identity: `${name}.acme.com` },
	});
}

async function ready(): Promise<number> {
	return (await fetch(`${service.url}/readyz`)).status;
}

it("is 503 with Retry-After while its database is away, still healthy, and itself again afterwards", async () => {
	const { body } = await create("before");
	await postgres.interrupt();
	for (const answer of [await create("during"), await api("GET", `/channels/ses-setup/${body.id}`)]) {
		expect([answer.status, answer.code, answer.body]).toEqual([
			503,
			"database-unavailable",
			{ detail: "The service's database is unavailable. Try again shortly." },
		]);
		expect(answer.headers.get("retry-after")).toBe("2");
	}
	const statusOf = async (path: string) => (await fetch(service.url + path)).status;
	expect([await ready(), await statusOf("/healthz"), await statusOf("/metrics")]).toEqual([503, 200, 200]);
	await postgres.resume();
	await waitUntil(async () => (await ready()) === 200, { timeoutMs: 20_000, what: () => "readiness" });
	expect((await api("GET", `/channels/ses-setup/${body.id}`)).status).toBe(200);
	expect((await create("during")).status).toBe(201);
	await untilAgreed(location, sandbox.ses);
});

it("undoes a create during which the database went away, and finishes a delete", async () => {
	const { body } = await create("standing");
	const away = Promise.withResolvers<void>();
	const steps = ["CreateEmailIdentity", "DeleteTenant"];
	for (const operation of steps)
		sandbox.faults.add({ service: "sesv2", operation, effect: { kind: "hold", until: away.promise } });
	const interrupted = [create("interrupted"), api("DELETE", `/channels/ses-setup/${body.id}`)];
	await sandbox.log.until((log) =>
		steps.every((operation) => log.all({ operation }).some(({ endedAt }) => endedAt === undefined)),
	);
	await postgres.interrupt();
	away.resolve();
	for (const { status } of await Promise.all(interrupted)) expect(status).toBe(503);
	// Longer than every lease, sweep and pause of the recovery.
	for (const end = Date.now() + outageMs; Date.now() < end; await setTimeout(500)) {
		expect(await ready()).toBe(503);
	}
	await postgres.resume();
	await untilAgreed(location, sandbox.ses, 15_000);
	expect((await api("GET", `/channels/ses-setup/${body.id}`)).status).toBe(404);
	expect((await create("interrupted")).status).toBe(201);
});
