import { describe, expect, it } from "vitest";
import { createLookups } from "../../dns/index.js";
import { a, cname, mx, ns, startDnsServer, txt, zone } from "./server.js";

const name = "x.example";

async function answering(sets: Parameters<typeof zone>[0]) {
	const server = await startDnsServer(zone(sets));
	return { server, lookups: createLookups({ servers: [server.address], timeoutMs: 400, tries: 2 }) };
}

describe("query", () => {
	it("gives the values of each type in the form of the Channels API", async () => {
		const { server, lookups } = await answering({
			[`${name} A`]: [a(name, "192.0.2.1"), a(name, "192.0.2.2")],
			[`${name} AAAA`]: [{ name, type: "AAAA", data: "2001:db8::1" }],
			[`${name} NS`]: [ns(name, "NS1.Example")],
			[`${name} MX`]: [mx(name, 10, "mx.example"), mx(name, 0, ".")],
			[`${name} TXT`]: [txt(name, "v=DMARC1; ", "p=none"), txt(name, "grüß", "e")],
			[`${name} SOA`]: [
				{
					name,
					type: "SOA",
					data: {
						mname: "ns.example",
						rname: "me.example",
						serial: 7,
						refresh: 1,
						retry: 2,
						expire: 3,
						minimum: 900,
					},
				},
			],
			"alias.example CNAME": [cname("alias.example", "Target.example")],
		});
		await using _ = server;
		const found = (...values: string[]) => ({ kind: "found", values });
		expect(await lookups.query(name, "A")).toEqual(found("192.0.2.1", "192.0.2.2"));
		expect(await lookups.query(name, "AAAA")).toEqual(found("2001:db8::1"));
		expect(await lookups.query(name, "NS")).toEqual(found("NS1.Example"));
		expect(await lookups.query(name, "MX")).toEqual(found("10 mx.example", "0 ."));
		expect(await lookups.query(name, "TXT")).toEqual(found("v=DMARC1; p=none", "grüße"));
		expect(await lookups.query(name, "SOA")).toEqual(found("ns.example me.example 7 1 2 3 900"));
		expect(await lookups.query("alias.example", "CNAME")).toEqual(found("Target.example"));
	});

	it("tells a definite no from no answer", async () => {
		const { server, lookups } = await answering({
			[`${name} A`]: [a(name, "192.0.2.1")],
			"broken.example *": { rcode: "SERVFAIL" },
			"refused.example *": { rcode: "REFUSED" },
			"silent.example *": "silence",
			"below.example *": { referral: [ns("below.example", "ns.elsewhere.example")] },
		});
		await using _ = server;
		expect(await lookups.query(name, "TXT")).toEqual({ kind: "none", reason: "NODATA" });
		expect(await lookups.query("below.example", "TXT")).toEqual({ kind: "none", reason: "NODATA" });
		expect(await lookups.query("absent.example", "TXT")).toEqual({ kind: "none", reason: "NXDOMAIN" });
		expect(await lookups.query("broken.example", "TXT")).toEqual({ kind: "failed", reason: "SERVFAIL" });
		expect(await lookups.query("refused.example", "TXT")).toEqual({ kind: "failed", reason: "REFUSED" });
		expect(await lookups.query("silent.example", "TXT")).toEqual({
			kind: "failed",
			reason: "no answer within 0.8 s",
			silent: true,
		});
		expect(await lookups.query(`${"a".repeat(70)}.example`, "TXT")).toEqual({
			kind: "failed",
			reason: "not a name that DNS can carry",
		});
	});

	it("reads an answer too big for UDP over TCP", async () => {
		const texts = Array.from({ length: 12 }, (_, index) => txt(name, `${index} ${"x".repeat(200)}`));
		const { server, lookups } = await answering({ [`${name} TXT`]: texts });
		await using _ = server;
		const answer = await lookups.query(name, "TXT");
		expect(answer.kind === "found" && answer.values).toHaveLength(12);
		expect(server.questions.map(({ tcp }) => tcp)).toEqual([false, true]);
	});

	it("asks anew each time, whatever was answered before", async () => {
		let published = false;
		await using server = await startDnsServer(() =>
			published ? { answers: [txt(name, "here")] } : { rcode: "NXDOMAIN" },
		);
		const lookups = createLookups({ servers: [server.address] });
		expect(await lookups.query(name, "TXT")).toMatchObject({ kind: "none" });
		published = true;
		expect(await lookups.query(name, "TXT")).toMatchObject({ kind: "found" });
	});

	it("ends within milliseconds of an abort, with its reason", async () => {
		const { server, lookups } = await answering({ [`${name} *`]: "silence" });
		await using _ = server;
		const abort = new AbortController();
		const reason = new Error("stop");
		const pending = expect(lookups.query(name, "TXT", { signal: abort.signal })).rejects.toBe(reason);
		await expect.poll(() => server.questions.length).toBeGreaterThan(0);
		const begun = performance.now();
		abort.abort(reason);
		await pending;
		expect(performance.now() - begun).toBeLessThan(1_000);
		await expect(lookups.query(name, "TXT", { signal: abort.signal })).rejects.toBe(reason);
	});

	it("goes on to the next server given, and begins there the next time", async () => {
		await using good = await startDnsServer(zone({ [`${name} TXT`]: [txt(name, "here")] }));
		await using bad = await startDnsServer(() => ({ rcode: "SERVFAIL" }));
		const lookups = createLookups({ servers: [bad.address, good.address] });
		expect(await lookups.query(name, "TXT")).toEqual({ kind: "found", values: ["here"] });
		expect(await lookups.query("absent.example", "TXT")).toEqual({ kind: "none", reason: "NXDOMAIN" });
		expect(bad.questions).toHaveLength(1);
		expect(good.questions).toHaveLength(2);
	});

	it("fails at once where nothing listens", async () => {
		const server = await startDnsServer(() => "silence");
		await server[Symbol.asyncDispose]();
		expect(await createLookups().query(name, "TXT", { server: server.address })).toEqual({
			kind: "failed",
			reason: "nothing listens there",
			silent: true,
		});
	});

	it("keeps at most sixteen look-ups under way", async () => {
		await using server = await startDnsServer(zone({ "silent.example *": "silence" }));
		const lookups = createLookups({ servers: [server.address], timeoutMs: 20_000 });
		const abort = new AbortController();
		const all = Array.from({ length: 40 }, () =>
			lookups.query("silent.example", "TXT", { signal: abort.signal }),
		);
		await expect.poll(() => server.questions.length).toBe(16);
		// One look-up that is answered would have gone out by now, were there no limit.
		const other = createLookups({ servers: [server.address] });
		await other.query("absent.example", "TXT");
		expect(server.questions).toHaveLength(17);
		abort.abort();
		const ends = await Promise.allSettled(all);
		expect(ends.every(({ status }) => status === "rejected")).toBe(true);
	});
});
