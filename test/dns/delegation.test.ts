import { describe, expect, it } from "vitest";
import type { Ask } from "../../dns/answer.js";
import { findDelegation, findServers } from "../../dns/delegation.js";
import { createLookups, type DnsRecord, LookupError } from "../../dns/index.js";
import { acme, asked, com, gtld, internet } from "./internet.js";
import { a, cname, ns, startDnsServer, zone } from "./server.js";

describe("delegation", () => {
	it("finds the deepest zone and its name servers", async () => {
		await using net = await internet(acme, { "192.0.2.1": gtld, "192.0.2.2": {} });
		expect(await findDelegation("_dmarc.mail.acme.com", net.ask, true)).toEqual({
			zone: "acme.com",
			nameServers: ["ns1.acme.test", "ns2.acme.test"],
		});
	});

	it("never asks a resolver for a name that the zone's own servers deny", async () => {
		await using net = await internet(acme, { "192.0.2.1": gtld, "192.0.2.2": {} });
		await findDelegation("_dmarc.mail.acme.com", net.ask, true);
		expect(asked(net.resolver).filter((question) => question.includes("mail.acme.com"))).toEqual([]);
	});

	it("follows a delegation inside the zone, which the zone's servers show as a referral", async () => {
		await using net = await internet(
			{ ...acme, "mail.acme.com NS": [ns("mail.acme.com", "ns.other.test")] },
			{
				"192.0.2.1": gtld,
				"192.0.2.2": { "mail.acme.com NS": { referral: [ns("mail.acme.com", "ns.other.test")] } },
			},
		);
		expect(await findDelegation("mail.acme.com", net.ask, true)).toEqual({
			zone: "mail.acme.com",
			nameServers: ["ns.other.test"],
		});
	});

	it("asks the resolver where what the zone above says fits into no packet", async () => {
		const long = Array.from({ length: 20 }, (_, index) =>
			ns("mail.acme.com", `${"n".repeat(60)}${index}.test`),
		);
		await using net = await internet(
			{ ...acme, "mail.acme.com NS": [ns("mail.acme.com", "ns.other.test")] },
			{ "192.0.2.1": gtld, "192.0.2.2": { "mail.acme.com NS": long } },
		);
		expect((await findDelegation("mail.acme.com", net.ask, true))?.zone).toBe("mail.acme.com");
	});

	it("goes by the zone above where the resolver is silent", async () => {
		await using net = await internet(
			{ ...acme, "mail.acme.com *": "silence" },
			{
				"192.0.2.1": gtld,
				"192.0.2.2": { "mail.acme.com NS": { referral: [ns("mail.acme.com", "ns1.child.test")] } },
			},
		);
		expect(await findDelegation("mail.acme.com", net.ask, true)).toEqual({
			zone: "mail.acme.com",
			nameServers: ["ns1.child.test"],
		});
	});

	it("goes on below a name that exists without being a zone", async () => {
		await using net = await internet(
			{ ...acme, "a.acme.com *": "NODATA", "b.a.acme.com NS": [ns("b.a.acme.com", "ns.other.test")] },
			{
				"192.0.2.1": gtld,
				"192.0.2.2": {
					"a.acme.com *": "NODATA",
					"b.a.acme.com NS": { referral: [ns("b.a.acme.com", "ns.other.test")] },
				},
			},
		);
		expect((await findDelegation("b.a.acme.com", net.ask, true))?.zone).toBe("b.a.acme.com");
	});

	it("takes no alias for a zone, even if it leads to one", async () => {
		const alias = cname("mail.acme.com", "other.net");
		await using net = await internet(
			{
				...acme,
				"mail.acme.com NS": [alias, ns("other.net", "ns.other.test")],
				"mail.acme.com CNAME": [alias],
			},
			{ "192.0.2.1": gtld, "192.0.2.2": { "mail.acme.com *": [alias] } },
		);
		expect((await findDelegation("mail.acme.com", net.ask, true))?.zone).toBe("acme.com");
	});

	it("asks the resolver where the parent's servers cannot be reached", async () => {
		await using net = await internet({ ...acme, "mail.acme.com *": "NODATA" }, {});
		expect((await findDelegation("mail.acme.com", net.ask, true))?.zone).toBe("acme.com");
	});

	it("finds the parent's zone for a domain that nobody has registered", async () => {
		await using net = await internet(com, { "192.0.2.1": {} });
		expect((await findDelegation("mail.acme.com", net.ask, true))?.zone).toBe("com");
		expect(asked(net.resolver)).not.toContain("acme.com NS");
	});

	it("knows no zone where nothing is delegated, and looks below a denied top", async () => {
		await using none = await internet({}, {});
		expect(await findDelegation("mail.acme.internal", none.ask, true)).toBeUndefined();
		await using closed = await internet(
			{ "acme.internal NS": [ns("acme.internal", "ns.acme.internal")] },
			{},
		);
		expect((await findDelegation("mail.acme.internal", closed.ask, true))?.zone).toBe("acme.internal");
	});

	it("does not know where a resolver denies name servers to every name, the top-level domain included", async () => {
		const mute = { "com *": "NODATA", "acme.com *": "NODATA", "mail.acme.com *": "NODATA" } as const;
		await using net = await internet(mute, {});
		await expect(findDelegation("mail.acme.com", net.ask, true)).rejects.toThrow(
			new LookupError(
				"cannot find the zone of mail.acme.com: the resolver says that no name has name servers, not even com, so " +
					"it does not answer such questions",
			),
		);
		await using denied = await internet({ ...mute, "mail.acme.com *": { rcode: "NXDOMAIN" } }, {});
		expect(await findDelegation("mail.acme.com", denied.ask, true)).toBeUndefined();
	});

	it("waits for no dead server of the parent where another one answers", async () => {
		await using net = await internet(
			{ ...acme, "com NS": [ns("com", "a.gtld.test"), ns("com", "ns1.acme.test")] },
			{ "192.0.2.1": "silence", "192.0.2.2": { ...gtld, "mail.acme.com *": "NODATA" } },
		);
		let dead = "not ended";
		const ask: Ask = async (name, type, server) => {
			const answer = await net.ask(name, type, server);
			if (server === "192.0.2.1:53") dead = "ended";
			return answer;
		};
		expect((await findDelegation("acme.com", ask, true))?.zone).toBe("acme.com");
		expect(dead).toBe("not ended");
	});

	it("says where the live DNS breaks off: the registrar still has the servers of a zone that is gone", async () => {
		await using net = await internet(
			{ ...com, "acme.com *": { rcode: "SERVFAIL" }, "mail.acme.com *": { rcode: "SERVFAIL" } },
			{ "192.0.2.1": { ...gtld, "mail.acme.com *": "NODATA" } },
		);
		expect(await findDelegation("mail.acme.com", net.ask, true)).toEqual({
			zone: "com",
			nameServers: ["a.gtld.test"],
			broken: "acme.com",
		});
	});

	it("says that it does not know rather than naming the parent", async () => {
		await using net = await internet(
			{ ...acme, "mail.acme.com *": "silence" },
			{ "192.0.2.1": gtld, "192.0.2.2": { "mail.acme.com *": "NODATA" } },
		);
		await expect(findDelegation("mail.acme.com", net.ask, true)).rejects.toThrow(
			new LookupError(
				"cannot find the zone of mail.acme.com: the look-up of the name servers of mail.acme.com failed (no answer within 0.3 s)",
			),
		);
		await using none = await internet(
			{ "com *": { rcode: "SERVFAIL" }, "acme.com *": { rcode: "SERVFAIL" } },
			{},
		);
		await expect(findDelegation("acme.com", none.ask, true)).rejects.toThrow(/ends in SERVFAIL/);
	});

	it("is not misled by servers that fail at questions for name servers below the apex", async () => {
		for (const failure of [{ rcode: "SERVFAIL" }, { rcode: "REFUSED" }, { rcode: "NOTIMP" }] as const) {
			const sets = { "mail.acme.com A": [a("mail.acme.com", "192.0.2.9")], "mail.acme.com NS": failure };
			await using net = await internet({ ...acme, ...sets }, { "192.0.2.1": gtld, "192.0.2.2": sets });
			const expected = { zone: "acme.com", nameServers: ["ns1.acme.test", "ns2.acme.test"] };
			expect(await findDelegation("mail.acme.com", net.ask, true)).toEqual(expected);
			expect(asked(net.resolver)).not.toContain("mail.acme.com NS");
			// Where servers cannot be asked by address, the resolver is all there is.
			expect(await findDelegation("mail.acme.com", net.ask, false)).toEqual(expected);
		}
	});

	it("goes on below a level at which a resolver fails", async () => {
		for (const failure of [{ rcode: "SERVFAIL" }, { rcode: "REFUSED" }] as const) {
			await using net = await internet({ ...acme, "com NS": failure, "mail.acme.com *": "NODATA" }, {});
			expect((await findDelegation("mail.acme.com", net.ask, true))?.zone).toBe("acme.com");
		}
	});

	it("gives each server's addresses, IPv4 first, none where it has no name", async () => {
		await using net = await internet(
			{
				...acme,
				"ns1.acme.test AAAA": [{ name: "ns1.acme.test", type: "AAAA", data: "2001:db8::2" }],
			},
			{},
		);
		const delegation = { zone: "acme.com", nameServers: ["ns1.acme.test", "gone.acme.test"] };
		expect(await findServers(delegation, net.ask)).toEqual([
			{ name: "ns1.acme.test", addresses: ["192.0.2.2:53", "[2001:db8::2]:53"] },
			{ name: "gone.acme.test", addresses: [] },
		]);
	});
});

describe("delegation at servers given", () => {
	it("takes a refusal for a name that they do not serve", async () => {
		await using server = await startDnsServer(({ name, type }) => {
			if (name === "acme.test" && type === "NS") return { answers: [ns("acme.test", "ns1.acme.test")] };
			return name.endsWith("acme.test") ? "NODATA" : { rcode: "REFUSED" };
		});
		const lookups = createLookups({ servers: [server.address] });
		expect(await lookups.delegation("mail.acme.test")).toEqual({
			zone: "acme.test",
			nameServers: ["ns1.acme.test"],
		});
		expect(await lookups.delegation("mail.other.test")).toBeUndefined();
		expect(await lookups.authoritative("mail.acme.test")).toEqual({
			zone: "acme.test",
			servers: [{ name: server.address, addresses: [server.address] }],
		});
	});

	it("checks no record at a zone below which the name is lost", async () => {
		const lost: DnsRecord = { address: "mail.acme.test", type: "MX", record: "10 in.example" };
		await using server = await startDnsServer(
			zone({
				"acme.test NS": [ns("acme.test", "ns1.acme.test")],
				"mail.acme.test *": { rcode: "SERVFAIL" },
			}),
		);
		const lookups = createLookups({ servers: [server.address] });
		expect(await lookups.delegation(lost.address)).toMatchObject({ zone: "acme.test", broken: lost.address });
		await expect(lookups.authoritative(lost.address)).rejects.toThrow(LookupError);
	});

	it("is told by the one that answers, whichever is down", async () => {
		await using server = await startDnsServer(({ name, type }) => {
			if (name !== "acme.test" && !name.endsWith(".acme.test")) return { rcode: "REFUSED" };
			return name === "acme.test" && type === "NS"
				? { answers: [ns("acme.test", "ns1.acme.test")] }
				: "NODATA";
		});
		await using silent = await startDnsServer(() => "silence");
		for (const down of ["127.0.0.1:1", silent.address]) {
			for (const servers of [
				[server.address, down],
				[down, server.address],
			]) {
				const lookups = createLookups({ servers, timeoutMs: 50, tries: 1 });
				expect(await lookups.delegation("mail.acme.test")).toEqual({
					zone: "acme.test",
					nameServers: ["ns1.acme.test"],
				});
			}
		}
	});

	it("fails soon where they do not answer", async () => {
		await using server = await startDnsServer(() => "silence");
		const lookups = createLookups({ servers: [server.address], timeoutMs: 100, tries: 1 });
		await expect(lookups.delegation("mail.acme.test")).rejects.toThrow(/no answer within 0\.1 s/);
		expect(server.questions.map(({ name }) => name)).toEqual(["test"]);
	});
});
