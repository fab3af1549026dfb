import { describe, expect, it } from "vitest";
import { createLookups, delegatedByParent } from "../../dns/index.js";
import { com, internet } from "./internet.js";
import { ns, startDnsServer } from "./server.js";

const referral = { referral: [ns("Acme.com", "NS2.acme.test"), ns("acme.com", "ns1.acme.com")] };

describe("a referral", () => {
	const lookups = createLookups({ timeoutMs: 100, tries: 2 });

	it("is read from the server that refers", async () => {
		await using server = await startDnsServer(() => referral);
		const answer = await lookups.query("acme.com", "REFERRAL", { server: server.address });
		expect(answer).toEqual({ kind: "found", values: ["ns2.acme.test", "ns1.acme.com"] });
		expect(server.questions).toMatchObject([{ name: "acme.com", type: "NS", tcp: false }]);
	});

	it("is that of the name alone", async () => {
		await using server = await startDnsServer(() => ({ referral: [ns("com", "a.gtld.test")] }));
		expect(await lookups.query("acme.com", "REFERRAL", { server: server.address })).toEqual({
			kind: "none",
			reason: "NODATA",
		});
	});

	it.each([
		[{ rcode: "NXDOMAIN" }, { kind: "none", reason: "NXDOMAIN" }],
		[{ rcode: "SERVFAIL" }, { kind: "failed", reason: "SERVFAIL" }],
		[{ rcode: "REFUSED" }, { kind: "failed", reason: "REFUSED" }],
		["silence", { kind: "failed", reason: "no answer within 0.2 s", silent: true }],
	] as const)("%j is told as by any other look-up", async (reply, answer) => {
		await using server = await startDnsServer(() => reply);
		expect(await lookups.query("acme.com", "REFERRAL", { server: server.address })).toEqual(answer);
	});

	it("is asked for again where a packet is lost, and not where nothing listens", async () => {
		let count = 0;
		await using server = await startDnsServer(() => {
			count += 1;
			return count === 1 ? "silence" : referral;
		});
		const again = await lookups.query("acme.com", "REFERRAL", { server: server.address });
		expect(again.kind).toBe("found");
		expect(await lookups.query("acme.com", "REFERRAL", { server: "127.0.0.1:1" })).toEqual({
			kind: "failed",
			reason: "nothing listens there",
			silent: true,
		});
		expect(await lookups.query("a..com", "REFERRAL", { server: server.address })).toMatchObject({
			kind: "failed",
		});
	});

	it("ends with the reason of an abort", async () => {
		await using server = await startDnsServer(() => "silence");
		const abort = new AbortController();
		const patient = createLookups({ timeoutMs: 10_000, tries: 2 });
		const asking = patient.query("acme.com", "REFERRAL", { server: server.address, signal: abort.signal });
		const ended = expect(asking).rejects.toThrow("stop");
		await expect.poll(() => server.questions.length).toBe(1);
		abort.abort(new Error("stop"));
		await ended;
	});
});

describe("the delegation by the zone above", () => {
	it("is what its servers refer to, whatever the zone says of itself", async () => {
		const resolver = { ...com, "acme.com NS": [ns("acme.com", "ns.old.test")] };
		await using net = await internet(resolver, { "192.0.2.1": { "acme.com NS": referral } });
		expect(await delegatedByParent("acme.com", net.lookups)).toEqual(["ns1.acme.com", "ns2.acme.test"]);
	});

	it("is not known where no server above answers, and where servers are given", async () => {
		await using net = await internet(com, { "192.0.2.1": "silence" });
		expect(await delegatedByParent("acme.com", net.lookups)).toBeUndefined();
		await using server = await startDnsServer(({ name }) =>
			name === "com" ? { answers: [ns("com", "a.gtld.test")] } : referral,
		);
		const given = createLookups({ servers: [server.address], timeoutMs: 100, tries: 1 });
		expect(await delegatedByParent("acme.com", given)).toBeUndefined();
	});
});
