import { describe, expect, it } from "vitest";
import { causesOf, createLookups, type DnsRecord, diagnose } from "../../dns/index.js";
import { acme as acmeInternet, com, gtld, internet } from "./internet.js";
import { a, cname, mx, ns, type Reply, startDnsServer, txt, zone } from "./server.js";

type Answers = (name: string, type: string) => Extract<Reply, { answers: unknown }>["answers"] | "NODATA";

const dmarc: DnsRecord = { address: "_dmarc.mail.acme.com", type: "TXT", record: "v=DMARC1; p=none" };
const acme = { name: "acme.com", nameServers: ["ns1.acme.test"] };
const delegated: Parameters<typeof zone>[0] = {
	"acme.com NS": [ns("acme.com", "ns1.acme.test")],
	"mail.acme.com *": "NODATA",
};

async function findings(sets: Parameters<typeof zone>[0], record = dmarc, where = acme) {
	await using server = await startDnsServer(zone(sets));
	const lookups = createLookups({ servers: [server.address], timeoutMs: 200, tries: 1 });
	return await diagnose(record, where, lookups);
}

describe("diagnose", () => {
	it("finds nothing where the record is only missing", async () => {
		expect(await findings({ ...delegated })).toEqual([]);
	});

	it("finds a zone that nobody delegates to", async () => {
		const [none] = await findings({});
		expect(none).toMatchObject({
			kind: "undelegated",
			text: expect.stringContaining("acme.com is not delegated"),
		});
		const [top] = await findings({ "com NS": [ns("com", "a.gtld.test")] });
		expect(top?.kind).toBe("undelegated");
	});

	it("finds that the delegation leads to servers without the zone", async () => {
		const [finding] = await findings({
			"com NS": [ns("com", "a.gtld.test")],
			"acme.com *": { rcode: "SERVFAIL" },
			"mail.acme.com *": { rcode: "SERVFAIL" },
			"_dmarc.mail.acme.com *": { rcode: "SERVFAIL" },
		});
		expect(finding).toMatchObject({
			kind: "broken",
			text: expect.stringContaining("no answer for acme.com"),
		});
	});

	it("finds that a deeper zone is live", async () => {
		const [finding] = await findings({
			...delegated,
			"mail.acme.com NS": [ns("mail.acme.com", "ns.other.test")],
		});
		expect(finding?.kind).toBe("other-zone");
		expect(finding?.text).toContain("from the zone mail.acme.com (ns.other.test), not from acme.com");
	});

	it("finds that other servers have the zone", async () => {
		const [finding] = await findings({ ...delegated }, dmarc, { ...acme, nameServers: ["NS9.acme.test."] });
		expect(finding?.kind).toBe("other-servers");
		expect(finding?.text).toContain("delegated to ns1.acme.test, but this zone's servers are ns9.acme.test");
	});

	it("finds servers of others beside the zone's own, and takes another name of one for its own", async () => {
		const both = {
			...delegated,
			"acme.com NS": [ns("acme.com", "ns1.acme.test"), ns("acme.com", "ns.old.test")],
		};
		expect(await findings(both)).toMatchObject([
			{ kind: "other-servers", text: expect.stringContaining("is delegated to ns.old.test as well, but") },
		]);
		const vanity = {
			...both,
			"ns.old.test A": [a("ns.old.test", "192.0.2.2")],
			"ns1.acme.test A": [a("ns1.acme.test", "192.0.2.2")],
		};
		expect(await findings(vanity)).toEqual([]);
	});

	it("finds a stale NS set in the zone itself, where the registrar is right", async () => {
		const stale = {
			...com,
			"acme.com NS": [ns("acme.com", "ns.old.test")],
			...{ "mail.acme.com *": "NODATA" as const },
		};
		await using net = await internet(stale, { "192.0.2.1": gtld });
		expect(await diagnose(dmarc, acme, net.lookups)).toMatchObject([
			{
				kind: "other-servers",
				text: expect.stringContaining("correct the NS set at acme.com in the zone itself"),
			},
		]);
	});

	it("finds a record whose zone was appended twice", async () => {
		const doubled = "_dmarc.mail.acme.com.acme.com";
		const sets = { ...delegated, [`${doubled} TXT`]: [txt(doubled, dmarc.record)] };
		expect(await findings(sets)).toMatchObject([{ kind: "doubled-suffix" }]);
		const foreign = { ...delegated, [`${doubled} TXT`]: [txt(doubled, "other")] };
		expect(await findings(foreign)).toEqual([]);
	});

	const dkim: DnsRecord = {
		address: "t._domainkey.mail.acme.com",
		type: "CNAME",
		record: "t.dkim.amazonses.com",
	};
	const inbound: DnsRecord = { address: "mail.acme.com", type: "MX", record: "10 in.example" };

	it.each<[string, string, RegExp]>([
		[
			"t._domainkey.acme.com",
			"left-out",
			/enter its name as t\._domainkey\.mail where the form appends acme\.com/,
		],
		["t.mail.acme.com", "left-out", /a part of its name is missing/],
		["t.acme.com", "left-out", /a part of its name is missing/],
		["t._domainkey.mail.acme.com.acme.com", "doubled-suffix", /without acme\.com: t\._domainkey\.mail$/],
		["t._domainkey.mail.acme.acme.com", "doubled-suffix", /repeats a part of its name/],
		["t._domainkey.mail.mail.acme.com", "doubled-suffix", /repeats a part of its name/],
	])("finds a DKIM record that was entered at %s", async (name, kind, text) => {
		const sets = { ...delegated, [`${name} CNAME`]: [cname(name, dkim.record)] };
		const found = await findings(sets, dkim);
		expect(found).toMatchObject([{ kind, text: expect.stringMatching(text) }]);
		expect(found[0]?.text).toContain(`stands at ${name}`);
		// With the target's own slips as well.
		const quoted = { ...delegated, [`${name} CNAME`]: [cname(name, `"${dkim.record}".acme.com`)] };
		expect(await findings(quoted, dkim)).toMatchObject([{ kind }]);
		// Another token is another setup's.
		expect(
			await findings({ ...delegated, [`${name} CNAME`]: [cname(name, "u.dkim.example")] }, dkim),
		).toEqual([]);
	});

	it("finds a record of a deep subdomain of which any part was left out, or that is twice there", async () => {
		const deep = { ...dkim, address: "t._domainkey.a.b.mail.acme.com" };
		for (const at of ["a.b", "a.mail", "b.mail", "a", "mail"]) {
			const name = `t._domainkey.${at}.acme.com`;
			const sets = { ...delegated, [`${name} CNAME`]: [cname(name, dkim.record)] };
			expect(await findings(sets, deep)).toMatchObject([{ kind: "left-out" }]);
		}
		const own = { name: "mail.acme.com", nameServers: ["ns1.acme.test"] };
		const twice = "t._domainkey.mail.mail.acme.com";
		const sets = {
			...delegated,
			"mail.acme.com NS": [ns("mail.acme.com", "ns1.acme.test")],
			[`${twice} CNAME`]: [cname(twice, dkim.record)],
		};
		expect(await findings(sets, dkim, own)).toMatchObject([{ kind: "doubled-suffix" }]);
	});

	it.each<[entered: string, called: RegExp]>([
		[" t._domainkey.mail", /with a space before it/],
		["t._domainkey.mail ", /with a space after it/],
		["\u00a0t._domainkey.mail", /with a non-breaking space before it/],
		["t._domainkey.mail\u200b", /with an invisible character after it/],
		['"t._domainkey.mail"', /with quotation marks around it/],
		["\u201ct._domainkey.mail\u201d", /with quotation marks around it/],
		["https://t._domainkey.mail", /with a scheme \(https:\/\/\) before it/],
		[" t._domainkey.mail.acme.com", /with a space before it/],
		['"t._domainkey.mail.acme.com"', /with quotation marks around it/],
	])("finds a DKIM record whose name was entered as %j", async (entered, called) => {
		const name = `${entered}.acme.com`;
		const sets = { ...delegated, [`${name} CNAME`]: [cname(name, dkim.record)] };
		const [finding, ...others] = await findings(sets, dkim);
		expect(finding).toMatchObject({ kind: "stray-characters", text: expect.stringMatching(called) });
		expect(finding?.text).toContain(
			"enter its name as t._domainkey.mail where the form appends acme.com, else as t._domainkey.mail.acme.com",
		);
		expect(others).toEqual([]);
	});

	it("finds a policy and an exchanger whose names were entered with something around them", async () => {
		const policy = '"_dmarc.mail".acme.com';
		expect(await findings({ ...delegated, [`${policy} TXT`]: [txt(policy, dmarc.record)] })).toMatchObject([
			{ kind: "stray-characters" },
		]);
		const exchanger = " mail.acme.com";
		const mail = { ...delegated, [`${exchanger} MX`]: [mx(exchanger, 10, "in.example")] };
		expect(await findings(mail, inbound)).toMatchObject([{ kind: "stray-characters" }]);
	});

	it("finds a record whose name was entered without its underscore", async () => {
		for (const [name, record, set] of [
			["t.domainkey.mail.acme.com", dkim, cname("t.domainkey.mail.acme.com", dkim.record)],
			["dmarc.mail.acme.com", dmarc, txt("dmarc.mail.acme.com", dmarc.record)],
		] as const) {
			const type = record.type;
			expect(await findings({ ...delegated, [`${name} ${type}`]: [set] }, record)).toMatchObject([
				{ kind: "left-out", text: expect.stringContaining(`stands at ${name}`) },
			]);
		}
	});

	it.each(["t._domainkey.acme.com", "t._domainkey.mail.acme.com.acme.com"])(
		"finds a record at %j in the zone above, where its own subdomain is a zone",
		async (name) => {
			const own = { name: "mail.acme.com", nameServers: ["ns1.acme.test"] };
			const sets = {
				...delegated,
				"mail.acme.com NS": [ns("mail.acme.com", "ns1.acme.test")],
				[`${name} CNAME`]: [cname(name, dkim.record)],
			};
			const [finding, ...others] = await findings(sets, dkim, own);
			expect(finding?.text).toMatch(
				/^the record stands at .*; that is in the zone acme\.com, but mail\.acme\.com is a zone of its own: enter its name as t\._domainkey where the form appends mail\.acme\.com, else as t\._domainkey\.mail\.acme\.com, and enter it there$/,
			);
			expect(others).toEqual([]);
		},
	);

	it("finds a policy that was entered at the domain itself", async () => {
		const sets = { ...delegated, "mail.acme.com TXT": [txt("mail.acme.com", dmarc.record)] };
		expect(await findings(sets)).toMatchObject([
			{ kind: "left-out", text: expect.stringContaining("enter its name as _dmarc.mail where") },
		]);
	});

	it("says of an exchanger or a policy higher up only that it may have been meant for the subdomain", async () => {
		const mail = { ...delegated, "acme.com MX": [mx("acme.com", 10, "in.example")] };
		expect(await findings(mail, inbound)).toMatchObject([
			{ kind: "left-out", text: expect.stringContaining("if it was meant for mail.acme.com") },
		]);
		const policy = { ...delegated, "_dmarc.acme.com TXT": [txt("_dmarc.acme.com", dmarc.record)] };
		expect(await findings(policy)).toMatchObject([
			{ kind: "left-out", text: expect.stringContaining("if it was meant for _dmarc.mail.acme.com") },
		]);
	});

	it.each<[string, DnsRecord, Answers]>([
		["CNAME of all names", dkim, (name) => [cname(name, "lb.other.example")]],
		["CNAME at a policy's name", dmarc, (name) => [cname(name, "lb.other.example")]],
		["address at a DKIM name", dkim, (name, type) => (type === "A" ? [a(name, "192.0.2.9")] : "NODATA")],
		[
			"exchanger at the domain",
			inbound,
			(name, type) => (type === "MX" ? [mx(name, 5, "mx.other.example")] : "NODATA"),
		],
		["null MX at the domain", inbound, (name, type) => (type === "MX" ? [mx(name, 0, ".")] : "NODATA")],
		[
			"text at a policy's name",
			dmarc,
			(name, type) => (type === "TXT" ? [txt(name, "v=DMARC1; p=reject")] : "NODATA"),
		],
	])("tells what a wildcard answers from a record: %s", async (_, record, answer) => {
		await using server = await startDnsServer(({ name, type }) => {
			if (name === "acme.com") return type === "NS" ? { answers: delegated["acme.com NS"] as [] } : "NODATA";
			if (!name.endsWith(".acme.com") || type === "NS" || type === "SOA") return "NODATA";
			const answers = answer(name, type);
			return answers === "NODATA" ? answers : { answers };
		});
		const lookups = createLookups({ servers: [server.address], timeoutMs: 200, tries: 1 });
		const causes = await causesOf(await lookups.check(record), acme, lookups);
		expect(causes).toMatchObject([{ kind: "wildcard" }]);
		expect(causes[0]?.text).toMatch(
			/^no record stands at .*a wildcard answers there .*a record at the name wins/,
		);
		expect(causes[0]?.text).not.toMatch(/remove|replace/i);
	});

	it.each<[string, DnsRecord, Parameters<typeof zone>[0], string, RegExp]>([
		[
			"addresses at a DKIM name",
			dkim,
			{ "t._domainkey.mail.acme.com A": [a(dkim.address, "192.0.2.10")] },
			"other-type",
			/A 192\.0\.2\.10\), as where the DNS host proxies or flattens it; .*“DNS only”.*: t\.dkim\.amazonses\.com$/,
		],
		[
			"an IPv6 address at a DKIM name",
			dkim,
			{ "t._domainkey.mail.acme.com AAAA": [{ name: dkim.address, type: "AAAA", data: "2001:db8::1" }] },
			"other-type",
			/AAAA 2001:db8::1.*proxies or flattens/,
		],
		[
			"the target in a TXT record",
			dkim,
			{ "t._domainkey.mail.acme.com TXT": [txt(dkim.address, dkim.record)] },
			"other-type",
			/in a record of type TXT; enter it as CNAME: t\.dkim\.amazonses\.com$/,
		],
		[
			"a key in a TXT record",
			dkim,
			{ "t._domainkey.mail.acme.com TXT": [txt(dkim.address, "v=DKIM1; p=abc")] },
			"other-type",
			/no CNAME record stands at .*, only TXT “v=DKIM1; p=abc”; publish CNAME/,
		],
		[
			"the exchanger in a CNAME record",
			inbound,
			{ "mail.acme.com CNAME": [cname("mail.acme.com", "in.example")] },
			"other-type",
			/in a record of type CNAME; enter it as MX: 10 in\.example$/,
		],
		[
			"an address at the domain",
			inbound,
			{ "mail.acme.com A": [a("mail.acme.com", "192.0.2.10")], "mail.acme.com MX": "NODATA" },
			"other-type",
			/no MX record stands at mail\.acme\.com, only A 192\.0\.2\.10; publish MX 10 in\.example there$/,
		],
	])("says what stands in a record's place: %s", async (_, record, sets, kind, text) => {
		const { "mail.acme.com *": _star, ...rest } = delegated;
		expect(await findings({ ...rest, ...sets }, record)).toMatchObject([
			{ kind, text: expect.stringMatching(text) },
		]);
	});

	it("asks a server that answers, and one that lacks the record where they differ", async () => {
		const name = "t._domainkey.acme.com";
		const lacks = { [`${name} CNAME`]: [cname(name, dkim.record)] };
		const has = { [`${dkim.address} CNAME`]: [cname(dkim.address, dkim.record)] };
		for (const other of ["silence" as const, has]) {
			await using net = await internet(acmeInternet, {
				"192.0.2.1": gtld,
				"192.0.2.2": other,
				"192.0.2.3": lacks,
			});
			const check = await net.lookups.check(dkim);
			expect(await causesOf(check, { name: "acme.com" }, net.lookups)).toMatchObject([{ kind: "left-out" }]);
		}
	});

	it("finds a CNAME in the way of a TXT or MX record", async () => {
		const sets = {
			...delegated,
			"_dmarc.mail.acme.com CNAME": [cname("_dmarc.mail.acme.com", "policy.other.test")],
		};
		const [finding] = await findings(sets);
		expect(finding?.kind).toBe("alias");
		expect(finding?.text).toContain("a CNAME to policy.other.test stands at _dmarc.mail.acme.com");
	});

	it("takes a CNAME for no obstacle to a CNAME", async () => {
		const dkim: DnsRecord = { address: "t._domainkey.acme.com", type: "CNAME", record: "t.dkim.example" };
		const sets = { ...delegated, "t._domainkey.acme.com CNAME": [cname(dkim.address, "other.example")] };
		expect(await findings(sets, dkim)).toEqual([]);
	});

	it("finds nothing, rather than failing, where DNS does not answer", async () => {
		await using server = await startDnsServer(() => "silence");
		const lookups = createLookups({ servers: [server.address], timeoutMs: 50, tries: 1 });
		expect(await diagnose(dmarc, acme, lookups)).toEqual([]);
	});

	it("asks a server no further that falls silent at too many questions", async () => {
		const has = zone({ ...delegated });
		await using server = await startDnsServer((question) =>
			server.questions.length > 10 ? "silence" : has(question),
		);
		const lookups = createLookups({ servers: [server.address], timeoutMs: 50, tries: 1 });
		expect(await diagnose(dkim, acme, lookups)).toEqual([]);
		// Those that were under way, and then none.
		expect(server.questions.length).toBeLessThan(40);
	});

	it("sees several reasons at once", async () => {
		const address = "acme.com";
		const record: DnsRecord = { address, type: "MX", record: "10 in.example" };
		const found = await findings(
			{
				...delegated,
				"acme.com CNAME": "NODATA",
				"acme.com.acme.com MX": [mx("acme.com.acme.com", 10, "in.example")],
			},
			record,
			{ ...acme, nameServers: ["ns9.acme.test"] },
		);
		expect(found.map(({ kind }) => kind)).toEqual(["other-servers", "doubled-suffix"]);
	});
});
