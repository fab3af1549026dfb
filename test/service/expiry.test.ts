import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/index.js";
import type { SesSetupDetailResponse } from "../../sdk/index.js";
import { openDatabase } from "../../service/database/database.js";
import { setupRows, untilAgreed } from "../support/agreement.js";
import { type Api, apiOf } from "../support/channels-api.js";
import { describeOnEachDatabase } from "../support/databases.js";
import { startTestService, type TestService } from "../support/service.js";
import { waitUntil } from "../support/wait.js";

const dayMs = 86_400_000;

describeOnEachDatabase("a setup that was never verified", (newLocation) => {
	let sandbox: Sandbox;
	let service: TestService;
	let api: Api;
	let count = 0;

	beforeAll(async () => {
		sandbox = await startSandbox();
		service = await startTestService({
			sandbox,
			database: { location: await newLocation() },
			timing: { unverifiedExpireMs: 30 * dayMs, recoveryIntervalMs: 50, sweepsMs: [50] },
		});
		api = apiOf(service);
	});
	afterAll(async () => {
		await service?.stop();
		await sandbox?.close();
	});
	afterEach(() => sandbox.faults.clear());

	async function create() {
		count += 1;
		const names = { tenant_name: `tenant-${count}`, domain_identity: `mail${count}.acme${count}.com` };
		const { status, body } = await api<SesSetupDetailResponse>("POST", "/channels/ses-setup", {
			json: names,
		});
		expect(status).toBe(201);
		return body;
	}

	/** Has setups look as if they had been made so long ago. */
	async function age(days: number, ...setups: SesSetupDetailResponse[]) {
		const database = await openDatabase(service.location);
		try {
			await database.db
				.updateTable("setups")
				.set({ created_at: Date.now() - days * dayMs, due_at: 0 })
				.where(
					"id",
					"in",
					setups.map(({ id }) => id),
				)
				.execute();
		} finally {
			await database.close();
		}
	}

	function publish({ domain_identity, dns_records }: SesSetupDetailResponse) {
		const zone = sandbox.route53.createZone(domain_identity);
		for (const { address, type, record } of dns_records)
			sandbox.route53.put(zone.id, {
				name: address,
				type,
				values: [type === "TXT" ? `"${record}"` : record],
			});
		return () => sandbox.route53.deleteZone(zone.id);
	}

	const exists = async ({ id }: SesSetupDetailResponse) =>
		(await setupRows(service.location)).some((row) => row.id === id && row.state === "active");
	const untilGone = (setup: SesSetupDetailResponse) =>
		waitUntil(async () => !(await exists(setup)), { timeoutMs: 10_000, what: () => "expiry" });

	it("is taken down when its time is over, with all it has in SES, and its names are free", async () => {
		const [old, young] = [await create(), await create()];
		await age(31, old);
		await age(29, young);
		await untilGone(old);
		await untilAgreed(service.location, sandbox.ses);
		expect((await api("GET", `/channels/ses-setup/${old.id}`)).status).toBe(404);
		expect(sandbox.ses.identities().map(({ name }) => name)).toEqual([young.domain_identity]);
		const { tenant_name, domain_identity } = old;
		const again = await api("POST", "/channels/ses-setup", { json: { tenant_name, domain_identity } });
		expect(again.status).toBe(201);
		expect(await exists(young)).toBe(true);
	});

	it("stays while a use case refers to it, or SES says nothing of it", async () => {
		const [used, doubtful, old] = [await create(), await create(), await create()];
		const useCase = await api<{ id: string }>("POST", "/use-cases", {
			json: {
				channel: "email",
				entity_name: "Acme",
				name: "Later",
				setup_id: used.id,
				sender_email_address: `a@${used.domain_identity}`,
				email_type: "marketing",
			},
		});
		expect(useCase.status).toBe(201);
		sandbox.faults.add({
			service: "sesv2",
			operation: "GetEmailIdentity",
			match: (input) => JSON.stringify(input).includes(doubtful.domain_identity),
			times: Number.POSITIVE_INFINITY,
			effect: { kind: "error", status: 500, code: "InternalServiceError", message: "injected" },
		});
		await age(33, doubtful);
		await age(32, used);
		await age(31, old);
		// The last in turn.
		await untilGone(old);
		expect([await exists(used), await exists(doubtful)]).toEqual([true, true]);
		await api("DELETE", `/use-cases/${useCase.body.id}`);
		await untilGone(used);
	});

	it("is none where it was verified once, by a check or by SES alone", async () => {
		const [checked, unasked, old] = [await create(), await create(), await create()];
		const takeBack = publish(checked);
		publish(unasked);
		const { body } = await api<SesSetupDetailResponse>("GET", `/channels/ses-setup/${checked.id}`);
		expect(body.dns_records.every(({ verified }) => verified)).toBe(true);
		// Nothing of it stands any more, and SES finds out.
		takeBack();
		await age(33, checked);
		await age(32, unasked);
		await age(31, old);
		await untilGone(old);
		expect([await exists(checked), await exists(unasked)]).toEqual([true, true]);
	});
});
