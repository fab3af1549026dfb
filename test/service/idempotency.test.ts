import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { FaultRule } from "../../sandbox/index.js";
import type { SesSetupDetailResponse } from "../../sdk/index.js";
import { openDatabase } from "../../service/database/database.js";
import { SetupStore } from "../../service/database/setups.js";
import { setupRows, untilAgreed } from "../support/agreement.js";
import { type Api, type ApiAnswer, apiOf } from "../support/channels-api.js";
import { describeOnEachDatabase } from "../support/databases.js";
import { startTestService, type TestService, type TestServiceOptions } from "../support/service.js";
import { startUpstream, type Upstream } from "../support/upstream.js";
import { waitUntil } from "../support/wait.js";

interface Names {
	tenant_name: string;
	domain_identity: string;
}

const deadlineMs = 3_000;

describeOnEachDatabase("a create with an Idempotency-Key", (newLocation) => {
	let upstream: Upstream;
	let service: TestService;
	let api: Api;
	let count = 0;

	function start(location: string, recoveryIntervalMs: number, sandbox: TestServiceOptions["sandbox"]) {
		const timing = {
			upstreamDeadlineMs: deadlineMs,
			settleMs: 500,
			leaseMs: deadlineMs + 500,
			recoveryIntervalMs,
			sweepsMs: [0, 200],
		};
		return startTestService({ sandbox, database: { location }, timing });
	}

	beforeAll(async () => {
		upstream = await startUpstream();
		// Its recovery loop never comes up: what is undone here the request does that waits for it.
		service = await start(await newLocation(), 600_000, upstream);
		api = apiOf(service);
	});
	afterAll(async () => {
		await service?.stop();
		await upstream?.close();
	});
	afterEach(() => upstream.faults.clear());

	function names(): Names {
		count += 1;
		return { tenant_name: `tenant-${count}`, domain_identity: `mail${count}.acme.com` };
	}

	function create(json: Names, key: string): Promise<ApiAnswer<SesSetupDetailResponse>> {
		return api("POST", "/channels/ses-setup", { json, headers: { "idempotency-key": key } });
	}

	const remove = (id: string) => api("DELETE", `/channels/ses-setup/${id}`);

	/** How often SES was asked to make a tenant. */
	const tenantsMade = ({ tenant_name }: Names) =>
		upstream.log
			.all({ operation: "CreateTenant" })
			.filter(({ input }) => (input as { TenantName: string }).TenantName === tenant_name).length;

	const rowsOf = async ({ tenant_name }: Names) =>
		(await setupRows(service.location)).filter((row) => row.tenant_name === tenant_name);

	/** Fails a call of SES about these names, or holds it until what it gives is called. */
	function fault(operation: string, { tenant_name }: Names, effect: FaultRule["effect"], times = 1) {
		const match = (input: unknown) => (input as { TenantName?: string }).TenantName === tenant_name;
		return upstream.faults.add({ service: "sesv2", operation, match, times, effect });
	}
	async function held(operation: string, json: Names) {
		const { promise: until, resolve: release } = Promise.withResolvers<void>();
		fault(operation, json, { kind: "hold", until });
		return {
			release,
			reached: () =>
				upstream.log.until((log) =>
					log
						.all({ operation })
						.some(
							({ input, endedAt }) =>
								(input as { TenantName?: string }).TenantName === json.tenant_name && endedAt === undefined,
						),
				),
		};
	}

	/** Another instance begins the same create, and is killed, or is at it for so long. */
	async function beginElsewhere(json: Names, key: string, leaseMs: number): Promise<void> {
		const database = await openDatabase(service.location);
		const { workspaceId } = service;
		const wanted = { tenantName: json.tenant_name, domain: json.domain_identity, createKey: key };
		await new SetupStore(database, leaseMs).reserve({ id: randomUUID(), workspaceId, ...wanted });
		await database.close();
	}

	const refusal = ({ status, code, body }: ApiAnswer) => ({ status, code, body });
	const wasDeleted = (id: string) => ({
		status: 409,
		code: "create-was-deleted",
		body: { detail: expect.stringContaining(id) },
	});
	const ofAnother = {
		status: 422,
		code: "invalid-request",
		body: {
			detail: [
				{ loc: ["header", "Idempotency-Key"], msg: expect.stringContaining("another"), type: "value_error" },
			],
		},
	};

	it("whose setup is there is answered with that, however the key and the domain are spelled", async () => {
		const [json, key] = [names(), randomUUID()];
		const first = await create(json, key);
		expect(first.status).toBe(201);
		const spelled = { ...json, domain_identity: json.domain_identity.toUpperCase() };
		for (const again of [await create(json, key), await create(spelled, key.toUpperCase())])
			expect([again.status, again.body]).toEqual([201, first.body]);
		expect(tenantsMade(json)).toBe(1);
	});

	it("whose first request is under way waits for its answer", async () => {
		const [json, key] = [names(), randomUUID()];
		const { release, reached } = await held("CreateTenant", json);
		const first = create(json, key);
		await reached();
		const again = Promise.all([create(json, key), create(json, key)]);
		const early = await Promise.race([again, new Promise((resolve) => setTimeout(resolve, 500, "waiting"))]);
		expect(early).toBe("waiting");
		release();
		const { status, body } = await first;
		expect(status).toBe(201);
		for (const answer of await again) expect([answer.status, answer.body]).toEqual([201, body]);
		expect(tenantsMade(json)).toBe(1);
	});

	it("that comes many times at once makes one setup, and all hear of it", async () => {
		const [json, key] = [names(), randomUUID()];
		const answers = await Promise.all(Array.from({ length: 12 }, () => create(json, key)));
		expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(201));
		expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
		expect([tenantsMade(json), (await rowsOf(json)).length]).toEqual([1, 1]);
	});

	it("whose first request outlasts the deadline is 504, and is to be sent again", async () => {
		const [json, key] = [names(), randomUUID()];
		await beginElsewhere(json, key, deadlineMs + 500);
		const answer = await create(json, key);
		expect(answer).toMatchObject({ status: 504, code: "create-under-way" });
		expect(answer.headers.get("retry-after")).toBe("5");
		expect(await rowsOf(json)).toMatchObject([{ state: "creating" }]);
		expect((await create(json, key)).status).toBe(201);
	});

	it("whose first request was killed waits for its lease, undoes it, and creates anew", async () => {
		const [json, key] = [names(), randomUUID()];
		await beginElsewhere(json, key, 1_000);
		const { status, body } = await create(json, key);
		expect(status).toBe(201);
		expect(await rowsOf(json)).toMatchObject([{ state: "deleted" }, { id: body.id, state: "active" }]);
		expect((await create(json, key)).body).toEqual(body);
		await untilAgreed(service.location, upstream.ses);
	});

	describe("that failed", () => {
		const refused = { kind: "error", status: 400, code: "BadRequestException", message: "injected" } as const;
		const denied = {
			kind: "error",
			status: 403,
			code: "AccessDeniedException",
			message: "injected",
		} as const;

		it.each([
			["and was undone", refused, 422],
			["and is yet to be undone", denied, 502],
		])("%s creates anew with the same key", async (_, effect, status) => {
			const [json, key] = [names(), randomUUID()];
			const lift = fault("CreateTenantResourceAssociation", json, effect, Number.POSITIVE_INFINITY);
			expect((await create(json, key)).status).toBe(status);
			lift();
			const again = await create(json, key);
			expect(again.status).toBe(201);
			expect((await create(json, key)).body).toEqual(again.body);
			await untilAgreed(service.location, upstream.ses);
		});

		it("and is being undone waits for that, then creates anew", async () => {
			const [json, key] = [names(), randomUUID()];
			fault("CreateTenantResourceAssociation", json, refused);
			const { release, reached } = await held("DeleteTenant", json);
			const first = create(json, key);
			await reached();
			const again = create(json, key);
			release();
			expect([(await first).status, (await again).status]).toEqual([422, 201]);
			await untilAgreed(service.location, upstream.ses);
		});

		it("leaves its key to a create of other names", async () => {
			const [json, key] = [names(), randomUUID()];
			fault("CreateTenantResourceAssociation", json, refused);
			await create(json, key);
			expect((await create(names(), key)).status).toBe(201);
		});
	});

	it("whose setup was deleted is 409 and makes none, and another key makes it anew", async () => {
		const [json, key] = [names(), randomUUID()];
		const { body } = await create(json, key);
		expect((await remove(body.id)).status).toBe(204);
		expect(refusal(await create(json, key))).toEqual(wasDeleted(body.id));
		expect([tenantsMade(json), (await rowsOf(json)).length]).toEqual([1, 1]);
		expect((await create(json, randomUUID())).status).toBe(201);
		expect(refusal(await create(json, key))).toEqual(wasDeleted(body.id));
	});

	it("whose setup is being deleted is 409 at once", async () => {
		const [json, key] = [names(), randomUUID()];
		const { body } = await create(json, key);
		const { release, reached } = await held("DeleteTenant", json);
		const removing = remove(body.id);
		await reached();
		expect(refusal(await create(json, key))).toEqual(wasDeleted(body.id));
		release();
		expect((await removing).status).toBe(204);
	});

	it("is forgotten with the last sweep of its setup, and not before", async () => {
		const [json, key] = [names(), randomUUID()];
		const { body } = await create(json, key);
		await remove(body.id);
		const sweeper = await start(service.location, 50, upstream);
		try {
			await waitUntil(
				async () => {
					const isKnown = (await rowsOf(json)).length > 0;
					const { status } = isKnown ? await create(json, key) : { status: 409 };
					// It may have been forgotten in between.
					if (status !== 409) expect(await rowsOf(json)).toMatchObject([{ state: "active" }]);
					return !isKnown || status !== 409;
				},
				{ timeoutMs: 10_000, what: () => "the last sweep" },
			);
		} finally {
			await sweeper.stop();
		}
		const again = await create(json, key);
		expect(again.status).toBe(201);
		expect(again.body.id).not.toBe(body.id);
	});

	it("whose key made a setup of other names is 422 at the header, also once that was deleted", async () => {
		const [json, key] = [names(), randomUUID()];
		const { body } = await create(json, key);
		const fresh = names();
		const others = [
			fresh,
			{ ...json, tenant_name: fresh.tenant_name },
			{ ...json, domain_identity: fresh.domain_identity },
		];
		for (const other of others) expect(refusal(await create(other, key))).toEqual(ofAnother);
		await remove(body.id);
		for (const other of others) expect(refusal(await create(other, key))).toEqual(ofAnother);
		expect(await rowsOf(fresh)).toEqual([]);
	});

	it("shares no key with another workspace", async () => {
		const [json, key] = [names(), randomUUID()];
		expect((await create(json, key)).status).toBe(201);
		const workspaceId = randomUUID();
		const other = { workspaceId, key: await service.createKey({ workspaceId }) };
		const headers = { "idempotency-key": key };
		const same = await api("POST", "/channels/ses-setup", { json, headers, ...other });
		expect([same.status, same.code]).toEqual([409, "names-taken"]);
		expect((await api("POST", "/channels/ses-setup", { json: names(), headers, ...other })).status).toBe(201);
	});

	it("takes the names once: of two keys at the same moment one gets them", async () => {
		const json = names();
		const answers = await Promise.all([create(json, randomUUID()), create(json, randomUUID())]);
		expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
	});

	it.each(["", "1", `${randomUUID()}, ${randomUUID()}`])("takes no key but a UUID: %j", async (key) => {
		const answer = await create(names(), key);
		expect(refusal(answer)).toEqual({
			status: 422,
			code: "invalid-request",
			body: {
				detail: [
					{ loc: ["header", "Idempotency-Key"], msg: "Input should be a valid UUID", type: "uuid_parsing" },
				],
			},
		});
	});
});
