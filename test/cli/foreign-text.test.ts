/** Names and texts of others: name servers, the Channels API, AWS. */
import { beforeAll, describe, expect, test } from "vitest";
import type { Report } from "../../cli/doctor/report.js";
import type { SesSetupDetailResponse } from "../../sdk/index.js";
import { runChannelsOn } from "../support/channels-run.js";
import { registered } from "../support/registered.js";
import { useStage } from "../support/stage.js";

const stage = useStage();
const domain = "mail.foreign.test";
let zone: { id: string; nameServers: readonly string[] };
let setup: SesSetupDetailResponse;
beforeAll(async () => {
	zone = stage.sandbox.route53.createZone("foreign.test");
	setup = await registered(stage, { tenant: "foreign", domain });
});

/** What ends a line, steers a terminal, turns text around, and is a command to a pipeline. */
const hostile =
	"x\n::error title=a::b\r\u001b[2J\u001b]0;t\u0007\u009b2J\u2028::error::c \u202e ##vso[task.complete]";

function expectHarmless(text: string) {
	expect(text).not.toMatch(/[^\P{C}\n]|[\u2028\u2029]/u);
	expect(text).not.toMatch(/^\s*::|##vso\[/m);
}

const doctor = (...args: string[]) => runChannelsOn(stage, ["doctor", "--setup", setup.id, ...args]);

/** As an API answers that says this of the setup. */
const answers = (more: object) =>
	stage.sandbox.faults.add({
		service: "channels",
		match: () => true,
		times: Number.POSITIVE_INFINITY,
		effect: {
			kind: "answer",
			status: 200,
			headers: { "content-type": "application/json" },
			body: JSON.stringify({ ...setup, ...more }),
		},
	});

const [first, ...others] = ["CNAME", "MX", "TXT"] as const;
const asking = (type: string, change: object) => ({
	dns_records: setup.dns_records.map((each) => (each.type === type ? { ...each, ...change } : each)),
});

describe("what name servers say", () => {
	test("is shown escaped: texts, hosts and names of servers", async () => {
		const put = (name: string, type: "CNAME" | "MX" | "TXT", value: string) =>
			stage.sandbox.route53.put(zone.id, { name, type, values: [value] });
		put(`_dmarc.${domain}`, "TXT", '"v=DMARC1; p=reject\\012::error title=a::b\\033[2J ::error::wrapped"');
		put(domain, "MX", "10 \\033[2J\\012.foreign.test");
		put(
			setup.dns_records.find(({ type }) => type === "CNAME")?.address ?? "",
			"CNAME",
			"\\033c.foreign.test",
		);
		const { nameServers } = zone;
		stage.sandbox.dns.delegate("foreign.test", [...nameServers, "::error::x.foreign.test"]);
		const { out, err } = await doctor();
		stage.sandbox.dns.delegate("foreign.test", nameServers);
		expectHarmless(out + err);
		expect(out).toContain("p=reject\\u000a::error title=a::b\\u001b[2J");
	});
});

describe("what the API says", () => {
	test.each([
		["a date", { created_at: "Tue, 24 Nov 2026 07:00 GMT (\n::error::x\u001b[2J)" }],
		["a tenant", { tenant_name: hostile }],
		["a domain", { domain_identity: `${hostile}.foreign.test` }],
	])("is shown escaped: %s", async (_, said) => {
		answers(said);
		for (const end of [await doctor(), await doctor("--json")]) expectHarmless(end.out + end.err);
	});

	test.each([first, ...others])("is shown escaped: the value of a record of type %s", async (type) => {
		answers(asking(type, { record: hostile }));
		const { out } = await doctor();
		expect(out).toContain("x\\u000a::error title=a::b\\u000d\\u001b[2J");
		expectHarmless(out);
		const json = (await doctor("--json")).out;
		expectHarmless(json);
		const { setups } = JSON.parse(json) as Report;
		expect(setups[0]?.records.map(({ expected }) => expected)).toContain(hostile);
	});

	test.each([
		["MX", { address: `${hostile}.${domain}` }],
		["MX", { record: `10 a.test\n$INCLUDE /etc/passwd` }],
		["TXT", { record: hostile }],
	] as const)(
		"is refused in a zone file and in an import file: a record of type %s",
		async (type, change) => {
			answers(asking(type, change));
			for (const command of ["zone-file", "import-file"]) {
				const { code, out, err } = await runChannelsOn(stage, [command, "--setup", setup.id]);
				expect({ code, out }).toEqual({ code: 1, out: "" });
				expect(err).toMatch(/^channels: .* \[records-unsafe\]\n$/);
				expectHarmless(err);
			}
		},
	);

	test("is refused in an import file where it is a tenant's name", async () => {
		answers({ tenant_name: hostile });
		const { code, out, err } = await runChannelsOn(stage, ["import-file", "--setup", setup.id]);
		expect({ code, out }).toEqual({ code: 1, out: "" });
		expectHarmless(err);
	});

	test("is shown escaped in a list of what is in the way", async () => {
		answers({ items: [{ ...setup, tenant_name: hostile, dns_verified: false }], has_more: false });
		const args = ["preflight", "--domain", domain, "--tenant", "another"];
		for (const end of [await runChannelsOn(stage, args), await runChannelsOn(stage, [...args, "--json"])]) {
			expect(end.out).toContain("names-taken");
			expectHarmless(end.out + end.err);
		}
	});

	test("is shown escaped as the reason of an error", async () => {
		stage.sandbox.faults.add({
			service: "channels",
			effect: { kind: "error", status: 409, code: "Conflict", message: hostile },
		});
		const { err } = await doctor();
		expect(err).toContain("x\\u000a::error title=a::b");
		expectHarmless(err);
	});
});

test("what AWS says is shown escaped", async () => {
	stage.sandbox.faults.add({
		service: "route53",
		effect: {
			kind: "error",
			status: 403,
			code: "AccessDenied",
			message: "no\n::error::x ##vso[task.complete]",
		},
	});
	const { out, err } = await runChannelsOn(stage, ["preflight", "--domain", domain]);
	expect(out).toContain("no\\u000a::error::x");
	expectHarmless(out + err);
});
