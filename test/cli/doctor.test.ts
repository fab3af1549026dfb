import { beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../../cli/doctor/report.js";
import { presentationValue } from "../../dns/index.js";
import { defaultAccount } from "../../sandbox/index.js";
import type { DnsRecordResponse, SesSetupDetailResponse } from "../../sdk/index.js";
import { channels } from "../support/channels-command.js";
import { runChannelsOn } from "../support/channels-run.js";
import { publishByHand, registered } from "../support/registered.js";
import { useStage } from "../support/stage.js";

const stage = useStage();
/** Shows nothing that was changed within the hour. */
let behind: string;
let zone: { id: string; nameServers: readonly string[] };
beforeAll(async () => {
	behind = await stage.sandbox.dns.addServer({ name: "behind", lagMs: 3_600_000 });
	zone = stage.sandbox.route53.createZone("acme.test");
});

const put = (name: string, type: "A" | "CNAME" | "MX" | "TXT", ...values: string[]) =>
	stage.sandbox.route53.put(zone.id, { name, type, values });

let count = 0;
/** A setup of a domain of its own in acme.test, with some of its records published. */
async function domain(published: readonly string[] = []): Promise<SesSetupDetailResponse> {
	count += 1;
	const setup = await registered(stage, { tenant: `doctor-${count}`, domain: `d${count}.acme.test` });
	const chosen = setup.dns_records.filter(({ type }) => published.includes(type));
	publishByHand(stage, zone, chosen);
	return setup;
}

const record = (setup: SesSetupDetailResponse, type: string) => {
	const found = setup.dns_records.find((each) => each.type === type);
	if (!found) throw new Error(`no ${type} record`);
	return found;
};

async function examined(setup: SesSetupDetailResponse, ...args: string[]) {
	const end = await runChannelsOn(stage, ["doctor", "--setup", setup.id, "--json", ...args]);
	const report = JSON.parse(end.out) as Report;
	const [only] = report.setups;
	if (!only) throw new Error(end.out);
	return { ...end, report, setup: only };
}

/** The state and the causes of the records of a type. */
const said = ({ setup }: Awaited<ReturnType<typeof examined>>, type: string) =>
	setup.records.filter((each) => each.type === type).map(({ state, causes }) => [state, ...causes]);

const all = ["CNAME", "MX", "TXT"];

describe("channels doctor", () => {
	test("a domain that is verified is exit code 0", async () => {
		const setup = await domain(all);
		const { code, out, err } = await runChannelsOn(stage, ["doctor", "--domain", setup.domain_identity]);
		expect({ code, err }).toEqual({ code: 0, err: "" });
		expect(out).toMatch(/^d\d+\.acme\.test {3}✓ ready {3}5 of 5 records verified\n/);
		for (const { address } of setup.dns_records) expect(out).toContain(address);
		expect(out).not.toContain("What to do");
	});

	test("a domain without its records is exit code 1, and says how to publish them", async () => {
		const setup = await domain();
		const { code, out } = await runChannelsOn(stage, ["doctor", "--domain", setup.domain_identity]);
		expect(code).toBe(1);
		expect(out).toContain("✗ not ready   0 of 5 records verified");
		for (const { record } of setup.dns_records) expect(out).toContain(`expected         ${record}\n`);
		expect(out).toContain(`${stage.sandbox.dns.authoritative}  nothing: the name does not exist (NXDOMAIN)`);
		expect(out).toContain(`1. DKIM ×3, MX, DMARC: Not published.`);
	});

	test("what the API does not accept yet is pending, and no cause is made up", async () => {
		const setup = await domain();
		// SES asks a resolver, which remembers the "no" that it is given now.
		for (const { address } of setup.dns_records) await stage.sandbox.dns.cname(address);
		publishByHand(stage, zone, setup.dns_records);
		const end = await examined(setup);
		expect(end.code).toBe(1);
		expect(end.setup.state).toBe("pending");
		expect(said(end, "CNAME")).toEqual([["unaccepted"], ["unaccepted"], ["unaccepted"]]);
		expect(said(end, "MX")).toEqual([["verified"]]);
		expect(end.setup.records[0]?.advice).toEqual([
			expect.stringMatching(
				/^Published: every name server has it\. The Channels API does not accept it yet: SES has not found the DKIM records yet\. It looks for them by itself for 72 hours; .*HOST_NOT_FOUND\)\.$/,
			),
		]);
		expect(end.setup.ses).toMatchObject({ identity: "own", dkim_status: "PENDING" });
		const { out } = await runChannelsOn(stage, ["doctor", "--setup", setup.id]);
		expect(out).toMatch(/^ {2}SES +DKIM PENDING, looked 20/m);
	});

	test("of a domain that others deleted in SES, it says so and what to do", async () => {
		const setup = await domain();
		publishByHand(stage, zone, setup.dns_records);
		const ses = stage.sandbox.ses.region(defaultAccount.id, "us-east-1");
		ses.disassociate(setup.tenant_name, ses.identity(setup.domain_identity).arn);
		ses.deleteIdentity(setup.domain_identity);
		const end = await examined(setup);
		expect(end.setup.ses?.identity).toBe("missing");
		expect(end.setup.records[0]?.advice[0]).toContain(
			"The domain's identity is gone from SES: it was deleted there by other hands. Delete the setup and create it anew.",
		);
		expect(end.setup.records[0]?.advice[0]).not.toMatch(/72 hours|run `channels doctor` again/);
	});

	test("of a name to which the zone was appended, it says where the record stands", async () => {
		const setup = await domain();
		const { address, record: value } = record(setup, "MX");
		put(`${address}.acme.test`, "MX", value);
		const end = await examined(setup);
		expect(said(end, "MX")).toEqual([["missing", "doubled-suffix"]]);
		expect(end.setup.records[3]?.advice[0]).toContain(`${address}.acme.test`);
	});

	test.each([
		["\\040", "", "a space before it"],
		["", "\\302\\240", "a non-breaking space after it"],
		["\\042", "\\042", "quotation marks around it"],
		["", ".acme.test\\056", "a closing dot that became part of it"],
	])("of a name that was entered as %sNAME%s, it says what is around it", async (before, after, called) => {
		const setup = await domain(["MX", "TXT"]);
		for (const { address, record: value } of setup.dns_records.filter(({ type }) => type === "CNAME"))
			put(`${before}${address.slice(0, -".acme.test".length)}${after}.acme.test`, "CNAME", value);
		const end = await examined(setup);
		expect(said(end, "CNAME")).toEqual(Array(3).fill(["missing", "stray-characters"]));
		expect(end.setup.records[0]?.advice[0]).toContain(called);
	});

	test("of a target to which the zone was appended, it says so", async () => {
		const setup = await domain();
		for (const each of setup.dns_records.filter(({ type }) => type === "CNAME"))
			put(each.address, "CNAME", `${each.record}.acme.test`);
		expect(said(await examined(setup), "CNAME")).toEqual(Array(3).fill(["different", "doubled-target"]));
	});

	test("of DKIM names that were entered without the subdomain, it says where they stand, once", async () => {
		const setup = await domain(["MX", "TXT"]);
		const dkim = setup.dns_records.filter(({ type }) => type === "CNAME");
		const shortened = (address: string) => address.replace(/\.d\d+\./, ".");
		for (const each of dkim) put(shortened(each.address), "CNAME", each.record);
		const end = await examined(setup);
		expect(said(end, "CNAME")).toEqual(Array(3).fill(["missing", "left-out"]));
		for (const [index, { address }] of dkim.entries())
			expect(end.setup.records[index]?.advice[0]).toContain(`stands at ${shortened(address)}`);
		const { out } = await runChannelsOn(stage, ["doctor", "--setup", setup.id]);
		expect(out).toContain("1. DKIM ×3: The record stands at <token>._domainkey.acme.test");
		expect(out).not.toContain("  2. ");
		expect(out).not.toContain("Not published");
	});

	test("of addresses at the DKIM names, it shows them and what a proxy has to do with it", async () => {
		const setup = await domain(["MX", "TXT"]);
		for (const { address, type } of setup.dns_records) if (type === "CNAME") put(address, "A", "192.0.2.10");
		expect(said(await examined(setup), "CNAME")).toEqual(Array(3).fill(["missing", "other-type"]));
		const { out } = await runChannelsOn(stage, ["doctor", "--setup", setup.id]);
		expect(out).toMatch(/DKIM ×3: Addresses stand at .*\(A\s+192\.0\.2\.10\)/s);
		expect(out).not.toContain("Not published");
	});

	test("of what a wildcard answers, it says that, and has nothing removed for it", async () => {
		const wild = stage.sandbox.route53.createZone("wild.test");
		stage.sandbox.route53.put(wild.id, { name: "*.wild.test", type: "CNAME", values: ["lb.other.example"] });
		const setup = await registered(stage, { tenant: "wild", domain: "mail.wild.test" });
		const end = await examined(setup);
		expect(end.setup.records.map(({ causes }) => causes)).toEqual(Array(5).fill(["wildcard"]));
		expect(JSON.stringify(end.report)).not.toMatch(/remove|replace/i);
	});

	test("of other people's records in the way, it shows them", async () => {
		const setup = await domain(["CNAME"]);
		const name = setup.domain_identity;
		put(name, "MX", "5 mx.other.example");
		put(`_dmarc.${name}`, "TXT", '"v=DMARC1; p=reject"');
		const { code, out } = await runChannelsOn(stage, ["doctor", "--domain", name]);
		expect(code).toBe(1);
		expect(out).toContain("3 of 5 records verified");
		expect(out).toMatch(/MX: The domain's mail goes to “5 mx\.other\.example”/);
		expect(out).toMatch(/DMARC: Another policy stands there: “v=DMARC1; p=reject”/);
	});

	test("of two DMARC policies, it says that neither counts", async () => {
		const setup = await domain();
		const { address, record: value } = record(setup, "TXT");
		put(address, "TXT", presentationValue({ type: "TXT", record: value }), '"v=DMARC1; p=reject"');
		expect(said(await examined(setup), "TXT")).toEqual([["different", "two-policies"]]);
	});

	test("of a null MX and of a wrong priority, it says what is wrong", async () => {
		const [none, late] = [await domain(), await domain()];
		put(none.domain_identity, "MX", "0 .");
		put(late.domain_identity, "MX", record(late, "MX").record.replace("10", "20"));
		expect(said(await examined(none), "MX")).toEqual([["different", "null-mx"]]);
		expect(said(await examined(late), "MX")).toEqual([["different", "priority"]]);
	});

	test("of a CNAME where TXT should stand, it says what is in the way", async () => {
		const setup = await domain();
		put(`_dmarc.${setup.domain_identity}`, "CNAME", "policies.other.example");
		expect(said(await examined(setup), "TXT")[0]).toContain("alias");
	});

	test("of servers that disagree, it says which has it", async () => {
		const setup = await domain(all);
		const servers = `${stage.sandbox.dns.authoritative},${behind}`;
		const end = await examined(setup, "--dns-servers", servers);
		expect(end.code).toBe(1);
		expect(said(end, "MX")).toEqual([["partial"]]);
		expect(end.setup.records[3]?.servers.map(({ server, state }) => [server, state])).toEqual([
			[stage.sandbox.dns.authoritative, "found"],
			[behind, "missing"],
		]);
	});

	test("where the name servers do not answer and nothing is verified, it is exit code 3", async () => {
		const setup = await domain();
		const end = await examined(setup, "--dns-servers", "127.0.0.1:9");
		expect(end.code).toBe(3);
		expect(end.report.state).toBe("unknown");
		expect(said(end, "MX")).toEqual([["unanswered"]]);
	});

	test("a domain that no zone covers has to be delegated first", async () => {
		const setup = await registered(stage, { tenant: "nowhere", domain: "nowhere.test" });
		const end = await examined(setup);
		expect(end.code).toBe(1);
		expect(end.setup.zone).toBeNull();
		expect(end.setup.records[0]?.advice[0]).toContain("No zone in the live DNS covers nowhere.test");
	});

	test("with --route53, it says that another zone than the hosted one is live", async () => {
		const shadow = stage.sandbox.route53.createZone("shadow.test");
		const live = stage.sandbox.route53.createZone("shadow.test", { account: "999999999999" });
		stage.sandbox.dns.delegate("shadow.test", live.nameServers);
		const setup = await registered(stage, { tenant: "shadow", domain: "shadow.test" });
		publishByHand(stage, shadow, setup.dns_records);
		const end = await examined(setup, "--route53");
		expect(end.setup.hostedZone?.id).toBe(shadow.id);
		expect(said(end, "MX")).toEqual([["missing", "other-servers"]]);
		const { out } = await runChannelsOn(stage, ["doctor", "--setup", setup.id, "--route53"]);
		expect(out).toContain(`Route 53  hosted zone shadow.test (${shadow.id})`);
		expect(out).toContain("correct the delegation, or");
	});

	test("of a whole workspace, it shows what is not ready, then a line for each that is", async () => {
		const workspaceId = crypto.randomUUID();
		const apiKey = await stage.service.createKey({ workspaceId });
		const zone = stage.sandbox.route53.createZone("all.test");
		for (const name of ["a", "b", "c"]) {
			const names = { tenant: name, domain: `${name}.all.test` };
			const setup = await registered(stage, names, workspaceId);
			if (name !== "b") publishByHand(stage, zone, setup.dns_records);
		}
		const { code, out } = await runChannelsOn(stage, ["doctor", "--all"], {
			CHANNELS_API_KEY: apiKey,
			CHANNELS_WORKSPACE_ID: workspaceId,
		});
		expect(code).toBe(1);
		expect(out.startsWith("b.all.test   ✗ not ready")).toBe(true);
		expect(
			out.endsWith(`
a.all.test   ✓ ready   5 of 5 records verified
c.all.test   ✓ ready   5 of 5 records verified

2 of 3 domains ready.
`),
		).toBe(true);
	});
});

test("the JSON document keeps its shape", async () => {
	const setup = await domain(["CNAME", "TXT"]);
	const { report } = await examined(setup);
	const server = stage.sandbox.dns.authoritative;
	const all = setup.dns_records.map(({ address, type, record }) => ({
		kind: { CNAME: "dkim", MX: "mx", TXT: "dmarc" }[type],
		address,
		type,
		expected: record,
		verified: true,
		state: "verified",
		servers: [{ server, state: "found", found: [record], reason: null }],
		causes: [],
		advice: [],
	}));
	expect(report).toEqual({
		version: 1,
		workspaceId: stage.service.workspaceId,
		account: null,
		region: null,
		examinedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
		state: "failing",
		setups: [
			{
				id: setup.id,
				tenantName: setup.tenant_name,
				domain: setup.domain_identity,
				createdAt: setup.created_at,
				checkedAt: expect.any(String),
				state: "failing",
				zone: { name: "acme.test", nameServers: [stage.sandbox.dns.authoritative] },
				hostedZone: null,
				refusal: null,
				ses: {
					identity: "own",
					dkim_status: "SUCCESS",
					error_type: null,
					last_checked_at: expect.any(String),
					last_success_at: expect.any(String),
					reason: null,
					mail_from_domain: null,
					mail_from_status: null,
					mail_from_reason: null,
				},
				obstacles: [],
				records: all.map((record) =>
					record.kind !== "mx"
						? record
						: {
								...record,
								verified: false,
								state: "missing",
								servers: [{ server, state: "missing", found: [], reason: "NODATA" }],
								advice: [expect.stringContaining("Not published.")],
							},
				),
			},
		],
	} satisfies Record<keyof Report, unknown>);
});

describe("what keeps verified domains from sending", () => {
	const boxed = useStage({ service: { timing: { obstaclesMs: 0 }, mailFrom: "bounce" } });
	const account = () => boxed.sandbox.ses.region(defaultAccount.id, "us-east-1").sending;

	async function verified(domain: string, leftOut: (record: DnsRecordResponse) => boolean = () => false) {
		const zone = boxed.sandbox.route53.createZone(domain);
		const setup = await registered(boxed, { tenant: domain.replaceAll(".", "-"), domain: `mail.${domain}` });
		publishByHand(
			boxed,
			zone,
			setup.dns_records.filter((each) => !leftOut(each)),
		);
		return setup;
	}

	test("is said beside them, each reason once, and leaves them verified", async () => {
		account().productionAccess = false;
		const { id } = await verified("one.test");
		const one = await runChannelsOn(boxed, ["doctor", "--setup", id]);
		expect(one.code).toBe(0);
		expect(one.out).toMatch(/^mail\.one\.test {3}✓ verified {3}7 of 7 records verified\n/);
		expect(one.out).toMatch(
			/\n\n {2}Sending\n {2}1\. The AWS account is in the sandbox of SES [\s\S]*\[account-in-sandbox\]\n$/,
		);
		const { id: other } = await verified("two.test");
		const both = await runChannelsOn(boxed, ["doctor", "--setup", id, "--setup", other]);
		expect(both.out.match(/sandbox of SES/g)).toHaveLength(1);
		expect(both.out).toMatch(/ {2}1\. mail\.one\.test, mail\.two\.test: The AWS account/);
		expect(both.out).toMatch(/2 of 2 domains ready\.\n$/);
		const { out } = await runChannelsOn(boxed, ["doctor", "--setup", id, "--json"]);
		expect((JSON.parse(out) as Report).setups[0]).toMatchObject({
			state: "verified",
			obstacles: [{ code: "account-in-sandbox" }],
		});
		account().productionAccess = true;
		expect((await runChannelsOn(boxed, ["doctor", "--setup", id])).out).not.toContain("Sending");
	});

	test("has SES's word on a MAIL FROM domain beside it", async () => {
		const { id } = await verified(
			"three.test",
			({ address, type }) => address.startsWith("bounce.") && type === "MX",
		);
		const { code, out } = await runChannelsOn(boxed, ["doctor", "--setup", id]);
		expect(code).toBe(1);
		expect(out).toMatch(/^ {2}SES +DKIM SUCCESS, MAIL FROM PENDING, looked 20/m);
		expect(out).toMatch(
			/ {2}1\. MAIL FROM: SES has not found the MX record of bounce\.mail\.three\.test yet\./,
		);
	});
});

describe("the command itself", () => {
	test("says that the API is out of reach, without a stack", async () => {
		const env = { CHANNELS_BASE_URL: "http://127.0.0.1:9" };
		const end = await channels(stage, ["doctor", "--all"], { env });
		expect(end).toMatchObject({ code: 3, stdout: "" });
		expect(end.stderr).toMatch(/^channels: listing SES setups failed.*ECONNREFUSED/s);
		expect(end.stderr).not.toMatch(/\n\s+at /);
	});
});
