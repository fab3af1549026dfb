import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { FaultRule } from "../../sandbox/index.js";
import type { SesSetupDetailResponse } from "../../sdk/index.js";
import { setupRows, untilAgreed } from "../support/agreement.js";
import { type Api, apiOf } from "../support/channels-api.js";
import { describeOnEachDatabase } from "../support/databases.js";
import { startTestService, type TestService } from "../support/service.js";
import { startUpstream, type Upstream } from "../support/upstream.js";
import { waitUntil } from "../support/wait.js";

type Effect = FaultRule["effect"];

/** How long one request may work upstream here: enough for every retry of the SDK, at a server that is slow, too. */
const deadlineMs = 4_000;
const always = Number.POSITIVE_INFINITY;
const error = (status: number, code: string): Effect => ({
	kind: "error",
	status,
	code,
	message: "injected",
});

describeOnEachDatabase("provisioning", (newLocation) => {
	let upstream: Upstream;
	let service: TestService;
	let api: Api;
	let count = 0;

	beforeAll(async () => {
		upstream = await startUpstream();
		service = await startTestService({
			sandbox: upstream,
			database: { location: await newLocation() },
			mailFrom: "bounce",
			timing: {
				upstreamDeadlineMs: deadlineMs,
				settleMs: 1_000,
				leaseMs: deadlineMs + 1_000,
				recoveryIntervalMs: 50,
				// The longest delay below ends before the last sweep.
				sweepsMs: [200, 1_000],
			},
		});
		api = apiOf(service);
	});
	afterAll(async () => {
		await service?.stop();
		await upstream?.close();
	});
	afterEach(() => upstream.faults.clear());

	function names() {
		count += 1;
		return { tenant_name: `tenant-${count}`, domain_identity: `mail${count}.acme.com` };
	}

	function create(json: { tenant_name: string; domain_identity: string }) {
		return api<SesSetupDetailResponse>("POST", "/channels/ses-setup", { json });
	}

	function remove(id: string) {
		return api("DELETE", `/channels/ses-setup/${id}`);
	}

	async function listed(): Promise<string[]> {
		const { body } = await api<{ items: { tenant_name: string }[] }>("GET", "/channels/ses-setup?limit=20");
		return body.items.map(({ tenant_name }) => tenant_name);
	}

	const creates = [
		"CreateTenant",
		"CreateEmailIdentity",
		"PutEmailIdentityMailFromAttributes",
		"CreateTenantResourceAssociation",
	] as const;

	// The last has most to undo before it: `npm test` shows that one.
	for (const operation of creates)
		describe(`when ${operation}`, { tags: operation === creates[3] ? [] : ["all"] }, () => {
			async function expectHonesty(effect: Effect, status: number, code: string): Promise<void> {
				const json = names();
				// Lost answers: what was done is found by its tag, so only a connection that is lost for good fails.
				const lift = upstream.faults.add({ service: "sesv2", operation, times: always, effect });
				const gone =
					effect.kind === "drop" && effect.when === "after"
						? upstream.faults.add({ service: "sesv2", times: always, effect })
						: () => {};
				const answer = await create(json);
				expect([answer.status, answer.code]).toEqual([status, code]);
				expect(answer.body).toEqual({ detail: expect.anything() });
				lift();
				gone();
				expect(await listed()).not.toContain(json.tenant_name);
				await untilAgreed(service.location, upstream.ses);
				const again = await create(json);
				expect(again.status).toBe(201);
				expect((await remove(again.body.id)).status).toBe(204);
			}

			it.each<[string, Effect, number, string]>([
				["fails inside SES", error(500, "InternalServiceError"), 502, "upstream-unavailable"],
				["meets a quota", error(400, "LimitExceededException"), 502, "upstream-refused"],
				["is not allowed", error(403, "AccessDeniedException"), 502, "upstream-denied"],
				[
					"loses its connection before it is done",
					{ kind: "drop", when: "before" },
					502,
					"upstream-unavailable",
				],
				[
					"loses its connection after it is done",
					{ kind: "drop", when: "after" },
					502,
					"upstream-unavailable",
				],
				["is refused as wrong", error(400, "BadRequestException"), 422, "invalid-request"],
			])("%s, the create fails honestly, is undone, and can be repeated", (_, effect, status, code) =>
				expectHonesty(effect, status, code),
			);

			// It is asked again until the deadline.
			it(
				"is throttled for good, the create fails honestly, is undone, and can be repeated",
				{ tags: ["all"] },
				() => expectHonesty(error(429, "TooManyRequestsException"), 502, "upstream-unavailable"),
			);

			it.each<[string, Effect]>([
				["an error", error(500, "InternalServiceError")],
				["a throttling", error(429, "TooManyRequestsException")],
				["a concurrent change", error(500, "ConcurrentModificationException")],
				["a connection lost before it was done", { kind: "drop", when: "before" }],
				["a connection lost after it was done", { kind: "drop", when: "after" }],
				["an error after it was done", { ...error(500, "InternalServiceError"), when: "after" } as Effect],
			])("has one %s, the create succeeds", async (_, effect) => {
				upstream.faults.add({ service: "sesv2", operation, effect });
				const answer = await create(names());
				expect(answer.status).toBe(201);
				await untilAgreed(service.location, upstream.ses);
				expect((await remove(answer.body.id)).status).toBe(204);
			});

			it("takes longer than the deadline, the create is 504 and undone, even what SES did later", {
				tags: ["all"],
			}, async () => {
				const json = names();
				upstream.faults.add({ service: "sesv2", operation, effect: { kind: "delay", ms: deadlineMs + 500 } });
				const answer = await create(json);
				expect([answer.status, answer.code]).toEqual([504, "upstream-timeout"]);
				await upstream.log.until((log) =>
					log.all({ service: "sesv2", operation }).every(({ endedAt }) => endedAt !== undefined),
				);
				await untilAgreed(service.location, upstream.ses);
				const again = await create(json);
				expect(again.status).toBe(201);
				expect((await remove(again.body.id)).status).toBe(204);
			});
		});

	it("names the failed call and its request in a 502", async () => {
		upstream.faults.add({
			service: "sesv2",
			operation: "CreateTenant",
			times: always,
			effect: error(400, "LimitExceededException"),
		});
		const { body } = await create(names());
		expect(body).toEqual({
			detail: expect.stringMatching(
				/^Upstream email service refused the request \(SES CreateTenant: LimitExceededException: injected \(request [0-9a-f-]{36}\)\)\.$/,
			),
		});
	});

	describe("what stands in SES by other hands", () => {
		it.each([
			["by hand", []],
			[
				"for somebody else's setup",
				[{ Key: "channels-setup-id", Value: "3a9f3a0c-0000-4000-8000-000000000000" }],
			],
		])("a tenant made %s is a 409 and stays as it is", async (_, tags) => {
			const json = names();
			const tenant = await upstream.hands.createTenant(json.tenant_name, tags);
			const answer = await create(json);
			expect([answer.status, answer.code]).toEqual([409, "exists-upstream"]);
			expect(await upstream.hands.tenant(json.tenant_name)).toEqual(tenant);
			await upstream.hands.deleteTenant(json.tenant_name);
			expect((await create(json)).status).toBe(201);
		});

		it("an identity is a 409, and the tenant made before it is undone by the time of the answer", async () => {
			const json = names();
			const identity = await upstream.hands.createIdentity(json.domain_identity);
			const answer = await create(json);
			expect([answer.status, answer.code]).toEqual([409, "exists-upstream"]);
			expect(await upstream.hands.tenant(json.tenant_name)).toBeUndefined();
			expect(await upstream.hands.identity(json.domain_identity)).toEqual(identity);
		});

		it("is not deleted with a setup whose names it took", async () => {
			const made = await create(names());
			const { id, tenant_name, domain_identity } = made.body;
			await upstream.hands.deleteTenant(tenant_name);
			await upstream.hands.deleteIdentity(domain_identity);
			const tenant = await upstream.hands.createTenant(tenant_name);
			const identity = await upstream.hands.createIdentity(domain_identity, [
				{ Key: "channels-setup-id", Value: "another" },
			]);
			expect((await remove(id)).status).toBe(204);
			expect(await upstream.hands.tenant(tenant_name)).toEqual(tenant);
			expect(await upstream.hands.identity(domain_identity)).toEqual(identity);
			await upstream.hands.deleteIdentity(domain_identity);
		});
	});

	describe("deletion", () => {
		it("succeeds when everything is gone upstream already", async () => {
			const { body } = await create(names());
			await upstream.hands.deleteTenant(body.tenant_name);
			await upstream.hands.deleteIdentity(body.domain_identity);
			expect((await remove(body.id)).status).toBe(204);
		});

		async function expectSecondTry(effect: Effect, status: number, code: string): Promise<void> {
			const { body } = await create(names());
			const lift = upstream.faults.add({
				service: "sesv2",
				operation: "DeleteTenant",
				times: always,
				effect,
			});
			expect(await remove(body.id)).toMatchObject({ status, code });
			expect(await listed()).toContain(body.tenant_name);
			lift();
			await untilAgreed(service.location, upstream.ses);
			expect((await remove(body.id)).status).toBe(404);
			expect(
				(await create({ tenant_name: body.tenant_name, domain_identity: body.domain_identity })).status,
			).toBe(201);
		}

		it("that fails inside SES says so, still shows the setup, and ends by itself", () =>
			expectSecondTry(error(500, "InternalServiceError"), 502, "upstream-unavailable"));

		it.each<[string, Effect, number, string]>([
			["loses its connection", { kind: "drop", when: "before" }, 502, "upstream-unavailable"],
			["takes too long", { kind: "delay", ms: deadlineMs + 500 }, 504, "upstream-timeout"],
		])(
			"that %s says so, still shows the setup, and ends by itself",
			{ tags: ["all"] },
			(_, effect, status, code) => expectSecondTry(effect, status, code),
		);

		it("that failed is ended by the next try", async () => {
			const { body } = await create(names());
			upstream.faults.add({
				service: "sesv2",
				operation: "DeleteEmailIdentity",
				times: 3,
				effect: error(500, "InternalServiceError"),
			});
			expect((await remove(body.id)).status).toBe(502);
			expect([204, 404]).toContain((await remove(body.id)).status);
		});

		it("whose answer is lost keeps the names until SES can be at it no more, and harms no successor", {
			tags: ["all"],
		}, async () => {
			const { body } = await create(names());
			const json = { tenant_name: body.tenant_name, domain_identity: body.domain_identity };
			// SES carries it out after nobody waits for the answer any more.
			upstream.faults.add({
				service: "sesv2",
				operation: "DeleteTenant",
				effect: { kind: "delay", ms: deadlineMs + 500 },
			});
			expect((await remove(body.id)).status).toBe(504);
			let made: SesSetupDetailResponse | undefined;
			await waitUntil(
				async () => {
					await remove(body.id);
					const answer = await create(json);
					if (answer.status === 201) made = answer.body;
					return made !== undefined;
				},
				{ timeoutMs: 10_000, what: () => "free names" },
			);
			await upstream.log.until((log) => log.all().every(({ endedAt }) => endedAt !== undefined));
			await untilAgreed(service.location, upstream.ses);
			expect((await api("GET", `/channels/ses-setup/${made?.id}`)).status).toBe(200);
			expect((await upstream.hands.tenant(json.tenant_name))?.tags).toEqual([
				{ Key: "channels-setup-id", Value: made?.id },
				{ Key: "channels-workspace-id", Value: service.workspaceId },
			]);
		});

		it("takes the identity out of its tenant before it deletes either", async () => {
			const { body } = await create(names());
			const before = upstream.log.all({ service: "sesv2" }).length;
			expect((await remove(body.id)).status).toBe(204);
			const changes = upstream.log
				.all({ service: "sesv2" })
				.slice(before)
				.filter(({ operation }) => operation.startsWith("Delete"));
			expect(changes.map(({ operation, status }) => [operation, status])).toEqual([
				["DeleteTenantResourceAssociation", 200],
				["DeleteEmailIdentity", 200],
				["DeleteTenant", 200],
			]);
		});

		it.each(["other", "zz-other"])(
			"of an identity that somebody put into tenant %s is a 409 that names it, and done once it is out",
			async (other) => {
				const { body } = await create(names());
				const { id, tenant_name, domain_identity } = body;
				await upstream.hands.createTenant(other);
				await upstream.hands.associate(other, domain_identity);
				const refused = await remove(id);
				expect([refused.status, refused.code, refused.body]).toEqual([
					409,
					"identity-in-other-tenant",
					{ detail: expect.stringMatching(new RegExp(`tenant "${other}".*DeleteTenantResourceAssociation`)) },
				]);
				expect(await upstream.hands.holders(domain_identity)).toEqual([tenant_name, other].sort());
				expect(await listed()).toContain(tenant_name);
				expect((await create({ tenant_name, domain_identity })).status).toBe(409);
				await upstream.hands.disassociate(other, domain_identity);
				// The recovery loop may have been faster.
				expect([204, 404]).toContain((await remove(id)).status);
				await untilAgreed(service.location, upstream.ses);
				expect(await upstream.hands.tenant(other)).toBeDefined();
				await upstream.hands.deleteTenant(other);
			},
		);

		it("finds every tenant that holds the identity, on whatever page, and changes none of them", {
			tags: ["all"],
		}, async () => {
			const { body } = await create(names());
			// More than two pages of a hundred.
			const others = Array.from({ length: 201 }, (_, index) => `crowd-${index}`);
			await Promise.all(
				others.map(async (name) => {
					await upstream.hands.createTenant(name);
					await upstream.hands.associate(name, body.domain_identity);
				}),
			);
			const { status, body: refusal } = await remove(body.id);
			expect(status).toBe(409);
			for (const name of others) expect(JSON.stringify(refusal)).toContain(`\\"${name}\\"`);
			await Promise.all(others.map((name) => upstream.hands.deleteTenant(name)));
			expect([204, 404]).toContain((await remove(body.id)).status);
		});

		it("does not hammer SES while somebody else's tenant holds the identity", { tags: ["all"] }, async () => {
			const { body } = await create(names());
			const arn = upstream.hands.arn(body.domain_identity);
			await upstream.hands.createTenant("holder");
			await upstream.hands.associate("holder", body.domain_identity);
			expect((await remove(body.id)).status).toBe(409);
			const asked = () =>
				upstream.log
					.all({ operation: "ListResourceTenants" })
					.filter(({ input }) => (input as { ResourceArn: string }).ResourceArn === arn).length;
			await sleep(1_500);
			// The first try anew comes after one or two seconds, and each one later.
			expect(asked()).toBeLessThanOrEqual(2);
			await upstream.hands.deleteTenant("holder");
			await untilAgreed(service.location, upstream.ses);
		});

		it("when the tenant was deleted by hand, still tells of another that holds the identity", async () => {
			const { body } = await create(names());
			await upstream.hands.deleteTenant(body.tenant_name);
			await upstream.hands.createTenant("keeper");
			await upstream.hands.associate("keeper", body.domain_identity);
			const refused = await remove(body.id);
			expect([refused.status, refused.body]).toEqual([409, { detail: expect.stringContaining('"keeper"') }]);
			await upstream.hands.deleteTenant("keeper");
			expect([204, 404]).toContain((await remove(body.id)).status);
		});

		it("when the tenant was made anew by hand, leaves that and its association alone", async () => {
			const { body } = await create(names());
			await upstream.hands.deleteTenant(body.tenant_name);
			const anew = await upstream.hands.createTenant(body.tenant_name);
			await upstream.hands.associate(body.tenant_name, body.domain_identity);
			expect((await remove(body.id)).status).toBe(409);
			expect(await upstream.hands.holders(body.domain_identity)).toEqual([body.tenant_name]);
			await upstream.hands.disassociate(body.tenant_name, body.domain_identity);
			expect([204, 404]).toContain((await remove(body.id)).status);
			expect(await upstream.hands.tenant(body.tenant_name)).toEqual(anew);
		});

		it("asked for ten times at once is done once, and all hear of it", async () => {
			const { body } = await create(names());
			const before = upstream.log.count({ operation: "DeleteTenant" });
			const answers = await Promise.all(Array.from({ length: 10 }, () => remove(body.id)));
			expect(answers.every(({ status }) => status === 204 || status === 404)).toBe(true);
			expect(upstream.log.count({ operation: "DeleteTenant" }) - before).toBe(1);
		});

		it("takes no new use case from its beginning on", async () => {
			const { body } = await create(names());
			upstream.faults.add({
				service: "sesv2",
				operation: "DeleteTenant",
				times: 3,
				effect: error(500, "InternalServiceError"),
			});
			expect((await remove(body.id)).status).toBe(502);
			const useCase = await api("POST", "/use-cases", {
				json: {
					channel: "email",
					entity_name: "Acme",
					name: "Late",
					setup_id: body.id,
					sender_email_address: `a@${body.domain_identity}`,
					email_type: "marketing",
				},
			});
			expect([404, 409]).toContain(useCase.status);
		});
	});

	it("clears away what a removed setup of its own left behind, when its name is wanted again", async () => {
		const first = await create(names());
		expect((await remove(first.body.id)).status).toBe(204);
		// As a process does that was paused between deciding and sending.
		const tags = [{ Key: "channels-setup-id", Value: first.body.id }];
		await upstream.hands.createTenant(first.body.tenant_name, tags);
		await upstream.hands.createIdentity(first.body.domain_identity, tags);
		const again = await create({
			tenant_name: first.body.tenant_name,
			domain_identity: first.body.domain_identity,
		});
		expect(again.status).toBe(201);
		await untilAgreed(service.location, upstream.ses);
	});

	it("waits for a sweep that is at what a removed setup of its own left behind", async () => {
		const first = await create(names());
		expect((await remove(first.body.id)).status).toBe(204);
		const tags = [{ Key: "channels-setup-id", Value: first.body.id }];
		const sweep = Promise.withResolvers<void>();
		upstream.faults.add({
			service: "sesv2",
			operation: "DeleteTenant",
			match: (input) => (input as { TenantName: string }).TenantName === first.body.tenant_name,
			effect: { kind: "hold", until: sweep.promise },
		});
		await upstream.hands.createTenant(first.body.tenant_name, tags);
		const calls = (operation: string) =>
			upstream.log
				.all({ operation })
				.filter(({ input }) => (input as { TenantName: string }).TenantName === first.body.tenant_name)
				.length;
		// The first of each is that of the setup's own create and delete.
		await upstream.log.until(() => calls("DeleteTenant") > 1);
		const again = create({
			tenant_name: first.body.tenant_name,
			domain_identity: first.body.domain_identity,
		});
		await upstream.log.until(() => calls("CreateTenant") > 1);
		sweep.resolve();
		expect((await again).status).toBe(201);
		await untilAgreed(service.location, upstream.ses);
	});

	it("undoes a create whose identity somebody puts into a tenant meanwhile, once it is out of that again", {
		tags: ["all"],
	}, async () => {
		const json = names();
		upstream.faults.add({
			service: "sesv2",
			operation: "CreateTenantResourceAssociation",
			times: always,
			effect: error(403, "AccessDeniedException"),
		});
		const inUndo = Promise.withResolvers<void>();
		upstream.faults.add({
			service: "sesv2",
			operation: "GetTenant",
			effect: { kind: "hold", until: inUndo.promise },
		});
		expect((await create(json)).status).toBe(502);
		await upstream.hands.createTenant("passer-by");
		await upstream.hands.associate("passer-by", json.domain_identity);
		inUndo.resolve();
		await upstream.log.until((log) => log.all({ operation: "ListResourceTenants" }).length > 0);
		const refused = await create(json);
		expect(refused.status).toBe(409);
		expect(await upstream.hands.identity(json.domain_identity)).toBeDefined();
		await upstream.hands.deleteTenant("passer-by");
		await untilAgreed(service.location, upstream.ses);
		expect(await upstream.hands.identity(json.domain_identity)).toBeUndefined();
	});

	it("sweeps up after a removed setup, and forgets it in the end", async () => {
		const { body } = await create(names());
		expect((await remove(body.id)).status).toBe(204);
		await upstream.hands.createTenant(body.tenant_name, [{ Key: "channels-setup-id", Value: body.id }]);
		await untilAgreed(service.location, upstream.ses);
		expect(await upstream.hands.tenant(body.tenant_name)).toBeUndefined();
		await waitUntil(async () => !(await setupRows(service.location)).some(({ id }) => id === body.id), {
			timeoutMs: 20_000,
			what: () => "forgotten setup",
		});
	});
});
