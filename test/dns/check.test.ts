import { describe, expect, it } from "vitest";
import { createLookups, type DnsRecord, mistakeOf } from "../../dns/index.js";
import { cname, mx, startDnsServer, txt, zone } from "./server.js";

const dkim: DnsRecord = { address: "t._domainkey.x.example", type: "CNAME", record: "t.dkim.example" };
const inbound: DnsRecord = { address: "x.example", type: "MX", record: "10 inbound.example" };
const dmarc: DnsRecord = { address: "_dmarc.x.example", type: "TXT", record: "v=DMARC1; p=none" };

/** Checks a record at servers with these contents. */
async function check(record: DnsRecord, ...contents: Parameters<typeof zone>[0][]) {
	const servers = await Promise.all(contents.map((sets) => startDnsServer(zone(sets))));
	try {
		const lookups = createLookups({
			servers: servers.map(({ address }) => address),
			timeoutMs: 300,
			tries: 1,
		});
		return await lookups.check(record);
	} finally {
		await Promise.all(servers.map((server) => server[Symbol.asyncDispose]()));
	}
}

describe("check", () => {
	it.each([
		["found in another case", [cname(dkim.address, "T.Dkim.Example")], "found"],
		["another target", [cname(dkim.address, "u.dkim.example")], "different"],
		["not there", [], "missing"],
	] as const)("DKIM: %s", async (_, answers, state) => {
		const sets = answers.length === 0 ? {} : { [`${dkim.address} CNAME`]: [...answers] };
		expect((await check(dkim, sets)).state).toBe(state);
	});

	it.each([
		" t.dkim.example",
		"t.dkim.example ",
		'"t.dkim.example"',
		"https://t.dkim.example",
		"\u00a0t.dkim.example",
		"t.dkim.example.x.example",
		'"t.dkim.example".x.example',
	])("sees what was entered beside the target or the exchanger: %j", async (host) => {
		const target = await check(dkim, { [`${dkim.address} CNAME`]: [cname(dkim.address, host)] });
		expect(target.state).toBe("different");
		expect(mistakeOf(target)?.text).toMatch(/: t\.dkim\.example$|as t\.dkim\.example$/);
		const mail = { ...inbound, record: "10 t.dkim.example" };
		const exchanger = await check(mail, { "x.example MX": [mx("x.example", 10, host)] });
		expect(exchanger.state).toBe("different");
		expect(mistakeOf(exchanger)?.text).toMatch(/t\.dkim\.example, with priority 10$/);
	});

	it.each(['"v=DMARC1; p=none"', "v=DMARC1;\u00a0p=none", "v=DMARC1\\; p=none", "“v=DMARC1; p=none”"])(
		"sees what was entered beside the policy: %j",
		async (text) => {
			const checked = await check(dmarc, { [`${dmarc.address} TXT`]: [txt(dmarc.address, text)] });
			expect(checked.state).not.toBe("found");
			expect(mistakeOf(checked)?.text).toMatch(/v=DMARC1; p=none$/);
		},
	);

	it("looks one hop behind a DKIM name only", async () => {
		const chain = [cname(dkim.address, "between.example"), cname("between.example", dkim.record)];
		const checked = await check(dkim, { [`${dkim.address} CNAME`]: chain });
		expect(checked).toMatchObject({ state: "different", found: ["between.example"] });
	});

	it.each([
		["ours alone", [mx("x.example", 10, "Inbound.example")], "found"],
		[
			"ours beside another",
			[mx("x.example", 5, "old.example"), mx("x.example", 10, "inbound.example")],
			"found",
		],
		["another priority", [mx("x.example", 20, "inbound.example")], "different"],
		["another host", [mx("x.example", 10, "old.example")], "different"],
		["a null MX beside ours", [mx("x.example", 0, "."), mx("x.example", 10, "inbound.example")], "different"],
	] as const)("MX: %s", async (_, answers, state) => {
		expect((await check(inbound, { "x.example MX": [...answers] })).state).toBe(state);
	});

	it.each([
		["ours, spelled differently", [txt(dmarc.address, "v=DMARC1;P=None;")], "found"],
		["ours, in two strings", [txt(dmarc.address, "v=DMARC1; ", "p=none")], "found"],
		[
			"ours beside a text that is no policy",
			[txt(dmarc.address, "hello"), txt(dmarc.address, dmarc.record)],
			"found",
		],
		["another policy", [txt(dmarc.address, "v=DMARC1; p=reject")], "different"],
		[
			"two policies",
			[txt(dmarc.address, dmarc.record), txt(dmarc.address, "v=DMARC1; p=reject")],
			"different",
		],
		[
			"ours twice",
			[txt(dmarc.address, dmarc.record), txt(dmarc.address, "v=DMARC1; ", "p=none")],
			"different",
		],
		["no policy among the texts", [txt(dmarc.address, "hello")], "missing"],
	] as const)("DMARC: %s", async (_, answers, state) => {
		expect((await check(dmarc, { [`${dmarc.address} TXT`]: [...answers] })).state).toBe(state);
	});

	it.each([
		["ours alone", ["v=spf1 include:amazonses.com ~all"], "found"],
		["ours beside texts that are no SPF", ["v=spf10 +all", "v=spf1 include:amazonses.com ~all"], "found"],
		["ours beside another", ["v=spf1 include:amazonses.com ~all", "v=spf1 -all"], "different"],
		["ours beside one in capitals", ["v=spf1 include:amazonses.com ~all", "V=SPF1"], "different"],
		["another", ["v=spf1 -all"], "different"],
		["none among the texts", ["hello"], "missing"],
	])("SPF: %s", async (_, texts, state) => {
		const spf: DnsRecord = {
			address: "b.x.example",
			type: "TXT",
			record: "v=spf1 include:amazonses.com ~all",
		};
		const sets = { "b.x.example TXT": texts.map((text) => txt("b.x.example", text)) };
		expect((await check(spf, sets)).state).toBe(state);
	});

	it.each([
		["ours alone", [mx("b.x.example", 10, "Feedback-SMTP.eu-west-1.amazonses.com")], "found"],
		[
			"ours beside another",
			[mx("b.x.example", 10, "feedback-smtp.eu-west-1.amazonses.com"), mx("b.x.example", 20, "mx.example")],
			"different",
		],
		["another", [mx("b.x.example", 10, "feedback-smtp.us-east-1.amazonses.com")], "different"],
	])("the MX of a MAIL FROM domain: %s", async (_, answers, state) => {
		const record = "10 feedback-smtp.eu-west-1.amazonses.com";
		const feedback: DnsRecord = { address: "b.x.example", type: "MX", record };
		expect((await check(feedback, { "b.x.example MX": answers })).state).toBe(state);
	});

	it("compares other texts by any of them", async () => {
		const text: DnsRecord = { address: "x.example", type: "TXT", record: "token" };
		const sets = { "x.example TXT": [txt("x.example", "other"), txt("x.example", "token")] };
		expect((await check(text, sets)).state).toBe("found");
	});

	it("says what each server has when only some answer with the record", async () => {
		const here = { "x.example MX": [mx("x.example", 10, "inbound.example")] };
		const checked = await check(inbound, here, {}, here);
		expect(checked.state).toBe("partial");
		expect(checked.servers.map(({ state }) => state)).toEqual(["found", "missing", "found"]);
		expect(checked.found).toEqual(["10 inbound.example"]);
	});

	it.each([
		[{ rcode: "SERVFAIL" }, "SERVFAIL"],
		[{ rcode: "REFUSED" }, "REFUSED"],
		["silence", "no answer within 0.3 s"],
	] as const)("lets a server that answers with %j take nothing away, and names it", async (bad, reason) => {
		const here = { "x.example MX": [mx("x.example", 10, "inbound.example")] };
		const broken = { "x.example MX": bad };
		const found = await check(inbound, here, broken);
		expect(found).toMatchObject({ state: "found", has: [expect.anything()], lacks: [] });
		expect(found.servers[1]).toMatchObject({ state: "failed", reason });
		expect(found.silent).toEqual([found.servers[1]?.server]);
		expect((await check(inbound, {}, broken)).state).toBe("missing");
		expect((await check(inbound, here, {}, broken)).state).toBe("partial");
		expect(await check(inbound, broken, broken)).toMatchObject({ state: "failed", has: [], lacks: [] });
	});

	it("counts a server without an answer neither as a yes nor as a no", async () => {
		const broken = { "x.example MX": { rcode: "SERVFAIL" } as const };
		expect((await check(inbound, broken)).servers[0]).toMatchObject({ state: "failed", reason: "SERVFAIL" });
	});

	it("checks several records in the order given", async () => {
		await using server = await startDnsServer(
			zone({
				[`${dkim.address} CNAME`]: [cname(dkim.address, dkim.record)],
				[`${dmarc.address} TXT`]: [txt(dmarc.address, dmarc.record)],
			}),
		);
		const checks = await createLookups({ servers: [server.address] }).checkAll([dmarc, inbound, dkim]);
		expect(checks.map(({ record, state }) => [record.type, state])).toEqual([
			["TXT", "found"],
			["MX", "missing"],
			["CNAME", "found"],
		]);
	});

	it("rejects with the reason of an abort, every record of it", async () => {
		await using server = await startDnsServer(() => "silence");
		const abort = new AbortController();
		const pending = createLookups({ servers: [server.address] }).checkAll([dkim, inbound, dmarc], {
			signal: abort.signal,
		});
		const ended = expect(pending).rejects.toThrow("stop");
		await expect.poll(() => server.questions.length).toBe(3);
		abort.abort(new Error("stop"));
		await ended;
	});
});
