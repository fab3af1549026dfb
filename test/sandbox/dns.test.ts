import { Resolver } from "node:dns/promises";
import { ChangeResourceRecordSetsCommand } from "@aws-sdk/client-route-53";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type HostedZone, type Sandbox, type SimpleRecordSet, startSandbox } from "../../sandbox/index.js";
import { route53Client } from "../support/aws.js";
import { ManualClock } from "../support/clock.js";
import { dnsQuery, exchange } from "../support/dns-query.js";

let sandbox: Sandbox;
let clock: ManualClock;
let acme: HostedZone;
beforeEach(async () => {
	clock = new ManualClock();
	sandbox = await startSandbox({ clock, route53: { insyncMs: 30_000 } });
	acme = sandbox.route53.createZone("acme.com");
});
afterEach(() => sandbox.close());

const put = (set: SimpleRecordSet, zone = acme) => sandbox.route53.put(zone.id, set);
const ask = (
	...[name, type, options]: [string, Parameters<typeof dnsQuery>[2], Parameters<typeof dnsQuery>[3]?]
) => dnsQuery(sandbox.dns.authoritative, name, type, options);
const askResolver = (name: string, type: Parameters<typeof dnsQuery>[2]) =>
	dnsQuery(sandbox.dns.resolver, name, type);
const data = (packet: Awaited<ReturnType<typeof dnsQuery>>) =>
	(packet.answers ?? []).map((answer) => ("data" in answer ? answer.data : undefined));

function nodeResolver(server = sandbox.dns.authoritative): Resolver {
	const resolver = new Resolver({ timeout: 1_000, tries: 1 });
	resolver.setServers([server]);
	return resolver;
}

describe("the authoritative face", () => {
	it("serves what Route 53 holds once it is INSYNC, over UDP and TCP", async () => {
		await route53Client(sandbox).send(
			new ChangeResourceRecordSetsCommand({
				HostedZoneId: acme.id,
				ChangeBatch: {
					Changes: [
						{
							Action: "CREATE",
							ResourceRecordSet: {
								Name: "acme.com",
								Type: "MX",
								TTL: 300,
								ResourceRecords: [{ Value: "10 inbound-smtp.us-east-1.amazonaws.com" }],
							},
						},
					],
				},
			}),
		);
		expect(await ask("acme.com", "MX")).toMatchObject({ rcode: "NOERROR", answers: [] });
		clock.advance(30_000);
		for (const transport of ["udp", "tcp"] as const) {
			expect(await ask("acme.com", "MX", { transport })).toMatchObject({
				rcode: "NOERROR",
				flag_aa: true,
				flag_ra: false,
				answers: [
					{
						name: "acme.com",
						ttl: 300,
						data: { preference: 10, exchange: "inbound-smtp.us-east-1.amazonaws.com" },
					},
				],
			});
		}
	});

	it("is understood by Node's resolver", async () => {
		put({ name: "acme.com", type: "TXT", values: ['"v=spf1 -all"', '"one" "two\\"\\344"'] });
		put({ name: "_dmarc.acme.com", type: "CNAME", values: ["Policy.Acme.com."] });
		put({ name: "policy.acme.com", type: "TXT", values: ['"v=DMARC1; p=none"'] });
		put({ name: "acme.com", type: "MX", values: ["0 ."] });
		const resolver = nodeResolver();
		expect(await resolver.resolveTxt("acme.com")).toEqual([["v=spf1 -all"], ["one", 'two"\xe4']]);
		expect(await resolver.resolveCname("_dmarc.acme.com")).toEqual(["Policy.Acme.com"]);
		expect(await resolver.resolveTxt("_dmarc.acme.com")).toEqual([["v=DMARC1; p=none"]]);
		expect(await resolver.resolveMx("acme.com")).toMatchObject([{ exchange: "", priority: 0 }]);
		expect(await resolver.resolveSoa("acme.com")).toMatchObject({
			nsname: acme.nameServers[0],
			minttl: 86_400,
		});
		await expect(resolver.resolve4("none.acme.com")).rejects.toMatchObject({ code: "ENOTFOUND" });
		await expect(resolver.resolve4("acme.com")).rejects.toMatchObject({ code: "ENODATA" });
	});

	it.each([
		["NXDOMAIN", "none.acme.com"],
		["NOERROR", "acme.com"],
	])("says no with %s and the zone's SOA, to be remembered for 900 s", async (rcode, name) => {
		expect(await ask(name, "AAAA")).toMatchObject({
			rcode,
			flag_aa: true,
			answers: [],
			authorities: [{ type: "SOA", name: "acme.com", ttl: 900, data: { minimum: 86_400 } }],
		});
	});

	it.each<[SimpleRecordSet["type"] & Parameters<typeof dnsQuery>[2], string, unknown]>([
		["A", "192.0.2.1", "192.0.2.1"],
		["AAAA", "2001:db8::1", "2001:db8::1"],
		["CAA", '128 issue "ca.test"', { tag: "issue", value: "ca.test", issuerCritical: true }],
		["CNAME", "target.test.", "target.test"],
		[
			"DS",
			"12345 3 1 49fd",
			{ keyTag: 12345, algorithm: 3, digestType: 1, digest: Buffer.from("49fd", "hex") },
		],
		["MX", "10 mx.test", { preference: 10, exchange: "mx.test" }],
		[
			"NAPTR",
			'100 50 "s" "z3950+I2L" "" _z3950._tcp.test',
			{ order: 100, preference: 50, flags: "s", services: "z3950+I2L", replacement: "_z3950._tcp.test" },
		],
		["PTR", "host.test", "host.test"],
		["SRV", "1 2 443 host.test", { priority: 1, weight: 2, port: 443, target: "host.test" }],
		[
			"SSHFP",
			"2 1 123456789abcdef67890123456789abcdef67890",
			{ algorithm: 2, hash: 1, fingerprint: "123456789ABCDEF67890123456789ABCDEF67890" },
		],
		[
			"TLSA",
			"3 1 1 d2ab",
			{ usage: 3, selector: 1, matchingType: 1, certificate: Buffer.from("d2ab", "hex") },
		],
		["TXT", '"a" "b"', [Buffer.from("a"), Buffer.from("b")]],
	])("serves %s records", async (type, value, expected) => {
		put({ name: "n.acme.com", type, values: [value] });
		expect(await ask("n.acme.com", type)).toMatchObject({
			rcode: "NOERROR",
			answers: [{ type, data: expected }],
		});
	});

	it("asks in any case and answers in the asker's", async () => {
		put({ name: "www.acme.com", type: "A", values: ["192.0.2.1"] });
		expect(await ask("wWw.ACME.com", "A")).toMatchObject({
			answers: [{ name: "wWw.ACME.com", data: "192.0.2.1" }],
		});
	});

	it("refuses names in no zone of its own", async () => {
		expect(await ask("example.net", "A")).toMatchObject({ rcode: "REFUSED", flag_aa: false });
	});

	it("knows names that exist only because something lies below them", async () => {
		put({ name: "a.b.acme.com", type: "A", values: ["192.0.2.1"] });
		expect(await ask("b.acme.com", "A")).toMatchObject({ rcode: "NOERROR", answers: [] });
	});

	it("expands wildcards as RFC 4592 says", async () => {
		put({ name: "*.w.acme.com", type: "TXT", values: ['"wild"'] });
		put({ name: "here.w.acme.com", type: "A", values: ["192.0.2.1"] });
		const strings = async (name: string) => data(await ask(name, "TXT"));
		expect(await strings("any.w.acme.com")).toEqual([[Buffer.from("wild")]]);
		expect(await strings("deep.any.w.acme.com")).toEqual([[Buffer.from("wild")]]);
		// A name that exists is not covered, nor is anything below it.
		expect(await ask("here.w.acme.com", "TXT")).toMatchObject({ rcode: "NOERROR", answers: [] });
		expect(await ask("x.here.w.acme.com", "TXT")).toMatchObject({ rcode: "NXDOMAIN" });
		expect(await ask("any.w.acme.com", "A")).toMatchObject({ rcode: "NOERROR", answers: [] });
	});

	it("follows CNAMEs as far as it serves them, and ends a loop", async () => {
		put({ name: "one.acme.com", type: "CNAME", values: ["two.acme.com"] });
		put({ name: "two.acme.com", type: "CNAME", values: ["token.dkim.amazonses.com"] });
		put({ name: "lost.acme.com", type: "CNAME", values: ["none.acme.com"] });
		put({ name: "ring.acme.com", type: "CNAME", values: ["ring.acme.com"] });
		expect(await ask("one.acme.com", "TXT")).toMatchObject({
			rcode: "NOERROR",
			answers: [{ data: "two.acme.com" }, { data: "token.dkim.amazonses.com" }],
		});
		expect(data(await ask("one.acme.com", "CNAME"))).toEqual(["two.acme.com"]);
		expect(await ask("lost.acme.com", "A")).toMatchObject({
			rcode: "NXDOMAIN",
			answers: [{ data: "none.acme.com" }],
			authorities: [{ type: "SOA" }],
		});
		expect(await ask("ring.acme.com", "A")).toMatchObject({ rcode: "SERVFAIL" });
	});

	it("answers aliases with what they stand for", async () => {
		put({ name: "www.acme.com", type: "A", values: ["192.0.2.1"] });
		sandbox.route53.put(acme.id, {
			Name: "acme.com",
			Type: "A",
			AliasTarget: { HostedZoneId: acme.id, DNSName: "www.acme.com", EvaluateTargetHealth: false },
		});
		expect(await ask("acme.com", "A")).toMatchObject({
			answers: [{ name: "acme.com", ttl: 60, data: "192.0.2.1" }],
		});
	});

	it("answers the heaviest of weighted sets and all of multivalue ones", async () => {
		for (const [SetIdentifier, Weight] of [
			["a", 1],
			["b", 9],
		] as const) {
			const common = { Type: "A" as const, SetIdentifier, TTL: 60 };
			const ResourceRecords = [{ Value: `192.0.2.${Weight}` }];
			sandbox.route53.put(acme.id, { ...common, Name: "w.acme.com", Weight, ResourceRecords });
			sandbox.route53.put(acme.id, {
				...common,
				Name: "m.acme.com",
				MultiValueAnswer: true,
				ResourceRecords,
			});
		}
		expect(data(await ask("w.acme.com", "A"))).toEqual(["192.0.2.9"]);
		expect(data(await ask("m.acme.com", "A"))).toEqual(["192.0.2.1", "192.0.2.9"]);
	});

	it("truncates what does not fit a datagram, and gives it whole over TCP or where EDNS allows", async () => {
		const values = Array.from({ length: 9 }, (_, index) => `"${String(index).repeat(60)}"`);
		put({ name: "big.acme.com", type: "TXT", values });
		expect(await ask("big.acme.com", "TXT")).toMatchObject({ flag_tc: true, answers: [] });
		const whole = [
			await ask("big.acme.com", "TXT", { transport: "tcp" }),
			await ask("big.acme.com", "TXT", { udpSize: 4096 }),
		];
		for (const packet of whole) {
			expect(packet.flag_tc).toBe(false);
			expect(packet.answers).toHaveLength(9);
		}
		expect(whole[1]?.additionals).toMatchObject([{ type: "OPT" }]);
		expect(await nodeResolver().resolveTxt("big.acme.com")).toHaveLength(9);
	});

	it("never serves a private zone", async () => {
		const inside = sandbox.route53.createZone("inside.test", {
			vpcs: [{ VPCId: "vpc-1", VPCRegion: "us-east-1" }],
		});
		put({ name: "inside.test", type: "A", values: ["192.0.2.1"] }, inside);
		expect(await ask("inside.test", "A")).toMatchObject({ rcode: "REFUSED" });
	});

	it("answers the names of name servers with loopback addresses", async () => {
		expect(data(await ask(acme.nameServers[3] ?? "", "A"))).toEqual(["127.0.0.1"]);
	});

	it("answers what it does not do with NOTIMP and what it cannot read with FORMERR", async () => {
		expect(await ask("acme.com", "AXFR", { transport: "tcp" })).toMatchObject({ rcode: "NOTIMP" });
		const status = Buffer.from("123410000001000000000000", "hex");
		expect((await exchange(sandbox.dns.authoritative, status)).readUInt16BE(2) & 0xf).toBe(1);
		const garbage = await exchange(sandbox.dns.authoritative, Buffer.from("123400", "hex"));
		expect([garbage.readUInt16BE(0), garbage.readUInt16BE(2) & 0xf]).toEqual([0x1234, 1]);
	});
});

describe("delegation", () => {
	it("makes the first zone of a name live, and a later one only when the registrar says so", async () => {
		const second = sandbox.route53.createZone("acme.com");
		put({ name: "acme.com", type: "A", values: ["192.0.2.1"] });
		put({ name: "acme.com", type: "A", values: ["192.0.2.2"] }, second);
		expect(data(await ask("acme.com", "A"))).toEqual(["192.0.2.1"]);
		sandbox.dns.delegate("acme.com", second.nameServers);
		expect(data(await ask("acme.com", "A"))).toEqual(["192.0.2.2"]);
		expect(data(await ask("acme.com", "NS"))).toEqual(second.nameServers);
	});

	it("shows where the registrar points to servers that serve no such zone", async () => {
		sandbox.dns.delegate("acme.com", ["ns1.elsewhere.test", "ns2.elsewhere.test"]);
		expect(data(await ask("acme.com", "NS"))).toEqual(["ns1.elsewhere.test", "ns2.elsewhere.test"]);
		expect(await ask("acme.com", "SOA")).toMatchObject({ rcode: "SERVFAIL" });
		expect(await askResolver("acme.com", "MX")).toMatchObject({ rcode: "SERVFAIL" });
		sandbox.dns.undelegate("acme.com");
		expect(await ask("acme.com", "NS")).toMatchObject({ rcode: "REFUSED" });
		expect(await askResolver("acme.com", "NS")).toMatchObject({ rcode: "NXDOMAIN" });
	});

	it("ends with the zone it came with", async () => {
		sandbox.route53.deleteZone(acme.id);
		expect(await ask("acme.com", "SOA")).toMatchObject({ rcode: "REFUSED" });
		const next = sandbox.route53.createZone("acme.com");
		expect(data(await ask("acme.com", "NS"))).toEqual(next.nameServers);
	});

	it("of a zone below a hosted one is the NS record set there", async () => {
		const mail = sandbox.route53.createZone("mail.acme.com");
		put({ name: "mail.acme.com", type: "A", values: ["192.0.2.7"] }, mail);
		expect(await ask("mail.acme.com", "A")).toMatchObject({
			rcode: "NXDOMAIN",
			authorities: [{ type: "SOA", name: "acme.com" }],
		});
		sandbox.dns.delegateInParent(mail);
		expect(data(await ask("mail.acme.com", "A"))).toEqual(["192.0.2.7"]);
		expect(data(await ask("mail.acme.com", "NS"))).toEqual(mail.nameServers);
		expect(await ask("x.mail.acme.com", "A")).toMatchObject({
			rcode: "NXDOMAIN",
			authorities: [{ type: "SOA", name: "mail.acme.com" }],
		});
	});

	it("to servers elsewhere is a referral, and hides the parent's own records below it", async () => {
		put({ name: "out.acme.com", type: "NS", values: ["ns1.elsewhere.test"] });
		put({ name: "www.out.acme.com", type: "A", values: ["192.0.2.1"] });
		expect(await ask("www.out.acme.com", "A")).toMatchObject({
			rcode: "NOERROR",
			flag_aa: false,
			answers: [],
			authorities: [{ type: "NS", name: "out.acme.com", data: "ns1.elsewhere.test" }],
		});
		expect(data(await ask("out.acme.com", "NS"))).toEqual(["ns1.elsewhere.test"]);
		expect(await askResolver("www.out.acme.com", "A")).toMatchObject({ rcode: "SERVFAIL" });
	});
});

describe("a further server", () => {
	it("shows changes later than the others", async () => {
		const late = await sandbox.dns.addServer({ name: "late", lagMs: 60_000 });
		put({ name: "acme.com", type: "A", values: ["192.0.2.1"] });
		expect(data(await ask("acme.com", "A"))).toEqual(["192.0.2.1"]);
		expect(await dnsQuery(late, "acme.com", "A")).toMatchObject({ rcode: "NOERROR", answers: [] });
		clock.advance(60_000);
		expect(data(await dnsQuery(late, "acme.com", "A"))).toEqual(["192.0.2.1"]);
	});

	it("may never show a change at all", async () => {
		const stuck = await sandbox.dns.addServer({ name: "stuck", lagMs: Number.POSITIVE_INFINITY });
		put({ name: "acme.com", type: "A", values: ["192.0.2.1"] });
		put({ name: "acme.com", type: "A", values: ["192.0.2.2"] });
		clock.advance(1e12);
		expect(await dnsQuery(stuck, "acme.com", "A")).toMatchObject({ rcode: "NOERROR", answers: [] });
	});

	it("may be certain name servers alone: live or not, it answers for their zones and no others", async () => {
		const second = sandbox.route53.createZone("acme.com");
		put({ name: "acme.com", type: "A", values: ["192.0.2.2"] }, second);
		const server = await sandbox.dns.addServer({
			name: "second",
			nameServers: second.nameServers.slice(0, 1),
		});
		expect(data(await dnsQuery(server, "acme.com", "A"))).toEqual(["192.0.2.2"]);
		expect(data(await dnsQuery(server, "acme.com", "NS"))).toEqual(second.nameServers);
		sandbox.route53.createZone("other.test");
		expect(await dnsQuery(server, "other.test", "SOA")).toMatchObject({ rcode: "REFUSED" });
	});
});

describe("the resolver face", () => {
	it("remembers a no for 900 s, whatever is published meanwhile, for all below the name too", async () => {
		expect(await askResolver("mail.acme.com", "MX")).toMatchObject({
			rcode: "NXDOMAIN",
			flag_ra: true,
			flag_aa: false,
		});
		put({ name: "_dmarc.mail.acme.com", type: "TXT", values: ['"v=DMARC1; p=none"'] });
		clock.advance(899_000);
		expect(await askResolver("_dmarc.mail.acme.com", "TXT")).toMatchObject({
			rcode: "NXDOMAIN",
			authorities: [{ ttl: 1 }],
		});
		clock.advance(1_000);
		expect(await askResolver("_dmarc.mail.acme.com", "TXT")).toMatchObject({
			rcode: "NOERROR",
			answers: [{ ttl: 300 }],
		});
	});

	it("remembers that a name has no such type, and only that", async () => {
		put({ name: "mail.acme.com", type: "A", values: ["192.0.2.1"] });
		expect(await askResolver("mail.acme.com", "MX")).toMatchObject({ rcode: "NOERROR", answers: [] });
		put({ name: "mail.acme.com", type: "MX", values: ["10 mx.test"] });
		put({ name: "mail.acme.com", type: "TXT", values: ['"x"'] });
		expect(await askResolver("mail.acme.com", "MX")).toMatchObject({ answers: [] });
		expect(data(await askResolver("mail.acme.com", "TXT"))).toHaveLength(1);
	});

	it("remembers an answer as long as its TTL, which runs down", async () => {
		put({ name: "acme.com", type: "A", ttl: 100, values: ["192.0.2.1"] });
		expect(await askResolver("acme.com", "A")).toMatchObject({ answers: [{ ttl: 100, data: "192.0.2.1" }] });
		put({ name: "acme.com", type: "A", ttl: 100, values: ["192.0.2.2"] });
		clock.advance(40_000);
		expect(await askResolver("ACME.com", "A")).toMatchObject({ answers: [{ ttl: 60, data: "192.0.2.1" }] });
		clock.advance(60_000);
		expect(data(await askResolver("acme.com", "A"))).toEqual(["192.0.2.2"]);
	});

	it("forgets when told to", async () => {
		await askResolver("new.acme.com", "A");
		put({ name: "new.acme.com", type: "A", values: ["192.0.2.1"] });
		sandbox.dns.flushResolver();
		expect(data(await askResolver("new.acme.com", "A"))).toEqual(["192.0.2.1"]);
	});

	it("may remember a no for less", async () => {
		const brief = await startSandbox({ clock, dns: { longestNegativeTtl: 5 } });
		try {
			const zone = brief.route53.createZone("acme.com");
			await dnsQuery(brief.dns.resolver, "new.acme.com", "A");
			brief.route53.put(zone.id, { name: "new.acme.com", type: "A", values: ["192.0.2.1"] });
			expect(await dnsQuery(brief.dns.resolver, "new.acme.com", "A")).toMatchObject({ rcode: "NXDOMAIN" });
			clock.advance(5_000);
			expect(data(await dnsQuery(brief.dns.resolver, "new.acme.com", "A"))).toEqual(["192.0.2.1"]);
		} finally {
			await brief.close();
		}
	});
});

describe("DNS faults and log", () => {
	it("fail, drop or delay by name, type and face, and log every query", async () => {
		put({ name: "acme.com", type: "A", values: ["192.0.2.1"] });
		sandbox.faults.add({
			service: "dns",
			operation: "A",
			match: (input) => (input as { face: string }).face === "authoritative",
			effect: { kind: "error", status: 2, code: "SERVFAIL", message: "" },
		});
		sandbox.faults.add({ service: "dns", operation: "A", from: 2, effect: { kind: "drop", when: "before" } });
		expect(await ask("acme.com", "A")).toMatchObject({ rcode: "SERVFAIL" });
		await expect(ask("acme.com", "A", { timeoutMs: 50 })).rejects.toMatchObject({ name: "AbortError" });
		expect(data(await ask("acme.com", "A"))).toEqual(["192.0.2.1"]);
		expect(sandbox.log.all({ service: "dns" })).toMatchObject([
			{
				operation: "A",
				status: 2,
				error: "SERVFAIL",
				input: { name: "acme.com", face: "authoritative", transport: "udp" },
			},
			{ operation: "A", status: undefined },
			{ operation: "A", status: 0 },
		]);
	});

	it("delay an answer until its time has come", async () => {
		put({ name: "acme.com", type: "A", values: ["192.0.2.1"] });
		sandbox.faults.add({ service: "dns", effect: { kind: "delay", ms: 5_000 } });
		const pending = ask("acme.com", "A");
		await sandbox.log.until((log) => log.count({ service: "dns" }) === 1);
		expect(sandbox.log.all()[0]?.endedAt).toBeUndefined();
		clock.advance(5_000);
		expect(data(await pending)).toEqual(["192.0.2.1"]);
	});

	it("reach the look-ups of SES, which are logged too", async () => {
		put({ name: "c.acme.com", type: "CNAME", values: ["target.test"] });
		expect(await sandbox.dns.cname("c.acme.com")).toEqual({ targets: ["target.test"] });
		expect(await sandbox.dns.cname("none.acme.com")).toEqual({ targets: [] });
		sandbox.faults.add({
			service: "dns",
			effect: { kind: "error", status: 2, code: "SERVFAIL", message: "" },
		});
		expect(await sandbox.dns.cname("c.acme.com")).toEqual({ failure: "SERVFAIL" });
		expect(sandbox.log.count({ service: "dns", operation: "CNAME" })).toBe(3);
	});
});
