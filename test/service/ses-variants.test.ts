/** SES as it is at times, but as nobody can have it by a call: only the sandbox stages this. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { defaultAccount, type Sandbox, startSandbox } from "../../sandbox/index.js";
import type { Dkim } from "../../sandbox/ses/state.js";
import type { SesSetupDetailResponse } from "../../sdk/index.js";
import { untilAgreed } from "../support/agreement.js";
import { type Api, apiOf } from "../support/channels-api.js";
import { startTestService, type TestService } from "../support/service.js";
import { waitUntil } from "../support/wait.js";

describe("with DKIM keys of others", () => {
	let sandbox: Sandbox;
	let service: TestService;
	let api: Api;
	let count = 0;

	beforeAll(async () => {
		sandbox = await startSandbox();
		service = await startTestService({ sandbox, timing: { recoveryIntervalMs: 50 } });
		api = apiOf(service);
	});
	afterAll(async () => {
		await service?.stop();
		await sandbox?.close();
	});
	afterEach(() => sandbox.faults.clear());

	function names() {
		count += 1;
		return { tenant_name: `tenant-${count}`, domain_identity: `mail${count}.acme.com` };
	}

	function create(json: { tenant_name: string; domain_identity: string }) {
		return api<SesSetupDetailResponse>("POST", "/channels/ses-setup", { json });
	}

	function ses() {
		return sandbox.ses.region(defaultAccount.id, "us-east-1");
	}

	it.each<[string, Dkim]>([
		["that signs with its owner's key", { by: "owner", selector: "mine" }],
		["that a TXT record verified", { by: "nobody" }],
		["whose answers lack the hosted zone", { by: "ses", tokens: [], hostedZone: "", namesZone: false }],
	])("an identity %s is a 409 and stays as it is", async (_, dkim) => {
		const json = names();
		const identity = ses().createIdentity(json.domain_identity, [], Date.now());
		identity.dkim = dkim;
		const answer = await create(json);
		expect([answer.status, answer.code]).toEqual([409, "exists-upstream"]);
		expect(ses().tenants.has(json.tenant_name)).toBe(false);
		expect(ses().identities.get(json.domain_identity)).toBe(identity);
		await untilAgreed(service.location, sandbox.ses);
	});

	it.each<Dkim>([{ by: "owner", selector: "mine" }, { by: "nobody" }])(
		"changes of DKIM to %j hinder neither a check nor a delete",
		async (dkim) => {
			const { body } = await create(names());
			ses().identity(body.domain_identity).dkim = dkim;
			expect((await api("POST", `/channels/ses-setup/${body.id}/verify`)).status).toBe(200);
			expect((await api("DELETE", `/channels/ses-setup/${body.id}`)).status).toBe(204);
		},
	);

	it("changes of DKIM in the middle of a create do not hinder its undo", async () => {
		const json = names();
		const held = Promise.withResolvers<void>();
		sandbox.faults.add({
			service: "sesv2",
			operation: "CreateTenantResourceAssociation",
			effect: { kind: "hold", until: held.promise },
		});
		sandbox.faults.add({
			service: "sesv2",
			operation: "CreateTenantResourceAssociation",
			times: Number.POSITIVE_INFINITY,
			effect: { kind: "error", status: 400, code: "BadRequestException", message: "injected" },
		});
		const creating = create(json);
		await waitUntil(() => ses().identities.has(json.domain_identity), {
			timeoutMs: 20_000,
			what: () => "identity",
		});
		ses().identity(json.domain_identity).dkim = { by: "owner", selector: "mine" };
		held.resolve();
		expect((await creating).status).toBe(422);
		await untilAgreed(service.location, sandbox.ses);
		expect(ses().identities.has(json.domain_identity)).toBe(false);
	});
});

describe("with a SES that is slow to learn that an association is gone", () => {
	async function expectDelete(associationLagMs: number, status: number): Promise<void> {
		const sandbox = await startSandbox({ ses: { associationLagMs } });
		const service = await startTestService({
			sandbox,
			timing: { upstreamDeadlineMs: 2_500, settleMs: 500, leaseMs: 3_000, recoveryIntervalMs: 50 },
		});
		try {
			const api = apiOf(service);
			const { body } = await api<SesSetupDetailResponse>("POST", "/channels/ses-setup", {
				json: { tenant_name: "slow", domain_identity: "slow.acme.com" },
			});
			const removed = await api("DELETE", `/channels/ses-setup/${body.id}`);
			expect([removed.status, sandbox.ses.identities().length]).toEqual([status, status === 204 ? 0 : 1]);
		} finally {
			await service.stop();
			await sandbox.close();
		}
	}

	it("for 300 ms, a delete is answered 204", () => expectDelete(300, 204));

	it("for 60000 ms, a delete is answered 502", { tags: ["all"] }, () => expectDelete(60_000, 502));
});

it.each([
	["us-east-1", "dkim.amazonses.com"],
	["eu-south-1", "dkim.eu-south-1.amazonses.com"],
	["ap-northeast-3", "dkim.ap-northeast-3.amazonses.com"],
])("where SES in %s does not name its DKIM zone, the records lead to %s", async (region, zone) => {
	const sandbox = await startSandbox({ ses: { namesHostedZone: false } });
	const service = await startTestService({ sandbox, region });
	try {
		const { status, body } = await apiOf(service)<SesSetupDetailResponse>("POST", "/channels/ses-setup", {
			json: { tenant_name: "zoned", domain_identity: "zoned.acme.com" },
		});
		expect(status).toBe(201);
		const targets = body.dns_records.filter(({ type }) => type === "CNAME").map(({ record }) => record);
		expect(targets.map((target) => target.replace(/^[a-z2-7]{32}\./, ""))).toEqual([zone, zone, zone]);
	} finally {
		await service.stop();
		await sandbox.close();
	}
});
