import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { defaultAccount, type Sandbox, startSandbox } from "../../sandbox/index.js";
import type { Identity } from "../../sandbox/ses/state.js";
import type { DiagnosisResponse, DnsRecordResponse, SesSetupDetailResponse } from "../../sdk/index.js";
import { startDnsServer } from "../dns/server.js";
import { type Api, apiOf } from "../support/channels-api.js";
import { startTestService, type TestService } from "../support/service.js";

let sandbox: Sandbox;
let service: TestService;
let api: Api;
let zoneId: string;
let count = 0;

beforeAll(async () => {
	sandbox = await startSandbox();
	zoneId = sandbox.route53.createZone("acme.com").id;
	service = await startTestService({ sandbox });
	api = apiOf(service);
});
afterAll(async () => {
	await service?.stop();
	await sandbox?.close();
});
afterEach(() => sandbox.faults.clear());

async function create(): Promise<SesSetupDetailResponse> {
	count += 1;
	const { body } = await api<SesSetupDetailResponse>("POST", "/channels/ses-setup", {
		json: { tenant_name: `tenant-${count}`, domain_identity: `mail${count}.acme.com` },
	});
	return body;
}

function publish({ address, type, record }: DnsRecordResponse, values?: string[]): void {
	const own = type === "TXT" ? `"${record}"` : record;
	sandbox.route53.put(zoneId, { name: address, type, values: values ?? [own] });
}

async function check(id: string): Promise<SesSetupDetailResponse> {
	return (await api<SesSetupDetailResponse>("GET", `/channels/ses-setup/${id}`)).body;
}

/** The flags in the order DKIM, DKIM, DKIM, MX, DMARC, as one word of 0 and 1. */
function flags({ dns_records }: SesSetupDetailResponse): string {
	return dns_records.map(({ verified }) => (verified ? "1" : "0")).join("");
}

async function published(): Promise<SesSetupDetailResponse> {
	const setup = await create();
	for (const record of setup.dns_records) publish(record);
	return setup;
}

function at(setup: SesSetupDetailResponse, index: number): DnsRecordResponse {
	const record = setup.dns_records[index];
	if (!record) throw new Error(`no record ${index}`);
	return record;
}

function answerDnsWith(code: "SERVFAIL" | "REFUSED" | "drop", type: string): () => void {
	return sandbox.faults.add({
		service: "dns",
		operation: type,
		times: Number.POSITIVE_INFINITY,
		match: (input) => (input as { face: string }).face === "authoritative",
		effect:
			code === "drop"
				? { kind: "drop", when: "before" }
				: { kind: "error", status: 2, code, message: "injected" },
	});
}

async function listedAs(
	id: string,
): Promise<{ dns_verified: boolean; dns_checked_at: string | null } | undefined> {
	type Item = { id: string; dns_verified: boolean; dns_checked_at: string | null };
	const { body } = await api<{ items: Item[] }>("GET", "/channels/ses-setup?limit=20");
	return body.items.find((item) => item.id === id);
}

describe("a live check", () => {
	it("verifies each record for itself, and DKIM once all three stand and SES accepts them", async () => {
		const setup = await create();
		expect(flags(await check(setup.id))).toBe("00000");
		publish(at(setup, 3));
		expect(flags(await check(setup.id))).toBe("00010");
		publish(at(setup, 4));
		publish(at(setup, 0));
		publish(at(setup, 1));
		expect(flags(await check(setup.id))).toBe("00011");
		publish(at(setup, 2));
		expect(flags(await check(setup.id))).toBe("11111");
	});

	it("asks SES only once the three CNAMEs stand, since its resolver would remember the no", async () => {
		const setup = await create();
		const asked = () => sandbox.log.count({ service: "sesv2", operation: "GetEmailIdentity" });
		const before = asked();
		await check(setup.id);
		await check(setup.id);
		expect(asked()).toBe(before);
		for (const record of setup.dns_records) publish(record);
		expect(flags(await check(setup.id))).toBe("11111");
		expect(asked()).toBe(before + 1);
	});

	it("feeds no no to SES's resolver when records that stood are removed and come back", async () => {
		const setup = await published();
		expect(flags(await check(setup.id))).toBe("11111");
		sandbox.dns.flushResolver();
		for (const index of [0, 1, 2]) sandbox.route53.remove(zoneId, at(setup, index).address, "CNAME");
		expect(flags(await check(setup.id))).toBe("00011");
		for (const record of setup.dns_records) publish(record);
		expect(flags(await check(setup.id))).toBe("11111");
	});

	it("keeps DKIM false while SES does not accept the domain", async () => {
		const setup = await published();
		const identity = sandbox.ses.region(defaultAccount.id, "us-east-1").identity(setup.domain_identity);
		// SES's resolver has the "no" of somebody who asked too early.
		const lift = sandbox.faults.add({
			service: "dns",
			operation: "CNAME",
			times: Number.POSITIVE_INFINITY,
			match: (input) => (input as { face: string }).face === "resolver",
			effect: { kind: "error", status: 2, code: "SERVFAIL", message: "" },
		});
		expect(flags(await check(setup.id))).toBe("00011");
		expect(identity.status).toBe("PENDING");
		lift();
		expect(flags(await check(setup.id))).toBe("11111");
	});

	it.each<[string, number, string[], string]>([
		["another MX beside ours", 3, ["10 inbound-smtp.us-east-1.amazonaws.com", "20 mx.example.net"], "11111"],
		["the MX with another priority", 3, ["20 inbound-smtp.us-east-1.amazonaws.com"], "11101"],
		["another MX alone", 3, ["10 mx.example.net"], "11101"],
		["a null MX", 3, ["0 ."], "11101"],
		["another DMARC policy", 4, ['"v=DMARC1; p=reject"'], "11110"],
		["a second DMARC policy", 4, ['"v=DMARC1; p=none"', '"v=DMARC1; p=reject"'], "11110"],
		["a TXT of somebody else beside DMARC", 4, ['"v=DMARC1; p=none"', '"hello"'], "11111"],
		["a CNAME that points elsewhere", 1, ["elsewhere.example.net"], "10111"],
	])("sees %s", async (_, index, values, expected) => {
		const setup = await published();
		expect(flags(await check(setup.id))).toBe("11111");
		publish(at(setup, index), values);
		expect(flags(await check(setup.id))).toBe(expected);
	});

	it("sees a record that is removed", async () => {
		const setup = await published();
		expect(flags(await check(setup.id))).toBe("11111");
		sandbox.route53.remove(zoneId, at(setup, 3).address, "MX");
		expect(flags(await check(setup.id))).toBe("11101");
	});
});

describe("a look-up that fails", () => {
	it("of a CNAME alone leaves the time of the check, although SES accepts nothing yet", async () => {
		const setup = await create();
		const first = await check(setup.id);
		answerDnsWith("SERVFAIL", "CNAME");
		expect((await check(setup.id)).dns_checked_at).toBe(first.dns_checked_at);
	});

	/** A silent server costs a look-up four seconds. */
	const tagsOf = (kind: string) => (kind === "drop" || kind === "silent" ? ["all"] : []);

	for (const code of ["SERVFAIL", "REFUSED", "drop"] as const)
		it(`with ${code} leaves the last known flag and the time of the check`, {
			tags: tagsOf(code),
		}, async () => {
			const setup = await published();
			const first = await check(setup.id);
			expect(flags(first)).toBe("11111");
			const lift = answerDnsWith(code, "MX");
			sandbox.route53.remove(zoneId, at(setup, 4).address, "TXT");
			const second = await check(setup.id);
			expect(flags(second)).toBe("11110");
			expect(second.dns_checked_at).toBe(first.dns_checked_at);
			lift();
			const third = await check(setup.id);
			expect(Date.parse(third.dns_checked_at ?? "")).toBeGreaterThan(Date.parse(first.dns_checked_at ?? ""));
		});

	for (const kind of ["dead", "silent"])
		it(`at one name server of two, which is ${kind}, takes nothing away`, {
			tags: tagsOf(kind),
		}, async () => {
			await using silent = await startDnsServer(() => "silence");
			const other = kind === "dead" ? "127.0.0.1:1" : silent.address;
			const half = await startTestService({ sandbox, dnsServers: [other, sandbox.dns.authoritative] });
			const of = apiOf(half);
			const json = { tenant_name: `half-${kind}`, domain_identity: `half-${kind}.acme.com` };
			const { body } = await of<SesSetupDetailResponse>("POST", "/channels/ses-setup", { json });
			const verify = async () =>
				(await of<SesSetupDetailResponse>("POST", `/channels/ses-setup/${body.id}/verify`)).body;
			expect(flags(await verify())).toBe("00000");
			for (const record of body.dns_records) publish(record);
			expect(flags(await verify())).toBe("11111");
			sandbox.route53.remove(zoneId, at(body, 3).address, "MX");
			expect(flags(await verify())).toBe("11101");
			await half.stop();
		});

	it("ends by the deadline of a check", async () => {
		const setup = await published();
		const { location, workspaceId, apiKey } = service;
		const hasty = await startTestService({
			sandbox,
			database: { location },
			timing: { checkDeadlineMs: 500 },
		});
		try {
			answerDnsWith("drop", "MX");
			answerDnsWith("drop", "TXT");
			answerDnsWith("drop", "CNAME");
			const started = performance.now();
			const { body } = await apiOf({ url: hasty.url, workspaceId, apiKey })<SesSetupDetailResponse>(
				"GET",
				`/channels/ses-setup/${setup.id}`,
			);
			expect(flags(body)).toBe("00000");
			// By itself a look-up gives up after four seconds.
			expect(performance.now() - started).toBeLessThan(3_900);
		} finally {
			await hasty.stop();
		}
	});

	it("of SES itself leaves DKIM as it was and the time of the check", async () => {
		const setup = await published();
		const first = await check(setup.id);
		sandbox.faults.add({
			service: "sesv2",
			operation: "GetEmailIdentity",
			times: Number.POSITIVE_INFINITY,
			effect: { kind: "error", status: 500, code: "InternalServiceError", message: "" },
		});
		const second = await check(setup.id);
		expect([flags(second), second.dns_checked_at]).toEqual(["11111", first.dns_checked_at]);
	});
});

describe("the list", () => {
	it("shows the aggregate of the last check, and checks nothing itself", async () => {
		const setup = await published();
		expect(await listedAs(setup.id)).toMatchObject({ dns_verified: false, dns_checked_at: null });
		const checked = await check(setup.id);
		const queries = sandbox.log.count({ service: "dns" });
		expect(await listedAs(setup.id)).toMatchObject({
			dns_verified: true,
			dns_checked_at: checked.dns_checked_at,
		});
		expect(sandbox.log.count({ service: "dns" })).toBe(queries);
	});
});

it("makes one round of look-ups and one call of SES for 100 GETs at once", async () => {
	const setup = await published();
	await check(setup.id);
	const dns = () => sandbox.log.all({ service: "dns" }).length;
	const ses = () => sandbox.log.count({ service: "sesv2", operation: "GetEmailIdentity" });
	const [dnsBefore, sesBefore] = [dns(), ses()];
	await check(setup.id);
	const [dnsOnce, sesOnce] = [dns() - dnsBefore, ses() - sesBefore];
	// The one check outlasts the arrival of the hundred.
	sandbox.faults.add({ service: "dns", operation: "MX", effect: { kind: "delay", ms: 1_500 } });
	const answers = await Promise.all(Array.from({ length: 100 }, () => check(setup.id)));
	expect(new Set(answers.map((answer) => answer.dns_checked_at)).size).toBe(1);
	expect([dns() - dnsBefore - dnsOnce, ses() - sesBefore - sesOnce]).toEqual([dnsOnce, sesOnce]);
	expect(sesOnce).toBe(1);
});

describe("DKIM that SES gave up", () => {
	const restarts = () =>
		sandbox.log.count({ service: "sesv2", operation: "PutEmailIdentityDkimSigningAttributes" });

	async function givenUp(): Promise<SesSetupDetailResponse> {
		const setup = await published();
		sandbox.ses.region(defaultAccount.id, "us-east-1").identity(setup.domain_identity).status = "FAILED";
		return setup;
	}

	it("is looked for again once the records stand, and verified under the same names", async () => {
		const setup = await givenUp();
		expect(flags(await check(setup.id))).toBe("00011");
		const { dns_records } = await check(setup.id);
		expect(dns_records.map(({ address, record }) => [address, record])).toEqual(
			setup.dns_records.map(({ address, record }) => [address, record]),
		);
		expect(dns_records.every(({ verified }) => verified)).toBe(true);
	});

	it("is not looked for while the records do not stand", async () => {
		const setup = await create();
		sandbox.ses.region(defaultAccount.id, "us-east-1").identity(setup.domain_identity).status = "FAILED";
		const before = restarts();
		await check(setup.id);
		publish(at(setup, 0));
		await check(setup.id);
		expect(restarts()).toBe(before);
	});

	it("is started again once an interval, however often somebody looks", async () => {
		const setup = await givenUp();
		const identity = sandbox.ses.region(defaultAccount.id, "us-east-1").identity(setup.domain_identity);
		const before = restarts();
		for (let look = 0; look < 4; look += 1) {
			expect(flags(await check(setup.id))).toBe("00011");
			identity.status = "FAILED";
		}
		expect(restarts() - before).toBe(1);
	});

	it("stays unverified, and the check whole, when SES refuses to start again", async () => {
		const setup = await givenUp();
		const before = await check((await published()).id);
		sandbox.faults.add({
			service: "sesv2",
			operation: "PutEmailIdentityDkimSigningAttributes",
			effect: { kind: "error", status: 403, code: "AccessDeniedException", message: "no" },
		});
		const answer = await check(setup.id);
		expect(flags(answer)).toBe("00011");
		expect(answer.dns_checked_at).not.toBeNull();
		expect(before.dns_checked_at).not.toBeNull();
	});
});

it.each<[string, (identity: Identity) => void]>([
	[
		"signs with another's key",
		(identity) => {
			identity.dkim = { by: "owner", selector: "mine" };
		},
	],
	[
		"has other tokens",
		(identity) => {
			const tokens = ["a", "b", "c"].map((letter) => letter.repeat(32));
			identity.dkim = { by: "ses", tokens, hostedZone: "dkim.amazonses.com", namesZone: true };
		},
	],
	[
		"has no DKIM any more",
		(identity) => {
			identity.dkim = { by: "nobody" };
		},
	],
])("tells of an identity that by other hands %s: DKIM false, and the counter", async (_, change) => {
	const setup = await published();
	expect(flags(await check(setup.id))).toBe("11111");
	const count = async () => {
		const metrics = await (await fetch(`${service.url}/metrics`)).text();
		return Number(/channels_api_identity_vanished_total (\d+)/.exec(metrics)?.[1] ?? 0);
	};
	const before = await count();
	change(sandbox.ses.region(defaultAccount.id, "us-east-1").identity(setup.domain_identity));
	// SES accepts what it has now; that is not what the setup's records are for.
	sandbox.ses.region(defaultAccount.id, "us-east-1").identity(setup.domain_identity).status = "SUCCESS";
	expect(flags(await check(setup.id))).toBe("00011");
	expect(await count()).toBe(before + 1);
});

/** As an operator does: SES lets an identity go only out of its tenants. */
function deleteByHand({ tenant_name, domain_identity }: SesSetupDetailResponse) {
	const ses = sandbox.ses.region(defaultAccount.id, "us-east-1");
	ses.disassociate(tenant_name, ses.identity(domain_identity).arn);
	ses.deleteIdentity(domain_identity);
	return ses;
}

it("reports a setup whose identity is gone from SES: DKIM false, and a counter for alarms", async () => {
	const setup = await published();
	expect(flags(await check(setup.id))).toBe("11111");
	deleteByHand(setup);
	const gone = await check(setup.id);
	expect(flags(gone)).toBe("00011");
	const metrics = await (await fetch(`${service.url}/metrics`)).text();
	expect(metrics).toMatch(/channels_api_identity_vanished_total [1-9]/);
});

it("takes an identity that was made anew by other hands for gone", async () => {
	const setup = await published();
	expect(flags(await check(setup.id))).toBe("11111");
	const ses = deleteByHand(setup);
	ses.createIdentity(setup.domain_identity, [], Date.now());
	expect(flags(await check(setup.id))).toBe("00011");
});

describe("a diagnosis", () => {
	const diagnosis = async (id: string) =>
		(await api<DiagnosisResponse>("GET", `/channels/ses-setup/${id}/diagnosis`)).body;

	it("tells what each name server has and what SES says", async () => {
		const setup = await published();
		const { records, ses, ...about } = await diagnosis(setup.id);
		expect(about).toEqual({
			setup_id: setup.id,
			domain_identity: setup.domain_identity,
			dns_checked_at: expect.any(String),
			obstacles: [],
		});
		expect(records).toEqual(
			setup.dns_records.map((record) => ({
				...record,
				verified: true,
				servers: [
					{ server: sandbox.dns.authoritative, state: "found", found: [record.record], reason: null },
				],
				reason: null,
			})),
		);
		expect(ses).toEqual({
			identity: "own",
			dkim_status: "SUCCESS",
			error_type: null,
			last_checked_at: expect.any(String),
			last_success_at: expect.any(String),
			reason: null,
			mail_from_domain: null,
			mail_from_status: null,
			mail_from_reason: null,
		});
	});

	it("asks SES only once the DKIM records stand", async () => {
		const setup = await create();
		const asked = () => sandbox.log.count({ service: "sesv2", operation: "GetEmailIdentity" });
		const before = asked();
		const { records, ses } = await diagnosis(setup.id);
		expect(records[0]).toMatchObject({
			verified: false,
			servers: [{ state: "missing", found: [], reason: "NXDOMAIN" }],
		});
		expect(ses).toMatchObject({
			identity: "unknown",
			reason: expect.stringContaining("once the DKIM records"),
		});
		expect(asked()).toBe(before);
	});

	it("says why SES does not accept the domain, and speaks of 72 hours only where it is PENDING", async () => {
		const setup = await create();
		for (const { address, type } of setup.dns_records) if (type === "CNAME") await sandbox.dns.cname(address);
		for (const record of setup.dns_records) publish(record);
		const pending = await diagnosis(setup.id);
		expect(pending.ses).toMatchObject({ dkim_status: "PENDING", error_type: "HOST_NOT_FOUND" });
		expect(pending.ses.reason).toMatch(
			/72 hours; there is nothing to do but wait\. Its last look: .*did not exist/,
		);
		const identity = sandbox.ses.region(defaultAccount.id, "us-east-1").identity(setup.domain_identity);
		identity.status = "FAILED";
		const failed = await diagnosis(setup.id);
		expect(failed.ses.dkim_status).toBe("FAILED");
		expect(failed.ses.reason).toMatch(/told to look again/);
		deleteByHand(setup);
		const missing = await diagnosis(setup.id);
		expect(missing.ses).toMatchObject({ identity: "missing", dkim_status: null });
		expect(missing.ses.reason).toMatch(/gone from SES.*create it anew/);
		sandbox.ses
			.region(defaultAccount.id, "us-east-1")
			.createIdentity(setup.domain_identity, [{ Key: "channels-setup-id", Value: "somebody" }], Date.now());
		const foreign = await diagnosis(setup.id);
		expect(foreign.ses.identity).toBe("foreign");
		expect(JSON.stringify(foreign)).not.toContain("somebody");
	});

	it("says that SES gave no answer, with its own words", async () => {
		const setup = await published();
		sandbox.faults.add({
			service: "sesv2",
			operation: "GetEmailIdentity",
			times: Number.POSITIVE_INFINITY,
			effect: { kind: "error", status: 400, code: "BadRequestException", message: "The identity is odd." },
		});
		const { ses } = await diagnosis(setup.id);
		expect(ses).toMatchObject({
			identity: "unknown",
			reason: expect.stringMatching(/^SES gave no answer \(SES GetEmailIdentity: .*The identity is odd\.?/),
		});
	});

	it("is refused as a look at the setup is", async () => {
		const unknown = await api("GET", "/channels/ses-setup/6f1c1d9e-5b53-4c29-9d6f-0f3a4f2a1b11/diagnosis");
		expect(unknown.status).toBe(404);
	});
});

it("answers a check of a setup that is deleted meanwhile with 404", async () => {
	const setup = await published();
	const deleted = Promise.withResolvers<void>();
	sandbox.faults.add({ service: "dns", operation: "MX", effect: { kind: "hold", until: deleted.promise } });
	const queries = sandbox.log.count({ service: "dns", operation: "MX" });
	const checking = api("GET", `/channels/ses-setup/${setup.id}`);
	await sandbox.log.until((log) => log.count({ service: "dns", operation: "MX" }) > queries);
	expect((await api("DELETE", `/channels/ses-setup/${setup.id}`)).status).toBe(204);
	deleted.resolve();
	expect((await checking).status).toBe(404);
});

it("refuses to start in a region that receives no mail, and names those that do", async () => {
	await expect(startTestService({ sandbox, region: "eu-central-2" })).rejects.toMatchObject({
		code: "region-not-usable",
		message: expect.stringMatching(/eu-central-2.*us-east-1/),
	});
});

it("points the MX at its own region", async () => {
	const european = await startTestService({ sandbox, region: "eu-west-1" });
	try {
		const { body } = await apiOf(european)<SesSetupDetailResponse>("POST", "/channels/ses-setup", {
			json: { tenant_name: "europe", domain_identity: "europe.acme.com" },
		});
		expect(at(body, 3).record).toBe("10 inbound-smtp.eu-west-1.amazonaws.com");
	} finally {
		await european.stop();
	}
});
