import { describe, expect, it } from "vitest";
import type { DnsRecord } from "../../dns/index.js";
import { acme, asked, com, gtld, internet } from "./internet.js";
import { a, mx, ns, zone } from "./server.js";

const inbound: DnsRecord = { address: "mail.acme.com", type: "MX", record: "10 in.example" };
const here = { "mail.acme.com MX": [mx("mail.acme.com", 10, "in.example")] };

describe("checks without servers given", () => {
	it("ask every name server of the zone at its own address", async () => {
		await using net = await internet(acme, { "192.0.2.1": gtld, "192.0.2.2": here, "192.0.2.3": {} });
		const checked = await net.lookups.check(inbound);
		expect(checked).toMatchObject({
			state: "partial",
			servers: [
				{ server: "ns1.acme.test", state: "found" },
				{ server: "ns2.acme.test", state: "missing", reason: "NXDOMAIN" },
			],
		});
		expect(asked(net.resolver)).not.toContain("mail.acme.com MX");
	});

	it("ask the servers of a zone that is named, whoever the domain is delegated to", async () => {
		await using net = await internet(
			{ ...acme, "ns3.next.test A": [a("ns3.next.test", "192.0.2.4")] },
			{ "192.0.2.1": gtld, "192.0.2.2": here, "192.0.2.3": here, "192.0.2.4": {} },
		);
		const at = { zone: "acme.com", nameServers: ["ns3.next.test"] };
		expect((await net.lookups.check(inbound)).state).toBe("found");
		expect(await net.lookups.check(inbound, { at })).toMatchObject({
			servers: [{ server: "ns3.next.test", state: "missing" }],
		});
	});

	it("find the servers of a zone once for all that ask within half a minute, and then anew", async () => {
		let now = 0;
		const sets = { ...here, "other.acme.com MX": [mx("other.acme.com", 10, "in.example")] };
		await using net = await internet(
			acme,
			{ "192.0.2.1": gtld, "192.0.2.2": sets, "192.0.2.3": sets },
			{ now: () => now },
		);
		const questions = () => net.resolver.questions.length + (net.servers[0]?.questions.length ?? 0);
		await net.lookups.check(inbound);
		const first = questions();
		for (let again = 0; again < 3; again += 1) expect((await net.lookups.check(inbound)).state).toBe("found");
		expect(questions()).toBe(first);
		// Of another name in the zone it is to be found out alone whether a zone begins there.
		expect((await net.lookups.check({ ...inbound, address: "other.acme.com" })).state).toBe("found");
		expect(questions() - first).toBeLessThanOrEqual(4);
		now = 31_000;
		await net.lookups.check(inbound);
		expect(questions()).toBeGreaterThanOrEqual(2 * first);
	});

	it("look for the servers of a zone anew where those that were known are silent", async () => {
		let acmes = zone(acme);
		let old = zone(here);
		await using net = await internet((question) => acmes(question), {
			"192.0.2.1": gtld,
			"192.0.2.2": (question) => old(question),
			"192.0.2.3": (question) => old(question),
			"192.0.2.4": here,
		});
		expect((await net.lookups.check(inbound)).state).toBe("found");
		acmes = zone({
			...com,
			"acme.com NS": [ns("acme.com", "ns3.acme.test")],
			"ns3.acme.test A": [a("ns3.acme.test", "192.0.2.4")],
		});
		old = () => "silence";
		expect(await net.lookups.check(inbound)).toMatchObject({
			state: "found",
			servers: [{ server: "ns3.acme.test", state: "found" }],
		});
	});

	it("find a record once all of them have it", async () => {
		await using net = await internet(acme, { "192.0.2.1": gtld, "192.0.2.2": here, "192.0.2.3": here });
		expect((await net.lookups.check(inbound)).state).toBe("found");
	});

	it("try a server's next address where the first does not answer", async () => {
		const twice = {
			...com,
			"acme.com NS": [ns("acme.com", "ns1.acme.test")],
			"ns1.acme.test A": [a("ns1.acme.test", "192.0.2.9"), a("ns1.acme.test", "192.0.2.2")],
		};
		await using net = await internet(twice, { "192.0.2.1": gtld, "192.0.2.2": here });
		expect((await net.lookups.check(inbound)).state).toBe("found");
	});

	it("find a record that one server has while the other is down, refuses or serves another zone", async () => {
		const refuses = { "mail.acme.com *": { rcode: "REFUSED" } } as const;
		const elsewhere = { referral: [ns("", "a.root.test")] };
		const lame = { "mail.acme.com *": elsewhere, "acme.com *": elsewhere };
		for (const [other, reason] of [
			["silence", "no answer within 0.3 s"],
			[refuses, "REFUSED"],
			[lame, "it does not serve acme.com"],
		] as const) {
			await using net = await internet(acme, { "192.0.2.1": gtld, "192.0.2.2": here, "192.0.2.3": other });
			expect(await net.lookups.check(inbound)).toMatchObject({
				state: "found",
				silent: ["ns2.acme.test"],
				servers: [{ state: "found" }, { state: "failed", reason }],
			});
		}
	});

	it("find a record although questions for name servers at its name fail", async () => {
		const sets = { ...here, "mail.acme.com NS": { rcode: "SERVFAIL" } } as const;
		await using net = await internet(
			{ ...acme, ...sets, "mail.acme.com SOA": { rcode: "SERVFAIL" } },
			{
				"192.0.2.1": gtld,
				"192.0.2.2": { ...sets, "mail.acme.com SOA": { rcode: "SERVFAIL" } },
				"192.0.2.3": { ...sets, "mail.acme.com SOA": { rcode: "SERVFAIL" } },
			},
		);
		expect((await net.lookups.check(inbound)).state).toBe("found");
		// What the servers say of a name that may be delegated away need not be a "no".
		expect(await net.lookups.check({ ...inbound, type: "TXT", record: "v=DMARC1; p=none" })).toMatchObject({
			state: "failed",
			reason: expect.stringContaining("no answer for mail.acme.com (SERVFAIL)"),
		});
		expect(await net.lookups.check({ ...inbound, address: "x.mail.acme.com" })).toMatchObject({
			state: "missing",
		});
	});

	it("say which server has no address", async () => {
		const gone = { ...com, "acme.com NS": [ns("acme.com", "gone.acme.test")] };
		await using net = await internet(gone, { "192.0.2.1": gtld });
		expect(await net.lookups.check(inbound)).toMatchObject({
			state: "failed",
			servers: [{ server: "gone.acme.test", reason: "its name resolves to no address" }],
		});
	});

	it("find the servers once for all records of a domain", async () => {
		await using net = await internet(acme, { "192.0.2.1": gtld, "192.0.2.2": here, "192.0.2.3": here });
		const dmarc: DnsRecord = { address: "_dmarc.mail.acme.com", type: "TXT", record: "v=DMARC1; p=none" };
		await net.lookups.checkAll([inbound, dmarc, inbound]);
		const questions = asked(net.resolver);
		expect(questions).toEqual([...new Set(questions)]);
		expect(questions).toContain("acme.com NS");
	});

	it("call a record missing where no zone covers it", async () => {
		await using net = await internet({}, {});
		expect(await net.lookups.check(inbound)).toMatchObject({
			state: "missing",
			servers: [],
			reason: "no zone in the live DNS covers mail.acme.com",
		});
	});

	it("leave it open where the zone cannot be found out, or is lost", async () => {
		await using silent = await internet({ "com *": "silence" }, {});
		expect(await silent.lookups.check(inbound)).toMatchObject({
			state: "failed",
			reason: expect.stringContaining("no answer within"),
		});
		await using lost = await internet(
			{ ...com, "acme.com *": { rcode: "SERVFAIL" }, "mail.acme.com *": { rcode: "SERVFAIL" } },
			{},
		);
		expect(await lost.lookups.check(inbound)).toMatchObject({
			state: "failed",
			reason: expect.stringContaining("no answer for acme.com (SERVFAIL)"),
		});
	});

	it("give the zone with its servers and their addresses", async () => {
		await using net = await internet(acme, { "192.0.2.1": gtld, "192.0.2.2": {} });
		expect(await net.lookups.authoritative("mail.acme.com")).toEqual({
			zone: "acme.com",
			servers: [
				{ name: "ns1.acme.test", addresses: ["192.0.2.2:53"] },
				{ name: "ns2.acme.test", addresses: ["192.0.2.3:53"] },
			],
		});
	});
});
