import { SESv2Client } from "@aws-sdk/client-sesv2";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { defaultAccount, type Sandbox, startSandbox } from "../../sandbox/index.js";
import type { Identity } from "../../sandbox/ses/state.js";
import { Deadline, dnsRecords, makeInSes, type Owner, Ses, TakenUpstream } from "../../ses/index.js";

let sandbox: Sandbox;
beforeAll(async () => {
	sandbox = await startSandbox();
});
afterAll(() => sandbox?.close());
afterEach(() => sandbox.faults.clear());

const region = "us-east-1";
const inSandbox = () => sandbox.ses.region(defaultAccount.id, region);
const always = Number.POSITIVE_INFINITY;

function open({ absentMs = 200, account }: { absentMs?: number; account?: string } = {}) {
	const client = new SESv2Client({
		endpoint: sandbox.ses.url,
		region,
		credentials: defaultAccount,
		maxAttempts: 1,
	});
	return new Ses(client, region, {
		requestsPerSecond: 1_000,
		random: Math.random,
		absentMs,
		account: async () => account,
	});
}

let count = 0;
function newSetup(more: Partial<Owner> & { mailFrom?: string } = {}) {
	count += 1;
	return {
		id: crypto.randomUUID(),
		workspaceId: crypto.randomUUID(),
		tenantName: `tenant-${count}`,
		domain: `mail${count}.acme.test`,
		mailFrom: null,
		...more,
	};
}

/** What SES answers whose servers were not all told yet. */
function lag(operation: string, times: number, code = "NotFoundException", message = "not there yet") {
	const status = code === "NotFoundException" ? 404 : 400;
	const effect = { kind: "error", status, code, message } as const;
	sandbox.faults.add({ service: "sesv2", operation, times, effect });
}

describe("with a SES that lags behind", () => {
	it.each([
		["CreateTenantResourceAssociation", "NotFoundException", undefined],
		["PutEmailIdentityMailFromAttributes", "NotFoundException", undefined],
		[
			"PutEmailIdentityMailFromAttributes",
			"BadRequestException",
			"Identity <mail.acme.test> does not exist.",
		],
	])(
		"what was just made and %s does not find (%s) is made whole all the same",
		async (operation, code, words) => {
			const setup = newSetup({ mailFrom: "bounce" });
			lag(operation, 2, code, words);
			using deadline = new Deadline(20_000);
			const { dnsRecords } = await makeInSes(open(), setup, { dmarcPolicy: "none", deadline });
			expect(dnsRecords.map(({ type }) => type)).toEqual([
				...["CNAME", "CNAME", "CNAME", "MX", "TXT"],
				...["MX", "TXT"],
			]);
		},
	);

	it("ends at the deadline with SES's own words", async () => {
		lag("CreateTenantResourceAssociation", always);
		using deadline = new Deadline(1_000);
		await expect(makeInSes(open(), newSetup(), { dmarcPolicy: "none", deadline })).rejects.toMatchObject({
			reason: "NotFoundException",
			said: "not there yet",
		});
	});

	it.each(["GetTenant", "GetEmailIdentity"])(
		"what exists and %s does not find is found later",
		async (read) => {
			const setup = newSetup();
			using deadline = new Deadline(20_000);
			const first = await makeInSes(open(), setup, { dmarcPolicy: "none", deadline });
			lag(read, 2);
			const again = await makeInSes(open(), setup, { dmarcPolicy: "none", deadline });
			expect(again.dnsRecords).toEqual(first.dnsRecords);
		},
	);

	it("one answer is no absence, and the same answer for a while is", async () => {
		const setup = newSetup();
		using deadline = new Deadline(20_000);
		await makeInSes(open(), setup, { dmarcPolicy: "none", deadline });
		// Another process than the one that has made it.
		const ses = open();
		lag("GetTenant", 1);
		lag("GetEmailIdentity", 1);
		expect((await ses.tenant(setup.tenantName, deadline))?.owner).toBe(setup.id);
		expect((await ses.identity(setup.domain, deadline))?.owner).toBe(setup.id);
		lag("GetTenant", always);
		lag("GetEmailIdentity", always);
		expect(await ses.tenant(setup.tenantName, deadline)).toBeUndefined();
		expect(await ses.identity(setup.domain, deadline)).toBeUndefined();
	});

	it("what this process has just made is not taken for gone", async () => {
		const setup = newSetup();
		const ses = open();
		using deadline = new Deadline(20_000);
		await makeInSes(ses, setup, { dmarcPolicy: "none", deadline });
		lag("GetTenant", always);
		using short = new Deadline(1_500);
		await expect(ses.tenant(setup.tenantName, short)).rejects.toMatchObject({
			code: "upstream-unavailable",
		});
		sandbox.faults.clear();
		await ses.remove(setup, setup.id, deadline);
		expect(await ses.tenant(setup.tenantName, deadline)).toBeUndefined();
	});
});

describe("tags", () => {
	it("tell whose it is, and by which mark its maker knows it", async () => {
		const setup = newSetup({ mark: "mine" });
		const ses = open();
		using deadline = new Deadline(20_000);
		const { tenant, identity } = await makeInSes(ses, setup, { dmarcPolicy: "none", deadline });
		const marks = { owner: setup.id, workspaceId: setup.workspaceId, mark: "mine", adopted: false };
		for (const made of [tenant, identity]) expect(made).toMatchObject(marks);
		expect(await ses.tenant(setup.tenantName, deadline)).toEqual(tenant);
		expect(tenant.createdAt).toBeInstanceOf(Date);
		expect(await ses.identity(setup.domain, deadline)).toMatchObject(marks);
	});

	it("of others keep it from being taken, and tell their maker's mark", async () => {
		const other = newSetup({ mark: "theirs" });
		using deadline = new Deadline(20_000);
		await makeInSes(open(), other, { dmarcPolicy: "none", deadline });
		const taken = await makeInSes(
			open(),
			{ ...newSetup(), tenantName: other.tenantName },
			{ dmarcPolicy: "none", deadline },
		).catch((error: unknown) => error);
		expect(taken).toBeInstanceOf(TakenUpstream);
		expect(taken).toMatchObject({ code: "exists-upstream", marks: { owner: other.id, mark: "theirs" } });
	});
});

describe("an identity that stood before", () => {
	const foreignTag = { Key: "team", Value: "mail" };

	/** As somebody has it who knows nothing of us: with tags and a MAIL FROM domain of its own. */
	function standing(domain: string, dkim?: { by: "owner"; selector: string }) {
		const identity = inSandbox().createIdentity(domain, [foreignTag], Date.now(), dkim);
		inSandbox().setMailFrom(domain, { domain: `a.b.${domain}` }, Date.now());
		return identity;
	}

	/** What of it is its owner's to set. */
	const settings = ({ tags, dkim, mailFrom }: Identity) => ({
		...structuredClone({ tags, dkim }),
		mailFrom: [mailFrom?.domain, mailFrom?.behavior],
	});

	async function adopt(ses: Ses, setup: ReturnType<typeof newSetup>) {
		using deadline = new Deadline(20_000);
		const { arn } = await ses.createTenant(setup.tenantName, setup, deadline);
		const identity = await ses.adoptIdentity(setup.domain, setup, arn, deadline);
		await ses.associate(setup.tenantName, arn, setup.domain, deadline);
		return identity;
	}

	it("gets our tags, and nothing else of it changes; making it whole again leaves it alone", async () => {
		const setup = newSetup({ mark: "mine", mailFrom: "bounce" });
		const identity = standing(setup.domain);
		const before = settings(identity);
		const ses = open();
		expect(await adopt(ses, setup)).toMatchObject({ owner: setup.id, mark: "mine", adopted: true });
		using deadline = new Deadline(20_000);
		const { dnsRecords } = await makeInSes(ses, setup, { dmarcPolicy: "none", deadline });
		expect({ ...settings(identity), tags: [] }).toEqual({ ...before, tags: [] });
		expect(identity.tags).toContainEqual(foreignTag);
		expect(dnsRecords.at(-1)?.address).toBe(`a.b.${setup.domain}`);
	});

	it("that a setup has is not adopted by another, and none that does not exist", async () => {
		const setup = newSetup();
		standing(setup.domain);
		const ses = open();
		await adopt(ses, setup);
		const other = { ...newSetup(), domain: setup.domain };
		await expect(adopt(ses, other)).rejects.toBeInstanceOf(TakenUpstream);
		using deadline = new Deadline(20_000);
		const { arn } = await ses.createTenant(setup.tenantName, setup, deadline);
		await expect(ses.adoptIdentity("nowhere.acme.test", setup, arn, deadline)).rejects.toMatchObject({
			code: "exists-upstream",
		});
	});

	it.each([undefined, { by: "owner" as const, selector: "mine" }])(
		"with DKIM %j is left as it was by a removal, wherever that is interrupted",
		async (dkim) => {
			const calls = ["DeleteTenantResourceAssociation", "UntagResource", "DeleteTenant", undefined] as const;
			for (const when of ["before", "after"] as const)
				for (const operation of calls) {
					const setup = newSetup({ mark: "mine" });
					const identity = standing(setup.domain, dkim);
					const before = settings(identity);
					const ses = open();
					await adopt(ses, setup);
					using deadline = new Deadline(20_000);
					if (operation !== undefined) {
						const effect = { kind: "error", status: 400, code: "Killed", message: "", when } as const;
						sandbox.faults.add({ service: "sesv2", operation, effect });
						await expect(ses.remove(setup, setup.id, deadline)).rejects.toThrow("Killed");
					}
					await ses.remove(setup, setup.id, deadline);
					expect(settings(identity)).toEqual(before);
					expect(inSandbox().identities.get(setup.domain)).toBe(identity);
					expect(inSandbox().tenants.has(setup.tenantName)).toBe(false);
				}
		},
	);

	it("is given back where no tenant is left, as far as somebody knows the account", async () => {
		const setup = newSetup();
		const identity = standing(setup.domain);
		await adopt(open(), setup);
		for (const name of [...inSandbox().tenants.keys()]) inSandbox().deleteTenant(name);
		using deadline = new Deadline(20_000);
		await expect(open().remove(setup, setup.id, deadline)).rejects.toMatchObject({
			code: "upstream-refused",
		});
		await open({ account: defaultAccount.id }).remove(setup, setup.id, deadline);
		expect(identity.tags).toEqual([foreignTag]);
	});
});

describe("the records that a setup asks for", () => {
	const tokens = ["a", "b", "c"];
	const domain = "mail.acme.test";
	const signingHostedZone = "dkim.amazonses.com";
	const kinds = (
		{ origin = "AWS_SES", keys = tokens, mailFrom = "" } = {},
		at = region,
		mx: boolean | undefined = undefined,
	) =>
		dnsRecords(
			{
				domain,
				dkim: { origin, tokens: keys, signingHostedZone },
				mailFrom: mailFrom === "" ? undefined : { domain: mailFrom },
			},
			at,
			{ dmarcPolicy: "none", mx },
		).map(({ type, address }) => `${type} ${address.replace(domain, "@")}`);
	const dkim = tokens.map((token) => `CNAME ${token}._domainkey.@`);
	const mxAndDmarc = ["MX @", "TXT _dmarc.@"];

	it.each([
		["of SES's own keys", kinds(), [...dkim, ...mxAndDmarc]],
		["of keys of another region", kinds({ origin: "AWS_SES_EU_WEST_1" }), [...dkim, ...mxAndDmarc]],
		["of its owner's key", kinds({ origin: "EXTERNAL", keys: ["mine"] }), mxAndDmarc],
		["without DKIM", kinds({ keys: [] }), mxAndDmarc],
		["where SES receives nothing", kinds({}, "ap-south-2"), [...dkim, "TXT _dmarc.@"]],
		["that is to receive nothing", kinds({}, region, false), [...dkim, "TXT _dmarc.@"]],
		[
			"with a MAIL FROM domain below it",
			kinds({ mailFrom: `x.y.${domain}` }),
			[...dkim, ...mxAndDmarc, "MX x.y.@", "TXT x.y.@"],
		],
		["with one that is not below it", kinds({ mailFrom: "bounce.acme.test" }), [...dkim, ...mxAndDmarc]],
	])("%s", (_, asked, expected) => expect(asked).toEqual(expected));
});
