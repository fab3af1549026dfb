import { describe, expect, it } from "vitest";
import { createLookups, type DnsRecord, diagnose } from "../../dns/index.js";
import { cname, mx, ns, startDnsServer, txt, zone } from "./server.js";

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

	it("finds a record whose zone was appended twice", async () => {
		const doubled = "_dmarc.mail.acme.com.acme.com";
		const sets = { ...delegated, [`${doubled} TXT`]: [txt(doubled, dmarc.record)] };
		expect(await findings(sets)).toMatchObject([{ kind: "doubled-suffix" }]);
		const foreign = { ...delegated, [`${doubled} TXT`]: [txt(doubled, "other")] };
		expect(await findings(foreign)).toEqual([]);
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
