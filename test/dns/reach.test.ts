import { afterEach, describe, expect, it, vi } from "vitest";
import { createLookups, type DnsRecord } from "../../dns/index.js";
import { acme, asked, com, internet } from "./internet.js";
import { a, mx, ns, startDnsServer, zone } from "./server.js";

const inbound = (domain: string): DnsRecord => ({ address: domain, type: "MX", record: "10 in.example" });
const here = { "mail.acme.com MX": [mx("mail.acme.com", 10, "in.example")] };

/** A top-level domain with three servers, at 192.0.2.1, .4 and .5. */
const large = {
	...acme,
	"com NS": [ns("com", "a.gtld.test"), ns("com", "b.gtld.test"), ns("com", "c.gtld.test")],
	"b.gtld.test A": [a("b.gtld.test", "192.0.2.4")],
	"c.gtld.test A": [a("c.gtld.test", "192.0.2.5")],
};
const silent = { "192.0.2.1": "silence", "192.0.2.4": "silence", "192.0.2.5": "silence" } as const;

afterEach(() => vi.useRealTimers());

describe("a network that lets nobody but its own resolver be asked", () => {
	const reason = expect.stringContaining("no name server that was asked directly has ever answered");

	it("is noticed in one round of silence, by all that is under way, and asked no more", async () => {
		await using net = await internet(large, silent);
		const domains = Array.from({ length: 32 }, (_, index) => inbound(`m${index}.acme.com`));
		const checks = await Promise.all(domains.map((record) => net.lookups.check(record)));
		// What was under way when it was noticed, of 32 × 3.
		expect(net.servers.flatMap(({ questions }) => questions).length).toBeLessThanOrEqual(32);
		for (const check of checks) expect(check).toMatchObject({ state: "failed", servers: [], reason });
		expect(net.lookups.blocked).toEqual({ kind: "direct", reason });

		const before = net.servers.map(({ questions }) => questions.length);
		expect((await net.lookups.check(inbound("other.com"))).state).toBe("failed");
		expect(await net.lookups.query("other.com", "NS", { server: "192.0.2.9:53" })).toMatchObject({
			kind: "failed",
			reason,
		});
		expect(net.servers.map(({ questions }) => questions.length)).toEqual(before);
	});

	it("still has a resolver, which finds the zone", async () => {
		await using net = await internet(large, silent);
		expect(await net.lookups.delegation("acme.com")).toMatchObject({ zone: "acme.com" });
		for (const { questions } of net.servers) expect(questions.length).toBeLessThanOrEqual(1);
		expect(asked(net.resolver)).toContain("acme.com NS");
	});

	it("is taken for nothing else: one answer, be it a refusal, shows that the way is open", async () => {
		await using lame = await internet(large, {
			...silent,
			"192.0.2.5": { "acme.com *": { rcode: "REFUSED" } },
		});
		await lame.lookups.check(inbound("mail.acme.com"));
		expect(lame.lookups.blocked).toBeUndefined();
		await using dead = await internet(acme, { "192.0.2.2": "silence", "192.0.2.3": here });
		expect(await dead.lookups.check(inbound("mail.acme.com"))).toMatchObject({
			servers: [{ state: "failed" }, { state: "found" }],
		});
		expect(dead.lookups.blocked).toBeUndefined();
	});

	it("is tried anew after five minutes", async () => {
		vi.useFakeTimers({ toFake: ["performance"] });
		await using net = await internet(large, silent);
		await net.lookups.check(inbound("mail.acme.com"));
		expect(net.lookups.blocked).toBeDefined();
		vi.advanceTimersByTime(5 * 60_000 + 1);
		expect(net.lookups.blocked).toBeUndefined();
		const before = net.servers[0]?.questions.length ?? 0;
		await net.lookups.check(inbound("mail.acme.com"));
		expect(net.servers[0]?.questions.length).toBeGreaterThan(before);
		expect(net.lookups.blocked).toBeDefined();
	});
});

describe("a network in which nothing is answered", () => {
	it("is noticed at the third question, by all that is under way", async () => {
		await using net = await internet("silence", {});
		const checks = await Promise.all(
			Array.from({ length: 32 }, (_, index) => net.lookups.check(inbound(`mail.acme.t${index}`))),
		);
		expect(net.resolver.questions.length).toBeLessThanOrEqual(32);
		for (const check of checks) expect(check).toMatchObject({ state: "failed", servers: [] });
		expect(net.lookups.blocked).toMatchObject({
			kind: "all",
			reason: expect.stringContaining("the resolvers of this system do not answer"),
		});
		const before = net.resolver.questions.length;
		await expect(net.lookups.delegation("mail.acme.com")).rejects.toThrow(/resolvers .* do not answer/);
		expect(net.resolver.questions).toHaveLength(before);
	});

	it("is not one in which a name gets no answer, and another one does", async () => {
		await using net = await internet({ ...com, "org *": "silence" }, {});
		await net.lookups.check(inbound("mail.acme.org"));
		await net.lookups.check(inbound("mail.acme.com"));
		for (let round = 0; round < 3; round += 1) await net.lookups.check(inbound("mail.acme.org"));
		expect(net.lookups.blocked).toBeUndefined();
	});
});

describe("servers given", () => {
	it("are asked no more once all of them have been silent", async () => {
		await using one = await startDnsServer(() => "silence");
		await using two = await startDnsServer(() => "silence");
		const lookups = createLookups({ servers: [one.address, two.address], timeoutMs: 300, tries: 1 });
		const records = ["a", "b", "c"].map((host) => inbound(`${host}.example`));
		for (const check of await lookups.checkAll(records)) {
			expect(check).toMatchObject({ state: "failed", reason: "the DNS servers given do not answer" });
		}
		expect(lookups.blocked?.kind).toBe("given");
		const before = one.questions.length;
		await lookups.checkAll(records);
		expect(one.questions).toHaveLength(before);
	});

	it("are asked on where one of them answers", async () => {
		await using dead = await startDnsServer(() => "silence");
		await using alive = await startDnsServer(zone(here));
		const lookups = createLookups({ servers: [dead.address, alive.address], timeoutMs: 300, tries: 1 });
		await lookups.checkAll([inbound("mail.acme.com"), inbound("b.example")]);
		expect(lookups.blocked).toBeUndefined();
	});
});
