import { describe, expect, it } from "vitest";
import { createLookups, type DnsRecord, refuseInside } from "../../dns/index.js";
import { acme, com, gtld, internet } from "./internet.js";
import { a, cname, mx, ns, type Question, type Reply, type TestDnsServer, txt } from "./server.js";

/** What a setup's owner publishes. */
function recordsOf(domain: string): DnsRecord[] {
	const dkim = ["a", "b", "c"].map((token): DnsRecord => {
		return { address: `${token}._domainkey.${domain}`, type: "CNAME", record: `${token}.dkim.example` };
	});
	return [
		...dkim,
		{ address: domain, type: "MX", record: "10 in.example" },
		{ address: `_dmarc.${domain}`, type: "TXT", record: "v=DMARC1; p=none" },
	];
}

/** Answers for a domain in which all of its records stand. */
const publishes =
	(domain: string) =>
	({ name, type }: Question): Reply => {
		const host = name.toLowerCase();
		if (type === "MX" && host === domain) return { answers: [mx(name, 10, "in.example")] };
		if (type === "TXT" && host === `_dmarc.${domain}`) return { answers: [txt(name, "v=DMARC1; p=none")] };
		const token = /^([abc])\._domainkey\./.exec(host)?.[1];
		if (type === "CNAME" && token) return { answers: [cname(name, `${token}.dkim.example`)] };
		return "NODATA";
	};

/** A resolver that finds a zone's name servers, so many, each with addresses, at each of the levels given. */
const finds =
	(levels: readonly string[], servers: number, addressesOf: (server: number) => string[]) =>
	({ name, type }: Question): Reply => {
		const host = name.toLowerCase();
		if (type === "NS" && levels.includes(host))
			return { answers: Array.from({ length: servers }, (_, index) => ns(name, `ns${index}.${host}`)) };
		const server = /^ns(\d+)\./.exec(host)?.[1];
		if (type === "A" && server !== undefined)
			return { answers: addressesOf(Number(server)).map((address) => a(name, address)) };
		return "NODATA";
	};

/** Questions, of which those for long answers come twice: the second time over TCP. */
const count = (...servers: TestDnsServer[]) =>
	servers.flatMap(({ questions }) => questions).filter(({ tcp }) => !tcp).length;

/** So many questions at most for the five records of a setup. */
const most = 48 + 5 * 13;

describe("a check of a setup's records", () => {
	it.each([
		[4, "mail.acme.com", ["com", "acme.com"], 50],
		[13, "mail.acme.com", ["com", "acme.com"], most],
		[4, "a.b.acme.co.uk", ["uk", "co.uk", "acme.co.uk"], 62],
		[8, "mail.acme.com", ["com", "acme.com", "mail.acme.com"], 82],
	])(
		"asks all %i name servers of %s, of zones %j, in %i questions",
		async (servers, domain, zones, total) => {
			const resolver = finds(zones, servers, (server) => [`192.0.2.${server}`]);
			await using net = await internet(resolver, { "*": publishes(domain) });
			const checks = await net.lookups.checkAll(recordsOf(domain));
			expect(checks.map(({ has, silent }) => [has.length, silent.length])).toEqual(
				Array(5).fill([servers, 0]),
			);
			expect(count(net.resolver, ...net.servers)).toBe(total);
		},
	);

	it.each<[string, (question: Question) => Reply]>([
		["silence", () => "silence"],
		["SERVFAIL", () => ({ rcode: "SERVFAIL" })],
		["REFUSED", () => ({ rcode: "REFUSED" })],
		["NODATA", () => "NODATA"],
		["referrals in circles", ({ name }) => ({ referral: [ns(name, `ns0.${name}`)] })],
		["aliases in circles", ({ name }) => ({ answers: [cname(name, name)] })],
	])("ends where 60 name servers with 30 addresses each answer with %s", async (_, reply) => {
		const sixty = finds(["com", "evil.com", "mail.evil.com"], 60, (server) =>
			Array.from({ length: 30 }, (_, index) => `198.51.${server}.${index}`),
		);
		await using net = await internet(sixty, { "*": reply });
		const checks = await net.lookups.checkAll(recordsOf("mail.evil.com"));
		expect(count(net.resolver, ...net.servers)).toBeLessThanOrEqual(most);
		// What was not asked has said no "no".
		expect(checks.map(({ state }) => state)).not.toContain("missing");
	});

	it("leaves name servers out beyond the thirteenth, and says so", async () => {
		const zones = ["com", "acme.com"];
		const resolver = finds(zones, 60, (server) => [`192.0.2.${server}`]);
		await using net = await internet(resolver, { "*": publishes("mail.acme.com") });
		for (const check of await net.lookups.checkAll(recordsOf("mail.acme.com"))) {
			expect(check.state).toBe("found");
			const reasons = check.servers.map(({ reason }) => reason);
			const leftOut = "not asked: a check asks 13 name servers of a zone at most";
			expect(reasons).toEqual([...Array(13).fill(undefined), ...Array(47).fill(leftOut)]);
		}
	});

	it("says that questions were left out, rather than that a record is missing", async () => {
		const deep = `${"a.".repeat(60)}acme.com`;
		await using net = await internet(
			finds(["com", "acme.com"], 4, (server) => [`192.0.2.${server}`]),
			{ "*": () => "NODATA" },
		);
		const check = await net.lookups.check({ address: deep, type: "MX", record: "10 in.example" });
		expect(check).toMatchObject({
			state: "failed",
			reason: expect.stringContaining("not asked: a check asks 61 questions at most"),
		});
		expect(count(net.resolver, ...net.servers)).toBe(61);
	});

	it("asks an address that was silent nothing else", async () => {
		await using net = await internet(acme, {
			"192.0.2.1": gtld,
			"192.0.2.2": "silence",
			"192.0.2.3": publishes("mail.acme.com"),
		});
		const checks = await net.lookups.checkAll(recordsOf("mail.acme.com"));
		expect(checks.map(({ state }) => state)).toEqual(Array(5).fill("found"));
		const [, silent] = net.servers;
		expect(silent?.questions).toHaveLength(1);
	});

	it("is what was answered when its time is over", async () => {
		const over = new AbortController();
		const lookups = createLookups({
			servers: ["192.0.2.2", "192.0.2.3"],
			ask: (_name, _type, { server, signal }) =>
				server === "192.0.2.2:53"
					? Promise.resolve({ kind: "found", values: ["10 in.example"] })
					: new Promise((_, reject) => {
							signal?.addEventListener("abort", () => reject(signal.reason));
							setImmediate(() => over.abort());
						}),
		});
		const record: DnsRecord = { address: "acme.com", type: "MX", record: "10 in.example" };
		expect(await lookups.check(record, { until: over.signal })).toMatchObject({
			state: "found",
			servers: [{ state: "found" }, { state: "failed", reason: "no answer while the check lasted" }],
		});
	});
});

describe("look-ups for strangers", () => {
	const strangers = { refusal: refuseInside({ allowed: [], own: () => [] }), checksAtOnce: 2 };

	it("ask no server inside, however many the domain names", async () => {
		const inside = ["127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.0.1"];
		const inside6 = ["::1", "fe80::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"];
		const resolver = ({ name, type }: Question): Reply => {
			if (type === "NS" && ["com", "evil.com"].includes(name))
				return { answers: Array.from({ length: 8 }, (_, index) => ns(name, `ns${index}.${name}`)) };
			const index = Number(/^ns(\d)\./.exec(name)?.[1] ?? Number.NaN);
			if (type === "A" && inside[index]) return { answers: [a(name, inside[index])] };
			const data = inside6[index - 4];
			if (type === "AAAA" && data) return { answers: [{ name, type, data }] };
			return "NODATA";
		};
		await using net = await internet(resolver, { "*": publishes("mail.evil.com") }, { strangers });
		const checks = await net.lookups.checkAll(recordsOf("mail.evil.com"));
		expect(net.servers.flatMap(({ questions }) => questions)).toEqual([]);
		for (const { state, servers } of checks) {
			expect(state).toBe("failed");
			expect(servers.map(({ reason }) => reason)).toEqual(
				[...inside, ...inside6].map((address) =>
					expect.stringContaining(`not asked: ${address} is no public`),
				),
			);
		}
	});

	it("do not take a domain that nobody answers for a network in which nothing is answered", async () => {
		await using net = await internet({ ...com, "org *": "silence" }, {}, { strangers });
		for (const domain of ["a.org", "b.org", "c.org", "d.org"]) await net.lookups.checkAll(recordsOf(domain));
		expect(net.lookups.blocked).toBeUndefined();
	});
});
