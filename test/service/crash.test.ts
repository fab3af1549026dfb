/** @module-tag all */
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { SesSetupDetailResponse } from "../../sdk/index.js";
import { createApiKey, permissions } from "../../service/index.js";
import { untilAgreed } from "../support/agreement.js";
import { type Api, apiOf } from "../support/channels-api.js";
import { describeOnEachDatabase } from "../support/databases.js";
import { type ServiceProcess, startServiceProcess } from "../support/service-process.js";
import { startUpstream, type Upstream } from "../support/upstream.js";
import { waitUntil } from "../support/wait.js";

const timing = {
	// Enough for the nine requests that are held at the same time, on a busy machine, too.
	upstreamDeadlineMs: 3_000,
	settleMs: 500,
	leaseMs: 3_500,
	recoveryIntervalMs: 50,
	// The longest delay below ends before the last sweep.
	sweepsMs: [300, 1_500],
};

/** The calls of SES in a create, in their order. */
const creationSteps = [
	"CreateTenant",
	"CreateEmailIdentity",
	"PutEmailIdentityMailFromAttributes",
	"CreateTenantResourceAssociation",
] as const;

/** The calls of SES in a delete, in their order. */
const removalSteps = [
	"GetTenant",
	"GetEmailIdentity",
	"ListResourceTenants",
	"DeleteTenantResourceAssociation",
	"DeleteEmailIdentity",
	"DeleteTenant",
] as const;

/** An action in the middle of a call of SES. */
interface Held {
	/** Lets the call go on, a second later. */
	release(): void;
	/** However the action ends. */
	readonly ended: Promise<unknown>;
}

describeOnEachDatabase("a service that is killed or paused", (newLocation) => {
	let upstream: Upstream;
	let location: string;
	let service: ServiceProcess;
	let workspaceId: string;
	let apiKey: string;
	let count = 0;

	beforeAll(async () => {
		upstream = await startUpstream();
		location = await newLocation();
		workspaceId = randomUUID();
		apiKey = (await createApiKey(location, workspaceId, permissions)).key;
		service = await start();
	});
	afterAll(async () => {
		await service?.stop();
		await upstream?.close();
	});
	afterEach(() => upstream.faults.clear());

	function start(clockOffsetMs = 0): Promise<ServiceProcess> {
		return startServiceProcess({ sandbox: upstream, location, timing, clockOffsetMs, mailFrom: "bounce" });
	}

	function api(of = service): Api {
		return apiOf({ url: of.url, apiKey, workspaceId });
	}

	function create(json: { tenant_name: string; domain_identity: string }, of = service, headers = {}) {
		return api(of)<SesSetupDetailResponse>("POST", "/channels/ses-setup", { json, headers });
	}

	const agreed = () => untilAgreed(location, upstream.ses, 20_000);

	function names() {
		count += 1;
		return { tenant_name: `tenant-${count}`, domain_identity: `mail${count}.acme.com` };
	}

	/**
	 * Runs `action`, and resolves once it is held at a call of SES about these names, either before the call is done
	 * or before its answer is sent.
	 */
	async function hold(
		operation: string,
		when: "before" | "after",
		json: { tenant_name: string; domain_identity: string },
		action: () => Promise<unknown>,
	): Promise<Held> {
		const match = (input: unknown) =>
			Object.values(input as object).some(
				(value) =>
					value === json.tenant_name ||
					value === json.domain_identity ||
					String(value).endsWith(`:identity/${json.domain_identity}`),
			);
		const held = () => upstream.log.all({ operation }).filter(({ input }) => match(input));
		const seen = held().length;
		const { promise: until, resolve: release } = Promise.withResolvers<void>();
		upstream.faults.add({ service: "sesv2", operation, match, effect: { kind: "hold", until, when } });
		upstream.faults.add({ service: "sesv2", operation, match, effect: { kind: "delay", ms: 1_000, when } });
		const ended = action().catch(() => undefined);
		await upstream.log.until(() => held().length > seen && held().at(-1)?.endedAt === undefined);
		return { release, ended };
	}

	it.each(["before", "after"] as const)(
		"killed %s each step of creates and deletes, leaves no half of either once it is back",
		async (when) => {
			const creating = creationSteps.map((operation) => ({ operation, json: names() }));
			const deleting = await Promise.all(
				removalSteps.map(async (operation) => ({ operation, setup: (await create(names())).body })),
			);
			const path = (id: string) => `/channels/ses-setup/${id}`;
			const held = await Promise.all([
				...creating.map(({ operation, json }) => hold(operation, when, json, () => create(json))),
				...deleting.map(({ operation, setup }) =>
					hold(operation, when, setup, () => api()("DELETE", path(setup.id))),
				),
			]);
			await service.kill();
			for (const { release } of held) release();
			await Promise.all(held.map(({ ended }) => ended));
			service = await start();
			await agreed();
			for (const { setup } of deleting) expect((await api()("GET", path(setup.id))).status).toBe(404);
			for (const { json } of creating) expect((await create(json)).status).toBe(201);
			await agreed();
		},
	);

	it.each(["before", "after"] as const)(
		"killed %s each step of the undo of a create, ends it once it is back",
		async (when) => {
			const undoing = removalSteps.map((operation) => ({ operation, json: names() }));
			for (const { json } of undoing) {
				upstream.faults.add({
					service: "sesv2",
					operation: "CreateTenantResourceAssociation",
					match: (input) => (input as { TenantName: string }).TenantName === json.tenant_name,
					// It is done all the same, so that there is an association to undo.
					effect: {
						kind: "error",
						status: 400,
						code: "BadRequestException",
						message: "injected",
						when: "after",
					},
				});
			}
			const held = await Promise.all(
				undoing.map(({ operation, json }) => hold(operation, when, json, () => create(json))),
			);
			await service.kill();
			for (const { release } of held) release();
			await Promise.all(held.map(({ ended }) => ended));
			upstream.faults.clear();
			service = await start();
			await agreed();
			for (const { json } of undoing) expect((await create(json)).status).toBe(201);
			await agreed();
		},
	);

	it("killed in a create, clears it away when the same names are asked for again", async () => {
		const json = names();
		const { release, ended } = await hold("CreateEmailIdentity", "after", json, () => create(json));
		await service.kill();
		release();
		await ended;
		service = await start();
		let status = 0;
		await waitUntil(
			async () => {
				status = (await create(json)).status;
				return status !== 409;
			},
			{ timeoutMs: 20_000, what: () => "free names" },
		);
		expect(status).toBe(201);
	});

	it.each(creationSteps)(
		"killed after %s, makes one setup when the create is sent again with its key",
		async (operation) => {
			const [json, headers] = [names(), { "idempotency-key": randomUUID() }];
			const { release, ended } = await hold(operation, "after", json, () => create(json, service, headers));
			await service.kill();
			release();
			await ended;
			service = await start();
			// Its deadline may come before the end of the lease.
			const first = await create(json, service, headers);
			const made = first.status === 504 ? await create(json, service, headers) : first;
			expect(made.status).toBe(201);
			expect((await create(json, service, headers)).body).toEqual(made.body);
			await agreed();
		},
	);

	it("paused in a create until another has undone it, does no harm to whoever has the names by then", async () => {
		const other = await start();
		try {
			for (const operation of creationSteps) {
				const json = names();
				const { release, ended } = await hold(operation, "after", json, () => create(json));
				await service.pause();
				release();
				let made: SesSetupDetailResponse | undefined;
				const answers: string[] = [];
				await waitUntil(
					async () => {
						const { status, body } = await create(json, other);
						answers.push(`${status} ${JSON.stringify(body)}`);
						if (status === 201) made = body;
						return status === 201;
					},
					{ timeoutMs: 20_000, what: () => `create by the other instance:\n${answers.join("\n")}` },
				);
				service.resume();
				await ended;
				await agreed();
				expect((await api(other)("GET", `/channels/ses-setup/${made?.id}`)).status).toBe(200);
			}
		} finally {
			service.resume();
			await other.stop();
		}
	});

	it("paused in a delete until another has finished it, does no harm to whoever has the names by then", async () => {
		const other = await start();
		try {
			// What was sent and is answered later is no matter of the pause.
			for (const operation of removalSteps.filter((step) => step !== "DeleteTenant")) {
				const json = names();
				const { body } = await create(json);
				const path = `/channels/ses-setup/${body.id}`;
				const { release, ended } = await hold(operation, "after", json, () => api()("DELETE", path));
				await service.pause();
				release();
				let made: SesSetupDetailResponse | undefined;
				await waitUntil(
					async () => {
						await api(other)("DELETE", path);
						const again = await create(json, other);
						if (again.status === 201) made = again.body;
						return again.status === 201;
					},
					{ timeoutMs: 20_000, what: () => "delete and create by the other instance" },
				);
				service.resume();
				await ended;
				await agreed();
				expect((await api(other)("GET", `/channels/ses-setup/${made?.id}`)).status).toBe(200);
				expect(await upstream.hands.tenant(json.tenant_name)).toBeDefined();
			}
		} finally {
			service.resume();
			await other.stop();
		}
	});

	it("shares the work with instances whose clocks are a minute off", async () => {
		const [ahead, behind] = await Promise.all([start(60_000), start(-60_000)]);
		try {
			const instances = [service, ahead, behind];
			upstream.faults.add({
				service: "sesv2",
				operation: "CreateTenant",
				times: 6,
				effect: { kind: "delay", ms: 600 },
			});
			const made = await Promise.all(
				[...instances, ...instances].map((instance) => create(names(), instance)),
			);
			expect(made.map(({ status }) => status)).toEqual(Array(6).fill(201));
			for (const shared of [{ tenant_name: "shared" }, { domain_identity: "shared.acme.com" }]) {
				const raced = await Promise.all(
					Array.from({ length: 20 }, (_, index) =>
						create({ ...names(), ...shared }, instances[index % 3] ?? service),
					),
				);
				expect(raced.map(({ status }) => status).sort()).toEqual([201, ...Array(19).fill(409)]);
			}
			await agreed();
		} finally {
			await Promise.all([ahead.stop(), behind.stop()]);
		}
	});
});
