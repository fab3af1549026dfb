import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/index.js";
import { type Api, type ApiAnswer, apiOf } from "../support/channels-api.js";
import { describeOnEachDatabase } from "../support/databases.js";
import { startPostgres } from "../support/postgres.js";
import { startTestService, type TestService, type TestServiceOptions } from "../support/service.js";

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox();
});
afterAll(() => sandbox?.close());
afterEach(() => sandbox.faults.clear());

async function withService(
	options: Omit<TestServiceOptions, "sandbox">,
	work: (api: Api, service: TestService) => Promise<void>,
): Promise<void> {
	const service = await startTestService({ sandbox, ...options });
	try {
		await work(apiOf(service), service);
	} finally {
		await service.stop();
	}
}

let count = 0;
function names() {
	count += 1;
	return { tenant_name: `limited-${count}`, domain_identity: `limited${count}.acme.com` };
}
const create = (api: Api, workspace = {}) =>
	api<{ id: string }>("POST", "/channels/ses-setup", { json: names(), ...workspace });

async function newWorkspace(service: TestService) {
	const workspaceId = randomUUID();
	return { workspaceId, key: await service.createKey({ workspaceId }) };
}

function statuses(answers: readonly ApiAnswer[]): Record<string, number> {
	const found: Record<string, number> = {};
	for (const { status } of answers) found[status] = (found[status] ?? 0) + 1;
	return found;
}

function expectToWait(answers: readonly ApiAnswer[], seconds: number): void {
	for (const answer of answers.filter(({ status }) => status === 429)) {
		expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
		expect(Number(answer.headers.get("retry-after"))).toBeLessThanOrEqual(seconds);
		expect(answer.code).toBe("rate-limited");
	}
}

const list = (api: Api, more: Parameters<Api>[2] = {}, times = 15) =>
	Promise.all(Array.from({ length: times }, () => api("GET", "/channels/ses-setup", more)));

describe("the requests of an address", () => {
	it("are counted before any key is looked at", async () => {
		await withService({ limits: { addressRequestsPerSecond: 1 } }, async (api) => {
			const strangers = await list(api, { key: "ck_unknown" });
			expect(statuses(strangers)).toEqual({ 401: 10, 429: 5 });
			expectToWait(strangers, 10);
			expect(statuses(await list(api))).toEqual({ 429: 15 });
		});
	});

	it("do not count for those who look after the service", async () => {
		await withService({ limits: { addressRequestsPerSecond: 0.1 } }, async (_, { url }) => {
			for (const path of ["/healthz", "/readyz", "/metrics"].flatMap((path) => [path, path])) {
				expect((await fetch(url + path)).status).toBe(200);
			}
		});
	});

	it("are those of the peer, whatever it says, unless a proxy is trusted", async () => {
		const from = (address: string) => ({ headers: { "x-forwarded-for": address } });
		await withService({ limits: { addressRequestsPerSecond: 0.1 } }, async (api) => {
			expect((await api("GET", "/channels/ses-setup", from("203.0.113.1"))).status).toBe(200);
			expect((await api("GET", "/channels/ses-setup", from("203.0.113.2"))).status).toBe(429);
		});
		await withService({ limits: { addressRequestsPerSecond: 0.1 }, trustedProxies: 1 }, async (api) => {
			expect((await api("GET", "/channels/ses-setup", from("203.0.113.1"))).status).toBe(200);
			expect((await api("GET", "/channels/ses-setup", from("203.0.113.2"))).status).toBe(200);
			// What the client itself has put before is no help.
			expect((await api("GET", "/channels/ses-setup", from("203.0.113.9, 203.0.113.2"))).status).toBe(429);
		});
	});
});

describeOnEachDatabase("a workspace", (newLocation) => {
	let service: TestService;
	let api: Api;

	beforeAll(async () => {
		service = await startTestService({
			sandbox,
			database: { location: await newLocation() },
			limits: { setupsPerWorkspace: 3, changesPerWorkspace: 8 },
		});
		api = apiOf(service);
	});
	afterAll(() => service?.stop());

	it("has so many setups and no more, even of those made at once", async () => {
		const made = await Promise.all(Array.from({ length: 8 }, () => create(api)));
		expect(statuses(made)).toEqual({ 201: 3, 409: 5 });
		const refused = made.filter(({ status }) => status === 409);
		expect(refused.map(({ code }) => code)).toEqual(Array(5).fill("setup-limit"));
		expect((await create(api, await newWorkspace(service))).status).toBe(201);
		const [first] = made.filter(({ status }) => status === 201);
		expect((await api("DELETE", `/channels/ses-setup/${first?.body.id}`)).status).toBe(204);
		expect((await create(api)).status).toBe(201);
		expect((await create(api)).status).toBe(409);
	});
});

it("lets so many changes of a workspace be under way, and those of others pass", async () => {
	await withService({ limits: { changesPerWorkspace: 2 } }, async (api, service) => {
		sandbox.faults.add({
			service: "sesv2",
			operation: "CreateTenant",
			times: 2,
			effect: { kind: "delay", ms: 500 },
		});
		const before = sandbox.log.count({ operation: "CreateTenant" });
		const first = [create(api), create(api)];
		await sandbox.log.until((log) => log.count({ operation: "CreateTenant" }) >= before + 2);
		const next = await Promise.all([create(api), api("DELETE", `/channels/ses-setup/${randomUUID()}`)]);
		expect(statuses(next)).toEqual({ 429: 2 });
		expectToWait(next, 2);
		expect((await list(api, {}, 1))[0]?.status).toBe(200);
		expect((await create(api, await newWorkspace(service))).status).toBe(201);
		expect(statuses(await Promise.all(first))).toEqual({ 201: 2 });
		expect((await create(api)).status).toBe(201);
	});
});

it("says when to try again after SES was away, or too slow", async () => {
	await withService({ timing: { upstreamDeadlineMs: 1_500 } }, async (api) => {
		const always = { service: "sesv2", operation: "CreateTenant", times: Number.POSITIVE_INFINITY } as const;
		sandbox.faults.add({
			...always,
			effect: { kind: "error", status: 500, code: "InternalServiceError", message: "injected" },
		});
		const away = await create(api);
		sandbox.faults.clear();
		sandbox.faults.add({ ...always, effect: { kind: "delay", ms: 5_000 } });
		const slow = await create(api);
		expect([away.code, slow.code]).toEqual(["upstream-unavailable", "upstream-timeout"]);
		expect([away.status, away.headers.get("retry-after")]).toEqual([502, "2"]);
		expect([slow.status, slow.headers.get("retry-after")]).toEqual([504, "5"]);
	});
});

it("counts a key's requests for all instances on one PostgreSQL, and for itself while that is away", {
	tags: ["all"],
}, async () => {
	const postgres = await startPostgres();
	try {
		const location = await postgres.createDatabase();
		const limits = { requestsPerSecond: 1, addressRequestsPerSecond: 2 };
		await withService({ database: { location }, limits }, async (api, service) => {
			await withService({ database: { location }, limits }, async (_, second) => {
				const key = { key: service.apiKey, workspaceId: service.workspaceId };
				expect(statuses(await list(api, key, 6))).toEqual({ 200: 6 });
				const elsewhere = await list(apiOf(second), key, 6);
				expect(statuses(elsewhere)).toEqual({ 200: 4, 429: 2 });
				expectToWait(elsewhere, 10);

				await postgres.interrupt();
				// The addresses' budget was shared, too; what is left of it is each instance's own now.
				const away = statuses(await list(api, { key: "ck_unknown" }, 50));
				expect(Object.keys(away).sort()).toEqual(["429", "503"]);
				await postgres.resume();
			});
		});
	} finally {
		await postgres.stop();
	}
});
