import { describe, expect, it } from "vitest";
import { causesOf, type DnsRecord, delegatedByParent } from "../../dns/index.js";
import { acme, asked, com, gtld, internet } from "./internet.js";
import { a, cname, ns, txt } from "./server.js";

const apex = ["ns1.acme.test", "ns2.acme.test"].map((host) => ns("acme.com", host));
const dkim: DnsRecord = { address: "t._domainkey.mail.acme.com", type: "CNAME", record: "t.dkim.example" };
const published = { [`${dkim.address} CNAME`]: [cname(dkim.address, dkim.record)] };
const refused = () => ({ rcode: "REFUSED" }) as const;

describe("a private zone that the resolver has", () => {
	const hidden = {
		"mail.acme.com NS": [ns("mail.acme.com", "ns-0.private.test")],
		"ns-0.private.test A": [a("ns-0.private.test", "192.0.2.9")],
	};
	const own = { "acme.com NS": apex, "mail.acme.com *": "NODATA", ...published } as const;

	it("is passed over where the servers of the zone above deny it, one of them unreachable", async () => {
		for (const other of [own, "silence"] as const) {
			await using net = await internet(
				{ ...acme, ...hidden },
				{ "192.0.2.1": gtld, "192.0.2.2": other, "192.0.2.3": own, "192.0.2.9": refused },
			);
			expect(await net.lookups.delegation("mail.acme.com")).toEqual({
				zone: "acme.com",
				nameServers: ["ns1.acme.test", "ns2.acme.test"],
				otherView: { name: "mail.acme.com", told: ["ns-0.private.test"] },
			});
			expect(await net.lookups.check(dkim)).toMatchObject({ state: "found" });
			const missing: DnsRecord = { ...dkim, record: "u.dkim.example" };
			const causes = await causesOf(await net.lookups.check(missing), { name: "acme.com" }, net.lookups);
			expect(causes).toEqual([]);
		}
	});

	it("is passed over where it hides the zone above, and where a zone below is live", async () => {
		const view = {
			...com,
			"acme.com NS": [ns("acme.com", "ns-0.private.test")],
			"ns-0.private.test A": [a("ns-0.private.test", "192.0.2.9")],
			"ns1.acme.test A": [a("ns1.acme.test", "192.0.2.2")],
			"ns1.child.test A": [a("ns1.child.test", "192.0.2.5")],
		};
		const delegation = [ns("mail.acme.com", "ns1.child.test")];
		await using net = await internet(view, {
			"192.0.2.1": gtld,
			"192.0.2.2": { "acme.com NS": apex, "mail.acme.com NS": { referral: delegation } },
			"192.0.2.5": { "mail.acme.com NS": delegation, ...published },
			"192.0.2.9": refused,
		});
		expect(await net.lookups.delegation("mail.acme.com")).toEqual({
			zone: "mail.acme.com",
			nameServers: ["ns1.child.test"],
			otherView: { name: "acme.com", told: ["ns-0.private.test"] },
		});
		expect(await net.lookups.check(dkim)).toMatchObject({ state: "found", has: ["ns1.child.test"] });
	});

	it("is all there is where no server above has the zone itself, or one of them refers to it", async () => {
		const lame = { referral: [ns("", "a.root.test")] };
		const refers = { "mail.acme.com NS": { referral: [ns("mail.acme.com", "ns-0.private.test")] } };
		for (const [one, two] of [
			[{ "mail.acme.com *": lame }, { "mail.acme.com *": lame }],
			["silence", "silence"],
			[own, refers],
		] as const) {
			await using net = await internet(
				{ ...acme, ...hidden },
				{ "192.0.2.1": gtld, "192.0.2.2": one, "192.0.2.3": two, "192.0.2.9": refused },
			);
			expect(await net.lookups.delegation("mail.acme.com")).toEqual({
				zone: "mail.acme.com",
				nameServers: ["ns-0.private.test"],
			});
		}
	});
});

describe("a delegation that the resolver does not know yet", () => {
	const delegation = [ns("mail.acme.com", "ns1.child.test")];
	const above = { "acme.com NS": apex, "mail.acme.com *": { referral: delegation } };
	const child = { "ns1.child.test A": [a("ns1.child.test", "192.0.2.5")] };

	it.each([
		["NODATA", "NODATA"],
		["NXDOMAIN", { rcode: "NXDOMAIN" }],
	] as const)(
		"is followed, whether it says %s or not, and the records are found behind it",
		async (_, no) => {
			await using net = await internet(
				{ ...acme, ...child, "mail.acme.com *": no },
				{
					"192.0.2.1": gtld,
					"192.0.2.2": "silence",
					"192.0.2.3": above,
					"192.0.2.5": { "mail.acme.com NS": delegation, ...published },
				},
			);
			expect(await net.lookups.delegation("mail.acme.com")).toEqual({
				zone: "mail.acme.com",
				nameServers: ["ns1.child.test"],
				otherView: { name: "mail.acme.com", told: [] },
			});
			expect((await net.lookups.check(dkim)).state).toBe("found");
			const lost: DnsRecord = { address: "_dmarc.mail.acme.com", type: "TXT", record: "v=DMARC1; p=none" };
			const zone = { name: "mail.acme.com", nameServers: ["ns1.child.test"] };
			expect(await causesOf(await net.lookups.check(lost), zone, net.lookups)).toEqual([]);
		},
	);

	it("is followed where it fails at the question for it, and knows of no zone", async () => {
		for (const failure of [{ rcode: "REFUSED" }, { rcode: "SERVFAIL" }] as const) {
			await using net = await internet(
				{ ...acme, ...child, "mail.acme.com NS": failure, "mail.acme.com SOA": "NODATA" },
				{ "192.0.2.1": gtld, "192.0.2.2": above },
			);
			expect(await net.lookups.delegation("mail.acme.com")).toEqual({
				zone: "mail.acme.com",
				nameServers: ["ns1.child.test"],
				otherView: { name: "mail.acme.com", told: [] },
			});
		}
	});

	it("is seen where only one of the servers above has it so far", async () => {
		await using net = await internet(
			{ ...acme, ...child, "mail.acme.com *": "NODATA" },
			{ "192.0.2.1": gtld, "192.0.2.2": { "mail.acme.com *": "NODATA" }, "192.0.2.3": above },
		);
		expect(await delegatedByParent("mail.acme.com", net.lookups)).toEqual(["ns1.child.test"]);
		const causes = await causesOf(await net.lookups.check(dkim), { name: "mail.acme.com" }, net.lookups);
		expect(causes).toEqual([]);
	});
});

describe("former name servers that the resolver remembers", () => {
	const old = ["ns1.old.test", "ns2.old.test"].map((host) => ns("acme.com", host));
	const view = { ...acme, "acme.com NS": old, "ns1.old.test A": [a("ns1.old.test", "192.0.2.8")] };
	const has = { "acme.com NS": apex, ...published };

	it("are asked no more where the zone's own servers do not name them", async () => {
		await using net = await internet(view, {
			"192.0.2.1": gtld,
			"192.0.2.2": has,
			"192.0.2.3": has,
			"192.0.2.8": { "acme.com NS": old },
		});
		expect(await net.lookups.delegation("acme.com")).toEqual({
			zone: "acme.com",
			nameServers: ["ns1.acme.test", "ns2.acme.test"],
			otherView: { name: "acme.com", told: ["ns1.old.test", "ns2.old.test"] },
		});
		expect(await net.lookups.check(dkim)).toMatchObject({ state: "found", lacks: [], silent: [] });
	});

	it("are asked no more where one of them has remained", async () => {
		const both = [ns("acme.com", "ns1.acme.test"), ns("acme.com", "ns1.old.test")];
		await using net = await internet(
			{ ...view, "acme.com NS": both },
			{ "192.0.2.1": gtld, "192.0.2.2": has, "192.0.2.3": has, "192.0.2.8": { "acme.com NS": old } },
		);
		expect(await net.lookups.check(dkim)).toMatchObject({ state: "found", lacks: [] });
		const zone = { name: "acme.com", nameServers: ["ns1.acme.test", "ns2.acme.test"] };
		const missing = await net.lookups.check({ ...dkim, record: "u.dkim.example" });
		expect(await causesOf(missing, zone, net.lookups)).toEqual([]);
	});

	it("are the zone's where the zone itself names them", async () => {
		await using net = await internet(view, { "192.0.2.1": gtld, "192.0.2.2": { "acme.com NS": old } });
		expect(await net.lookups.delegation("acme.com")).toEqual({
			zone: "acme.com",
			nameServers: ["ns1.old.test", "ns2.old.test"],
		});
	});

	it("are left open where the zone's own servers do not answer", async () => {
		await using net = await internet(view, { "192.0.2.1": gtld, "192.0.2.2": "silence" });
		expect(await net.lookups.delegation("acme.com")).toMatchObject({
			nameServers: ["ns1.acme.test"],
			otherView: { told: ["ns1.old.test", "ns2.old.test"] },
		});
		const record: DnsRecord = { address: "acme.com", type: "TXT", record: "v=spf1 -all" };
		const zone = { name: "acme.com", nameServers: ["ns1.acme.test", "ns2.acme.test"] };
		const [cause] = await causesOf(await net.lookups.check(record), zone, net.lookups);
		expect(cause?.text).toMatch(/private zone of this network, or remember a former delegation; only where/);
	});
});

it("where all agree nobody is asked twice, and nobody for more than who delegates", async () => {
	const here = { "acme.com NS": apex, "mail.acme.com TXT": [txt("mail.acme.com", "v=spf1 -all")] };
	await using net = await internet(
		{ ...acme, "mail.acme.com *": "NODATA" },
		{ "192.0.2.1": { "acme.com NS": { referral: apex } }, "192.0.2.2": here, "192.0.2.3": here },
	);
	expect(await net.lookups.delegation("mail.acme.com")).not.toHaveProperty("otherView");
	expect(asked(net.resolver).filter((question) => question.endsWith("NS"))).toEqual([
		"com NS",
		"acme.com NS",
		"mail.acme.com NS",
	]);
	expect(net.servers.map(asked)).toEqual([["acme.com NS"], ["mail.acme.com NS"], ["mail.acme.com NS"]]);
});
