import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Report as DoctorReport } from "../../cli/doctor/report.js";
import type { Edge } from "../../cli/edge.js";
import type { Report as PreflightReport } from "../../cli/preflight/report.js";
import type { Names, Setup } from "../../provider/core/channels/setup.js";
import { defaultAccount, sandboxAccount } from "../../sandbox/index.js";
import { type EmbeddedRig, startEmbeddedRig, type WorldOptions } from "../provider/channels/embedded-rig.js";
import { runChannelsIn } from "../support/channels-run.js";
import { publishByHand } from "../support/registered.js";

const others = sandboxAccount("222222222222");
const place = "Amazon SES of account 000000000000 in eu-central-1";
let rig: EmbeddedRig;
let zone: { id: string };
beforeAll(async () => {
	rig = await startEmbeddedRig({ accounts: [others] });
	zone = rig.sandbox.route53.createZone("acme.test");
});
afterAll(() => rig[Symbol.asyncDispose]());
beforeEach(() => rig.sandbox.log.clear());

/** Where few tenants are, and a search is short. */
const quiet = { region: "eu-central-1" };
const region = (name = "us-east-1") => rig.sandbox.ses.region(defaultAccount.id, name);
const asked = () => new Set(rig.sandbox.log.all({ service: "sesv2" }).map(({ operation }) => operation));

const run = (line: string, env: Record<string, string> = {}, edge: Partial<Edge> = {}) =>
	runChannelsIn(
		{ ...rig.sandbox.env(), CHANNELS_API: "embedded", AWS_REGION: "us-east-1", ...env },
		line.split(" "),
		edge,
	);

let count = 0;
const fresh = (): Names => {
	count += 1;
	return { tenant: `tenant-${count}`, domain: `d${count}.acme.test` };
};

/** A setup as an `up` makes it, with its records published unless it is said otherwise. */
async function made(
	names = fresh(),
	{ adopt = false, publish = true, ...options }: Making = {},
): Promise<Setup> {
	const world = rig.world(options);
	const setup = await world.channels.create(world, names, { adopt });
	if (publish) publishByHand(rig, zone, setup.dns_records);
	return setup;
}
type Making = WorldOptions & { adopt?: boolean; publish?: boolean };

async function doctor(line: string) {
	const { code, out, err } = await run(`doctor ${line} --json`);
	if (out === "") throw new Error(err);
	const report = JSON.parse(out) as DoctorReport;
	const [only] = report.setups;
	if (!only) throw new Error(out);
	return { code, report, ...only };
}

describe("channels doctor", () => {
	test("finds a setup by its domain at once, and says in which account", async () => {
		const { id } = await made(fresh(), { mailFrom: "bounce" });
		const domain = `d${count}.acme.test`;
		const { code, out, err } = await run(`doctor --domain ${domain}`);
		expect({ code, err }).toEqual({ code: 0, err: "" });
		expect(out).toMatch(new RegExp(`^${domain} {3}✓ ready {3}7 of 7 records verified\n`));
		expect(out).toMatch(/^ {2}AWS {7}account 000000000000 in us-east-1$/m);
		expect(out).toMatch(/^ {2}SES {7}DKIM SUCCESS, MAIL FROM SUCCESS, looked 20/m);
		expect(out).not.toMatch(/^ {2}API/m);
		expect([...asked()].filter((operation) => /^List(Tenants|EmailIdentities)/.test(operation))).toEqual([]);
		const { report } = await doctor(`--domain ${domain}`);
		expect(report).toMatchObject({ account: "000000000000", region: "us-east-1", setups: [{ id }] });
	});

	test("finds it by its id alone too, and shows how far it is", async () => {
		const { id } = await made(fresh(), quiet);
		const statuses: string[] = [];
		const edge = { status: (line: string) => void statuses.push(line) };
		expect(await run(`doctor --setup ${id} --ses-region ${quiet.region}`, {}, edge)).toMatchObject({
			code: 0,
		});
		expect(statuses).toContainEqual(
			expect.stringMatching(/^searching Amazon SES, one tenant a second: 1 asked$/),
		);
		for (const line of statuses) expect(line.length, line).toBeLessThan(80);
	});

	test("says what Amazon SES has not accepted yet, and that it is SES", async () => {
		const setup = await made(fresh(), { publish: false });
		for (const { address } of setup.dns_records) await rig.sandbox.dns.cname(address);
		publishByHand(rig, zone, setup.dns_records);
		const { code, state, records, ses } = await doctor(`--domain ${setup.domain_identity}`);
		expect({ code, state, ses }).toMatchObject({
			code: 1,
			state: "pending",
			ses: { dkim_status: "PENDING" },
		});
		expect(records[0]?.advice).toEqual([
			expect.stringMatching(
				/^Published: .* Amazon SES does not accept it yet: SES has not found the DKIM records/,
			),
		]);
	});

	test.each([
		["FAILED", "had given the DKIM records up", "`pulumi up` with `waitForVerification` has it look again"],
		["TEMPORARY_FAILURE", "no longer finds the DKIM records", "It looks again by itself"],
	] as const)("says of %s what SES does, and changes nothing", async (status, what, next) => {
		// SES finds again by itself what stands.
		const { domain_identity } = await made(fresh(), { publish: status === "FAILED" });
		Object.assign(region().identity(domain_identity), { status, lastSuccessAt: Date.now() });
		rig.sandbox.log.clear();
		const { ses } = await doctor(`--domain ${domain_identity}`);
		expect(ses).toMatchObject({ identity: "own", dkim_status: status });
		expect(ses?.reason).toContain(next);
		expect(ses?.reason).toContain(what);
		expect([...asked()].filter((operation) => !/^(Get|List)/.test(operation))).toEqual([]);
	});

	test("goes by SES's word where the keys are the domain's owner's, and no record shows it", async () => {
		const names = fresh();
		const identity = region().createIdentity(names.domain, [], Date.now(), { by: "owner", selector: "s1" });
		await made(names, { adopt: true });
		const pending = await run(`doctor --domain ${names.domain}`);
		expect(pending.code).toBe(1);
		expect(pending.out).toContain("… published, not accepted yet   2 of 2 records verified");
		expect(pending.out).toMatch(/What to do\n {2}1\. DKIM: SES has not found the DKIM records yet\./);
		Object.assign(identity, { status: "SUCCESS", lookingSince: Date.now() });
		expect(await doctor(`--domain ${names.domain}`)).toMatchObject({
			code: 0,
			ses: { dkim_status: "SUCCESS" },
		});
	});

	test("says what keeps a domain from sending, and who does something about it", async () => {
		const { tenant_name, domain_identity } = await made();
		const tenant = region().tenants.get(tenant_name);
		if (tenant) tenant.sendingStatus = "DISABLED";
		Object.assign(region().sending, { productionAccess: false, enabled: false });
		try {
			const { obstacles } = await doctor(`--domain ${domain_identity}`);
			expect(obstacles.map(({ code }) => code)).toEqual(
				expect.arrayContaining(["account-in-sandbox", "account-paused", "tenant-paused"]),
			);
			for (const { reason } of obstacles) {
				expect(reason).toContain("Whoever owns the account");
				expect(reason).not.toContain("service");
			}
			region().sending.enforcement = "SHUTDOWN";
			const { out } = await run(`doctor --domain ${domain_identity}`);
			expect(out).toMatch(/✓ verified {3}5 of 5[\s\S]* {2}Sending\n[\s\S]*\[account-suspended\]/);
		} finally {
			Object.assign(region().sending, { productionAccess: true, enabled: true, enforcement: "HEALTHY" });
		}
	});

	test("says of a domain that is out of its tenant that nothing is sent for it", async () => {
		const { id, tenant_name, domain_identity } = await made(fresh(), quiet);
		const ses = region(quiet.region);
		ses.disassociate(tenant_name, ses.identity(domain_identity).arn);
		const found = await doctor(`--domain ${domain_identity} --ses-region ${quiet.region}`);
		expect(found).toMatchObject({ id, code: 0, obstacles: [{ code: "domain-out-of-tenant" }] });
	});

	test.each([
		["no", "does not have the domain", () => {}],
		[
			"another tool's",
			"belongs to no setup: another tool made it",
			({ domain }: Names) => region(quiet.region).createIdentity(domain, [], Date.now()),
		],
		[
			"half a",
			"whose tenant Amazon SES of account 000000000000 in eu-central-1 does not have",
			async (names: Names) => {
				await made(names, quiet);
				const ses = region(quiet.region);
				ses.disassociate(names.tenant, ses.identity(names.domain).arn);
				ses.deleteTenant(names.tenant);
			},
		],
		[
			"another workspace's",
			"of workspace 1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed",
			(names: Names) => made(names, { ...quiet, workspaceId: "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed" }),
		],
	])("of a domain with %s setup, it says what there is in its place", async (_, words, prepare) => {
		const names = fresh();
		await prepare(names);
		const { code, out, err } = await run(`doctor --domain ${names.domain} --ses-region ${quiet.region}`);
		expect({ code, out }).toEqual({ code: 1, out: "" });
		expect(err).toContain(words);
		expect(err).toContain(place);
		expect(err.trimEnd()).toMatch(/\[setup-not-found\]$/);
	});

	test("of an id that is not there, it says where it was looked for", async () => {
		const { code, err } = await run(
			`doctor --setup 9b2fd4a1-37c0-4a2e-9a51-2f3c7f0d5a10 --ses-region ${quiet.region}`,
		);
		expect(code).toBe(1);
		expect(err).toContain(
			`${place} has no setup 9b2fd4a1-37c0-4a2e-9a51-2f3c7f0d5a10, or only a part of it.`,
		);
	});

	test("of a whole account, shows every setup, and says what is only half there", async () => {
		const eu = { region: "eu-west-1" };
		const [one, two, half] = [await made(fresh(), eu), await made(fresh(), eu), await made(fresh(), eu)];
		region("eu-west-1").disassociate(
			half.tenant_name,
			region("eu-west-1").identity(half.domain_identity).arn,
		);
		region("eu-west-1").deleteIdentity(half.domain_identity);
		const { code, out, err } = await run("doctor --all --ses-region eu-west-1");
		expect(code).toBe(0);
		expect(out).toMatch(new RegExp(`${one.domain_identity}[\\s\\S]*${two.domain_identity}`));
		expect(out).toMatch(/2 of 2 domains ready\.\n$/);
		expect(err).toContain(`Warning: Setup ${half.id} (tenant ${half.tenant_name}) is left out`);
		const none = await run("doctor --all --ses-region eu-west-2");
		expect(none.out).toBe("Amazon SES of account 000000000000 in eu-west-2 has no setups.\n");
	});

	test("is exit code 3 where SES refuses the question or the credentials, and shows no secret", async () => {
		const secrets = {
			AWS_ACCESS_KEY_ID: "AKIAWRONG",
			AWS_SECRET_ACCESS_KEY: "s3cr3t/key",
			AWS_SESSION_TOKEN: "t0k3n",
		};
		const wrong = await run("doctor --domain d1.acme.test", secrets);
		expect(wrong).toMatchObject({ code: 3, out: "" });
		expect(wrong.err).toMatch(/\[aws-credentials-refused\]\n$/);
		for (const secret of Object.values(secrets).slice(1)) expect(wrong.err).not.toContain(secret);
		rig.sandbox.faults.add({
			service: "sesv2",
			times: Number.POSITIVE_INFINITY,
			effect: {
				kind: "error",
				status: 403,
				code: "AccessDeniedException",
				message: "not authorized: ses:GetEmailIdentity",
			},
		});
		const denied = await run("doctor --domain d1.acme.test");
		rig.sandbox.faults.clear();
		expect(denied).toMatchObject({ code: 3, out: "" });
		expect(denied.err).toMatch(/What SES must allow.*\[ses-denied\]\n$/s);
	});
});

test("channels zone-file prints the records of a setup that SES has", async () => {
	const { domain_identity, dns_records } = await made();
	const { code, out } = await run(`zone-file --domain ${domain_identity} --origin acme.test`);
	expect(code).toBe(0);
	expect(out.trim().split("\n")).toHaveLength(dns_records.length + 1);
	expect((await run(`zone-file --domain ${domain_identity} --no-mx`)).out).not.toContain("MX");
});

test("without a region of Amazon SES, the command is called wrongly", async () => {
	const none = {
		AWS_REGION: "",
		AWS_DEFAULT_REGION: "",
		AWS_CONFIG_FILE: "/nonexistent",
		AWS_SHARED_CREDENTIALS_FILE: "/nonexistent",
	};
	expect(await run("doctor --all", none)).toEqual({
		...{ code: 2, out: "", files: {} },
		err:
			"channels: the region of Amazon SES is not known. Set channels:sesRegion or aws:region in the stack's configuration, or " +
			"CHANNELS_SES_REGION or AWS_REGION in the environment. [setting-missing]\n",
	});
});

describe("channels import-file", () => {
	test("writes in which account and region a setup is, of an identity that stood before too", async () => {
		const [own, adopted] = [await made(), fresh()];
		region().createIdentity(adopted.domain, [], Date.now());
		await made(adopted, { adopt: true });
		const line = `import-file --domain ${own.domain_identity} --domain ${adopted.domain} --route53`;
		const { code, out, err } = await run(line);
		expect({ code, err }).toMatchObject({ code: 0 });
		const file = JSON.parse(out) as { resources: { type: string; outputs: object }[] };
		const setups = file.resources.filter(({ type }) => type.endsWith(":SesSetup"));
		const home = { account: "000000000000", region: "us-east-1", workspaceId: own.home.workspaceId };
		expect(setups.map(({ outputs }) => outputs)).toMatchObject([home, home]);
		expect(err).not.toContain("puts this right");
	});

	test("says of an account without setups that there is nothing to import", async () => {
		const { code, err } = await run("import-file --all --ses-region eu-west-3");
		expect({ code, err }).toEqual({
			code: 1,
			err: "channels: Amazon SES of account 000000000000 in eu-west-3 has no setups, so there is nothing to import. [setup-not-found]\n",
		});
	});
});

describe("channels preflight --tenant", () => {
	async function preflight(names: Names, options = "") {
		const line = `preflight --domain ${names.domain} --tenant ${names.tenant}${options}`;
		const { code, out } = await run(`${line} --json`);
		const [only] = (JSON.parse(out) as PreflightReport).domains;
		const { out: text } = await run(line);
		return {
			code,
			...only,
			row: /^ {2}(?:Workspace|Amazon SES) {2}.*(\n {14}.*)*/m.exec(text)?.[0].replaceAll(/\n +/g, " "),
		};
	}
	const here = "  Amazon SES  account 000000000000 in us-east-1";

	test("says that the names can be had", async () => {
		expect(await preflight(fresh())).toMatchObject({
			...{ code: 0, workspace: "free", setupId: null, refusals: [] },
			row: `${here} has neither the tenant nor the domain`,
		});
	});

	test("says whose the identity is that stands there, and what becomes of it", async () => {
		const names = fresh();
		region().createIdentity(names.domain, [], Date.now());
		expect(await preflight(names)).toMatchObject({
			...{ code: 1, workspace: "taken", row: `${here} has something of these names` },
			refusals: [
				expect.stringMatching(/made by another tool or by hand.*adoptExisting: true.*\[exists-upstream\]$/s),
			],
		});
		expect(await preflight(names, " --adopt-existing")).toMatchObject({
			...{ code: 0, workspace: "identity", refusals: [] },
			row: `${here} has the domain, which belongs to no setup and is taken in`,
		});
		const identity = region().identity(names.domain);
		Object.assign(identity, { dkim: { by: "nobody" }, status: "NOT_STARTED" });
		expect(await preflight(names, " --adopt-existing")).toMatchObject({
			...{ code: 1, workspace: "taken" },
			refusals: [expect.stringContaining("[identity-without-dkim]")],
		});
	});

	test("says what is taken, whole or half-made", async () => {
		const [whole, half, other] = [fresh(), fresh(), fresh()];
		const { id } = await made(whole);
		expect((await preflight(whole)).refusals).toEqual([
			expect.stringMatching(`already: ${id} [\\s\\S]*setup-exists`),
		]);
		expect(await preflight(whole, " --adopt-existing")).toMatchObject({
			...{ code: 0, workspace: "existing", setupId: id, row: `${here} has setup ${id}, which is taken over` },
		});
		expect((await preflight({ ...other, tenant: whole.tenant })).refusals).toEqual([
			expect.stringContaining("[names-taken]"),
		]);
		const tags = { Key: "channels-setup-id", Value: "9b2fd4a1-37c0-4a2e-9a51-2f3c7f0d5a10" };
		region().createTenant(half.tenant, [tags], Date.now());
		expect((await preflight(half)).refusals).toEqual([expect.stringContaining("[names-busy]")]);
	});

	test("is exit code 3 where SES does not answer who has the names", async () => {
		rig.sandbox.faults.add({
			service: "sesv2",
			times: Number.POSITIVE_INFINITY,
			effect: {
				kind: "error",
				status: 403,
				code: "AccessDeniedException",
				message: "not authorized: ses:GetTenant",
			},
		});
		const { code, out, err } = await run("preflight --domain d.acme.test --tenant d");
		rig.sandbox.faults.clear();
		expect({ code, out }).toEqual({ code: 3, out: "" });
		expect(err).toContain("[ses-denied]");
	});
});
