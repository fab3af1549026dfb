import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { defaultAccount, type Sandbox, startSandbox } from "../../sandbox/index.js";
import type { DiagnosisResponse, SesSetupDetailResponse } from "../../sdk/index.js";
import type { Timing } from "../../service/index.js";
import { type Api, apiOf } from "../support/channels-api.js";
import { startTestService, type TestService } from "../support/service.js";

let sandbox: Sandbox;
let service: TestService;
let api: Api;
let setup: SesSetupDetailResponse;

async function start(timing: Partial<Timing> = {}): Promise<void> {
	service = await startTestService({ sandbox, timing });
	api = apiOf(service);
	const json = { tenant_name: "acme", domain_identity: "mail.acme.com" };
	setup = (await api<SesSetupDetailResponse>("POST", "/channels/ses-setup", { json })).body;
}

beforeEach(async () => {
	sandbox = await startSandbox();
});
afterEach(async () => {
	await service?.stop();
	await sandbox?.close();
});

const ses = () => sandbox.ses.region(defaultAccount.id, "us-east-1");
const asked = (operation: string) => sandbox.log.count({ service: "sesv2", operation });

async function obstacles() {
	const { status, body } = await api<DiagnosisResponse>("GET", `/channels/ses-setup/${setup.id}/diagnosis`);
	expect(status).toBe(200);
	return body.obstacles ?? [];
}

describe("what keeps a domain from sending although its records stand", () => {
	it("is nothing in an account and a tenant that may send", async () => {
		await start();
		ses().sending.enforcement = "PROBATION";
		ses().tenant("acme").sendingStatus = "REINSTATED";
		expect(await obstacles()).toEqual([]);
	});

	it.each<[string, () => void, string[], RegExp]>([
		[
			"the account is in the sandbox of SES",
			() => Object.assign(ses().sending, { productionAccess: false }),
			["account-in-sandbox"],
			/in the sandbox of SES in us-east-1: it sends to verified addresses/,
		],
		[
			"the account's sending is paused",
			() => Object.assign(ses().sending, { enabled: false }),
			["account-paused"],
			/put-account-sending-attributes/,
		],
		[
			"AWS has paused the account",
			() => Object.assign(ses().sending, { enabled: false, enforcement: "SHUTDOWN" }),
			["account-suspended"],
			/AWS has paused all sending/,
		],
		[
			"the tenant's sending is paused",
			() => Object.assign(ses().tenant("acme"), { sendingStatus: "DISABLED" }),
			["tenant-paused"],
			/the setup's tenant acme/,
		],
		[
			"there is more than one reason",
			() => {
				Object.assign(ses().sending, { enabled: false, productionAccess: false });
				Object.assign(ses().tenant("acme"), { sendingStatus: "DISABLED" });
			},
			["account-paused", "account-in-sandbox", "tenant-paused"],
			/Whoever runs the service/,
		],
	])("is that %s", async (_, change, codes, words) => {
		await start();
		change();
		const told = await obstacles();
		expect(told.map(({ code }) => code)).toEqual(codes);
		expect(told[0]?.reason).toMatch(words);
		expect(Math.abs(Date.parse(told[0]?.asked_at ?? "") - Date.now())).toBeLessThan(60_000);
	});

	it("is not the state of somebody else's tenant of that name", async () => {
		await start();
		const { arn } = ses().identity("mail.acme.com");
		ses().disassociate("acme", arn);
		ses().deleteTenant("acme");
		ses().createTenant("acme", [], Date.now()).sendingStatus = "DISABLED";
		expect(await obstacles()).toEqual([]);
	});

	it("is asked for once an interval, by however many, and known for so long", async () => {
		await start();
		ses().sending.productionAccess = false;
		const tenants = asked("GetTenant");
		const told = await Promise.all([obstacles(), obstacles(), obstacles()]);
		ses().sending.productionAccess = true;
		expect(await obstacles()).toEqual(told[0]);
		expect([asked("GetAccount"), asked("GetTenant") - tenants]).toEqual([1, 1]);
	});

	it("is asked for again after that", async () => {
		await start({ obstaclesMs: 1 });
		ses().sending.productionAccess = false;
		expect(await obstacles()).toHaveLength(1);
		ses().sending.productionAccess = true;
		expect(await obstacles()).toEqual([]);
	});

	it.each([
		["does not allow the question", 403, "AccessDeniedException"],
		["fails", 500, "InternalServiceError"],
	])("is left unsaid where SES %s, and not asked for again at once", async (_, status, code) => {
		await start();
		Object.assign(ses().sending, { productionAccess: false });
		Object.assign(ses().tenant("acme"), { sendingStatus: "DISABLED" });
		sandbox.faults.add({
			service: "sesv2",
			operation: "GetAccount",
			times: Number.POSITIVE_INFINITY,
			effect: { kind: "error", status, code, message: "injected" },
		});
		expect((await obstacles()).map((each) => each.code)).toEqual(["tenant-paused"]);
		const before = asked("GetAccount");
		await obstacles();
		expect(asked("GetAccount")).toBe(before);
	});
});
