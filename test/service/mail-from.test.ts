import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { defaultAccount, type Sandbox, startSandbox } from "../../sandbox/index.js";
import type { DiagnosisResponse, DnsRecordResponse, SesSetupDetailResponse } from "../../sdk/index.js";
import { openDatabase } from "../../service/database/database.js";
import { type MailFromOptions, reconcile, setMailFrom } from "../../service/index.js";
import { internet } from "../dns/internet.js";
import { a, mx, ns } from "../dns/server.js";
import { setupRows } from "../support/agreement.js";
import { type Api, apiOf } from "../support/channels-api.js";
import { describeOnEachDatabase } from "../support/databases.js";
import { startTestService, type TestService } from "../support/service.js";

const world = { random: () => 0.5, env: {} };

describeOnEachDatabase("a MAIL FROM domain", (newLocation) => {
	let sandbox: Sandbox;
	let zoneId: string;
	/** New setups get one. */
	let service: TestService;
	let api: Api;
	/** On the same database, from before there was the setting. */
	let former: TestService;
	let count = 0;

	beforeAll(async () => {
		sandbox = await startSandbox();
		zoneId = sandbox.route53.createZone("acme.com").id;
		const database = { location: await newLocation() };
		service = await startTestService({ sandbox, database, mailFrom: "bounce" });
		former = await startTestService({ sandbox, database });
		api = apiOf(service);
	});
	afterAll(async () => {
		await former?.stop();
		await service?.stop();
		await sandbox?.close();
	});
	afterEach(() => sandbox.faults.clear());

	function names() {
		count += 1;
		return { tenant_name: `tenant-${count}`, domain_identity: `mail${count}.acme.com` };
	}

	async function create(by: TestService = service): Promise<SesSetupDetailResponse> {
		const of = apiOf({
			...by,
			...(by === former && { workspaceId: service.workspaceId, apiKey: service.apiKey }),
		});
		const answer = await of<SesSetupDetailResponse>("POST", "/channels/ses-setup", { json: names() });
		expect(answer.status).toBe(201);
		return answer.body;
	}

	const check = async ({ id }: { id: string }) =>
		(await api<SesSetupDetailResponse>("GET", `/channels/ses-setup/${id}`)).body;
	const diagnose = async ({ id }: { id: string }) =>
		(await api<DiagnosisResponse>("GET", `/channels/ses-setup/${id}/diagnosis`)).body.ses;
	const command = ({ id }: { id: string }, options: Partial<MailFromOptions> = {}, by = service) =>
		setMailFrom(by.config, { setup: id, ...options }, world);

	const ses = () => sandbox.ses.region(defaultAccount.id, "us-east-1");
	const ofSes = ({ domain_identity }: { domain_identity: string }) =>
		ses().identity(domain_identity).mailFrom;

	function publish({ address, type, record }: DnsRecordResponse, values?: string[]): void {
		const own = type === "TXT" ? `"${record}"` : record;
		sandbox.route53.put(zoneId, { name: address, type, values: values ?? [own] });
		sandbox.dns.flushResolver();
	}

	function publishAll({ dns_records }: SesSetupDetailResponse): void {
		for (const record of dns_records) publish(record);
	}

	/** The flags in the order DKIM, DKIM, DKIM, MX, DMARC and, of MAIL FROM, MX and SPF, as one word of 0 and 1. */
	const flags = ({ dns_records }: SesSetupDetailResponse) =>
		dns_records.map(({ verified }) => (verified ? "1" : "0")).join("");

	const recordsOf = ({ dns_records }: SesSetupDetailResponse) =>
		dns_records.map(({ address, record, type }) => ({ address, record, type }));

	/** What a setup of this domain asks for beside the five. */
	const more = (domain: string, label = "bounce") => [
		{ address: `${label}.${domain}`, record: "10 feedback-smtp.us-east-1.amazonses.com", type: "MX" },
		{ address: `${label}.${domain}`, record: "v=spf1 include:amazonses.com ~all", type: "TXT" },
	];

	it("is set in SES, and its two records come after the five", async () => {
		const setup = await create();
		expect(recordsOf(setup).slice(5)).toEqual(more(setup.domain_identity));
		expect(recordsOf(setup)).toHaveLength(7);
		expect(ofSes(setup)).toMatchObject({
			domain: `bounce.${setup.domain_identity}`,
			behavior: "USE_DEFAULT_VALUE",
		});
	});

	describe("whose name somebody receives mail at", () => {
		/** Whose DNS is one in which servers are found, and the answer for the name and for a made-up one beside it. */
		async function createWhere(answers: Parameters<typeof internet>[1]) {
			await using net = await internet(
				{
					"com NS": [ns("com", "a.gtld.test")],
					"a.gtld.test A": [a("a.gtld.test", "192.5.6.30")],
					"acme.com NS": [ns("acme.com", "ns1.acme.test")],
					"ns1.acme.test A": [a("ns1.acme.test", "192.5.6.31")],
				},
				{ "192.5.6.30": { "acme.com *": { referral: [ns("acme.com", "ns1.acme.test")] } }, ...answers },
			);
			const by = await startTestService({
				sandbox,
				database: { location: await newLocation() },
				mailFrom: "bounce",
				dnsServers: undefined,
				world: { askDns: net.network },
			});
			try {
				const json = names();
				const { status, body } = await apiOf(by)<{ detail: { msg: string }[] }>(
					"POST",
					"/channels/ses-setup",
					{
						json,
					},
				);
				return { status, msg: status === 422 ? body.detail[0]?.msg : undefined, ...json };
			} finally {
				await by.stop();
			}
		}
		const others = (name: string) => [mx(name, 10, "bounces.other.example")];

		it("is refused before anything is made", async () => {
			const { status, msg, domain_identity } = await createWhere({
				"192.5.6.31": ({ name, type }) =>
					type === "MX" && name.startsWith("bounce.") ? { answers: others(name) } : "NODATA",
			});
			expect(status).toBe(422);
			expect(msg).toContain(`bounce.${domain_identity}, which is to be the MAIL FROM domain`);
			expect(msg).toContain("10 bounces.other.example");
			expect(ses().identities.has(domain_identity)).toBe(false);
		});

		it("is made where that is a wildcard's answer, and where nobody answers", async () => {
			const wild = await createWhere({
				"192.5.6.31": ({ name, type }) => (type === "MX" ? { answers: others(name) } : "NODATA"),
			});
			expect(wild.status).toBe(201);
			expect((await createWhere({ "192.5.6.31": "silence" })).status).toBe(201);
		});
	});

	it("is the setup's for good: another setting changes neither its records nor what SES has", async () => {
		const without = await create(former);
		expect(recordsOf(without)).toHaveLength(5);
		const setup = await create();
		publishAll(setup);
		publishAll(without);
		const other = await startTestService({
			sandbox,
			database: { location: service.location },
			mailFrom: "return",
		});
		try {
			for (const each of [setup, without]) {
				const path = `/channels/ses-setup/${each.id}`;
				const { body } = await apiOf({ ...service, url: other.url })<SesSetupDetailResponse>("GET", path);
				expect(recordsOf(body)).toEqual(recordsOf(each));
			}
		} finally {
			await other.stop();
		}
		expect(ofSes(setup)?.domain).toBe(`bounce.${setup.domain_identity}`);
		expect(ofSes(without)).toBeUndefined();
	});

	it("is none of a setup whose database is from before", async () => {
		const location = await newLocation();
		const before = await startTestService({ sandbox, database: { location } });
		const setup = await create(before);
		await before.stop();
		const database = await openDatabase(location);
		await database.db.schema.alterTable("setups").dropColumn("mail_from").execute();
		await sql`delete from kysely_migration where name = '0005_mail_from'`.execute(database.db);
		await database.close();
		const after = await startTestService({ sandbox, database: { location }, mailFrom: "bounce" });
		try {
			const [former] = await setupRows(location);
			expect([former?.id, former?.mail_from]).toEqual([setup.id, null]);
			expect(recordsOf(await create(after))).toHaveLength(7);
		} finally {
			await after.stop();
		}
	});

	it("comes with the same create sent again, although the setting has changed", async () => {
		const [json, headers] = [names(), { "idempotency-key": randomUUID() }];
		const first = await api<SesSetupDetailResponse>("POST", "/channels/ses-setup", { json, headers });
		const again = await apiOf({ ...service, url: former.url })("POST", "/channels/ses-setup", {
			json,
			headers,
		});
		expect([again.status, again.body]).toEqual([201, first.body]);
	});

	it("whose name would be too long is a 422 at the domain, and nothing is made", async () => {
		const label = "b".repeat(63);
		const long = await startTestService({
			sandbox,
			database: { location: service.location },
			mailFrom: label,
		});
		try {
			const of = apiOf({ ...service, url: long.url });
			const tenants = sandbox.log.count({ operation: "CreateTenant" });
			const domain = (length: number) => {
				const text = `${`${"a".repeat(40)}.`.repeat(4)}${"a".repeat(25)}.acme.com`;
				return text.slice(text.length - length);
			};
			const json = { ...names(), domain_identity: domain(190) };
			const refused = await of("POST", "/channels/ses-setup", { json });
			expect([refused.status, refused.code, refused.body]).toEqual([
				422,
				"invalid-request",
				{
					detail: [
						{
							loc: ["body", "domain_identity"],
							msg: expect.stringMatching(/190 characters long; it may have 189/),
							type: "value_error",
						},
					],
				},
			]);
			expect(sandbox.log.count({ operation: "CreateTenant" })).toBe(tenants);
			expect((await setupRows(service.location)).map((row) => row.tenant_name)).not.toContain(
				json.tenant_name,
			);
			const fits = { ...json, domain_identity: domain(189) };
			expect((await of("POST", "/channels/ses-setup", { json: fits })).status).toBe(201);
		} finally {
			await long.stop();
		}
	});

	describe("has records that", () => {
		it("are verified each for itself, by the DNS alone", async () => {
			const setup = await create();
			const [mx, spf] = setup.dns_records.slice(5);
			if (!mx || !spf) throw new Error("there are no such records");
			expect(flags(await check(setup))).toBe("0000000");
			publish(mx);
			expect(flags(await check(setup))).toBe("0000010");
			publish(spf);
			expect(flags(await check(setup))).toBe("0000011");
			sandbox.route53.remove(zoneId, mx.address, "MX");
			expect(flags(await check(setup))).toBe("0000001");
			publishAll(setup);
			expect(flags(await check(setup))).toBe("1111111");
		});

		it.each<[string, number, string[], string]>([
			["a second MX record", 5, ["10 feedback-smtp.us-east-1.amazonses.com", "20 mx.example.net"], "1111101"],
			["another MX record", 5, ["10 feedback-smtp.eu-west-1.amazonses.com"], "1111101"],
			[
				"a second SPF record",
				6,
				['"v=spf1 include:amazonses.com ~all"', '"v=spf1 include:_spf.example.net -all"'],
				"1111110",
			],
			["another SPF record", 6, ['"v=spf1 -all"'], "1111110"],
			[
				"a text that is no SPF record",
				6,
				['"v=spf1 include:amazonses.com ~all"', '"v=spf10 a token"'],
				"1111111",
			],
		])("with %s are %s", async (_, index, values, expected) => {
			const setup = await create();
			publishAll(setup);
			const record = setup.dns_records[index];
			if (!record) throw new Error(`no record ${index}`);
			publish(record, values);
			expect(flags(await check(setup))).toBe(expected);
		});
	});

	describe("in a diagnosis", () => {
		it("has SES's word, and what it means until it is in use", async () => {
			const setup = await create();
			expect(await diagnose(setup)).toMatchObject({ mail_from_domain: null, mail_from_status: null });
			for (const record of setup.dns_records.slice(0, 5)) publish(record);
			expect(await diagnose(setup)).toMatchObject({
				dkim_status: "SUCCESS",
				mail_from_domain: `bounce.${setup.domain_identity}`,
				mail_from_status: "PENDING",
				mail_from_reason: expect.stringMatching(/has not found the MX record.*Until then SES uses a domain/),
			});
			publishAll(setup);
			expect(await diagnose(setup)).toMatchObject({ mail_from_status: "SUCCESS", mail_from_reason: null });
			const [mx] = setup.dns_records.slice(5);
			sandbox.route53.remove(zoneId, mx?.address ?? "", "MX");
			sandbox.dns.flushResolver();
			expect(await diagnose(setup)).toMatchObject({
				mail_from_status: "TEMPORARY_FAILURE",
				mail_from_reason: expect.stringContaining("no longer finds the MX record"),
			});
		});

		it("is not told of a setup without one", async () => {
			const setup = await create(former);
			publishAll(setup);
			expect(await diagnose(setup)).toMatchObject({
				dkim_status: "SUCCESS",
				mail_from_domain: null,
				mail_from_status: null,
				mail_from_reason: null,
			});
		});

		it("that others have changed in SES names theirs, and how to set it again", async () => {
			const setup = await create();
			publishAll(setup);
			const domain = `theirs.${setup.domain_identity}`;
			ses().setMailFrom(setup.domain_identity, { domain }, Date.now());
			expect(await diagnose(setup)).toMatchObject({
				mail_from_domain: domain,
				mail_from_reason: expect.stringMatching(/by other hands.*channels-api mail-from --setup/),
			});
		});
	});

	describe("that SES gave up", () => {
		const puts = () =>
			sandbox.log.count({ service: "sesv2", operation: "PutEmailIdentityMailFromAttributes" });

		async function givenUp(): Promise<SesSetupDetailResponse> {
			const setup = await create();
			publishAll(setup);
			Object.assign(ofSes(setup) ?? {}, { status: "FAILED", behavior: "REJECT_MESSAGE" });
			return setup;
		}

		it("is looked for again once its MX record stands, and is otherwise as it was", async () => {
			const setup = await givenUp();
			expect((await diagnose(setup)).mail_from_status).toBe("FAILED");
			expect((await diagnose(setup)).mail_from_status).toBe("SUCCESS");
			expect(ofSes(setup)?.behavior).toBe("REJECT_MESSAGE");
		});

		it("is set again once an interval, and not while another MX record stands beside it", async () => {
			const crowded = await givenUp();
			const mx = crowded.dns_records[5];
			if (!mx) throw new Error("there is no such record");
			publish(mx, [mx.record, "20 mx.example.net"]);
			const before = puts();
			await check(crowded);
			expect(puts()).toBe(before);
			const setup = await givenUp();
			const made = puts();
			for (let look = 0; look < 3; look += 1) {
				await check(setup);
				Object.assign(ofSes(setup) ?? {}, { status: "FAILED" });
			}
			expect(puts() - made).toBe(1);
		});
	});

	describe("by the command", () => {
		it("is given to a setup from before, whose five records stay as they are", async () => {
			const setup = await create(former);
			publishAll(setup);
			const before = await check(setup);
			expect(await command(setup)).toMatch(/has the MAIL FROM domain bounce\..*asks for two records there/);
			const after = await check(setup);
			expect(after.dns_records.slice(0, 5)).toEqual(before.dns_records);
			expect(recordsOf(after).slice(5)).toEqual(more(setup.domain_identity));
			expect(Date.parse(after.updated_at)).toBeGreaterThan(Date.parse(before.updated_at));
			publishAll(after);
			expect(flags(await check(setup))).toBe("1111111");
			expect((await diagnose(setup)).mail_from_status).toBe("SUCCESS");
		});

		it("may be asked for again, and is not set anew where SES has it", async () => {
			const setup = await create(former);
			await command(setup);
			const puts = sandbox.log.count({ operation: "PutEmailIdentityMailFromAttributes" });
			await command(setup);
			expect(sandbox.log.count({ operation: "PutEmailIdentityMailFromAttributes" })).toBe(puts);
			expect((await check(setup)).dns_records).toHaveLength(7);
		});

		it("goes on where it was interrupted between SES and the database", async () => {
			const setup = await create(former);
			ses().setMailFrom(setup.domain_identity, { domain: `bounce.${setup.domain_identity}` }, Date.now());
			await command(setup);
			expect(recordsOf(await check(setup)).slice(5)).toEqual(more(setup.domain_identity));
		});

		it("changes to another label, and goes again", async () => {
			const setup = await create();
			await command(setup, { label: "Return" });
			expect(recordsOf(await check(setup)).slice(5)).toEqual(more(setup.domain_identity, "return"));
			expect(ofSes(setup)?.domain).toBe(`return.${setup.domain_identity}`);
			expect(await command(setup, { remove: true })).toMatch(/no MAIL FROM domain of its own/);
			expect((await check(setup)).dns_records).toHaveLength(5);
			expect(ofSes(setup)).toBeUndefined();
		});

		it("shows in a check that was under way meanwhile, and is not undone by it", async () => {
			const setup = await create(former);
			publishAll(setup);
			const held = Promise.withResolvers<void>();
			sandbox.faults.add({ service: "dns", operation: "TXT", effect: { kind: "hold", until: held.promise } });
			const questions = sandbox.log.count({ service: "dns", operation: "TXT" });
			const checking = check(setup);
			await sandbox.log.until((log) => log.count({ service: "dns", operation: "TXT" }) > questions);
			await command(setup);
			held.resolve();
			expect(recordsOf(await checking)).toHaveLength(7);
			expect((await check(setup)).dns_records).toHaveLength(7);
		});

		it("leaves alone what others have set in SES, unless it is given their label", async () => {
			const setup = await create(former);
			ses().setMailFrom(setup.domain_identity, { domain: `own.${setup.domain_identity}` }, Date.now());
			await expect(command(setup)).rejects.toMatchObject({
				code: "mail-from-refused",
				message: expect.stringContaining(`own.${setup.domain_identity}`),
			});
			await expect(command(setup, { remove: true })).rejects.toMatchObject({ code: "mail-from-refused" });
			expect(ofSes(setup)?.domain).toBe(`own.${setup.domain_identity}`);
			await command(setup, { label: "own" });
			expect(recordsOf(await check(setup)).slice(5)).toEqual(more(setup.domain_identity, "own"));
		});

		it("is refused where there is no such setup, its identity is gone, or no label is given", async () => {
			const setup = await create(former);
			await expect(command({ id: randomUUID() })).rejects.toMatchObject({ code: "mail-from-refused" });
			await expect(command(setup, {}, former)).rejects.toMatchObject({ code: "option-invalid" });
			for (const label of ["a.b", "-a", "a_b", "", "b".repeat(64), "bücher"])
				await expect(command(setup, { label })).rejects.toMatchObject({ code: "option-invalid" });
			ses().disassociate(setup.tenant_name, ses().identity(setup.domain_identity).arn);
			ses().deleteIdentity(setup.domain_identity);
			await expect(command(setup)).rejects.toMatchObject({ code: "mail-from-refused" });
			expect((await check(setup)).dns_records).toHaveLength(5);
			await api("DELETE", `/channels/ses-setup/${setup.id}`);
		});
	});

	describe("in reconcile", () => {
		const report = async () => (await reconcile(service.config, {}, { ...world, progress: () => {} })).report;

		it("that SES has lost is told, with the command that sets it again", async () => {
			const setup = await create();
			expect(await report()).not.toContain(setup.id);
			ses().setMailFrom(setup.domain_identity, undefined, Date.now());
			expect(await report()).toMatch(
				new RegExp(
					`${setup.domain_identity}.*\\n.*another MAIL FROM domain, or none. Set it again: mail-from --setup ${setup.id}`,
				),
			);
			// By a service that gives none to new setups, too.
			await command(setup, {}, former);
			expect(await report()).not.toContain(setup.id);
		});

		it("comes back with the setup whose row was lost", async () => {
			const setup = await create();
			const restored = { ...former.config, database: await newLocation() };
			await reconcile(restored, { adopt: setup.id }, { ...world, progress: () => {} });
			const [row] = await setupRows(restored.database);
			expect([row?.id, row?.mail_from]).toEqual([setup.id, "bounce"]);
			const again = await startTestService({ sandbox, database: { location: restored.database } });
			try {
				const path = `/channels/ses-setup/${setup.id}`;
				const { workspaceId } = service;
				const apiKey = await again.createKey({ workspaceId });
				const of = apiOf({ url: again.url, workspaceId, apiKey });
				expect(recordsOf((await of<SesSetupDetailResponse>("GET", path)).body)).toEqual(recordsOf(setup));
			} finally {
				await again.stop();
			}
		});

		it("that others gave to a setup without one is no matter", async () => {
			const setup = await create(former);
			ses().setMailFrom(setup.domain_identity, { domain: `own.${setup.domain_identity}` }, Date.now());
			expect(await report()).not.toContain(setup.id);
		});
	});
});
