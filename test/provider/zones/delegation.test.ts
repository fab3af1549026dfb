import { describe, expect, it, test } from "vitest";
import { type Delegation, LookupError, type Lookups, shown } from "../../../dns/index.js";
import { checkDelegation, type DelegationState } from "../../../provider/core/zones/delegation.js";
import { com, internet } from "../../dns/internet.js";
import { a, ns } from "../../dns/server.js";

const never = new AbortController().signal;
const zone = { id: "Z1", name: "acme.com", private: false, nameServers: ["ns-1.aws.test", "ns-2.aws.test"] };

/** With its message as it is shown. */
const inWords = (outcome: DelegationState) =>
	"message" in outcome ? { ...outcome, message: shown(outcome.message) } : outcome;

async function check(live: Delegation | Error | undefined, addresses: Record<string, string[]> = {}) {
	const lookups = {
		async delegation() {
			if (live instanceof Error) throw live;
			return live;
		},
		async query(name: string) {
			const values = addresses[name];
			return values ? { kind: "found", values } : { kind: "none", reason: "NXDOMAIN" };
		},
	} as Partial<Lookups> as Lookups;
	return inWords(await checkDelegation(lookups, zone, "mail.acme.com", never));
}

describe("the delegation of a zone", () => {
	it("is right where all live name servers are the zone's own, be it a part of them", async () => {
		for (const nameServers of [["ns-2.aws.test"], ["ns-1.aws.test", "ns-2.aws.test"]])
			expect(await check({ zone: "acme.com", nameServers })).toEqual({ state: "delegated" });
	});

	it("that leads elsewhere as well is told with the servers that are not the zone's", async () => {
		const live = { zone: "acme.com", nameServers: ["ns-2.aws.test", "ns.old.test", "vanity.acme.com"] };
		const addresses = { "vanity.acme.com": ["192.0.2.1"], "ns-1.aws.test": ["192.0.2.1"] };
		const outcome = await check(live, addresses);
		expect(outcome).toMatchObject({
			state: "partly",
			message: expect.stringMatching(/and to others as well: ns\.old\.test\.\n/),
		});
	});

	it("says where the live DNS breaks off below the zone", async () => {
		const live = { zone: "acme.com", nameServers: ["ns-2.aws.test"], broken: "mail.acme.com" };
		expect(await check(live)).toMatchObject({
			state: "partly",
			message: expect.stringContaining("no answer for mail.acme.com (SERVFAIL)"),
		});
		const above = { zone: "com", nameServers: ["a.gtld.test"], broken: "acme.com" };
		expect(await check(above)).toMatchObject({
			state: "elsewhere",
			message: expect.stringContaining("live for acme.com: no answer (SERVFAIL)"),
		});
	});

	it("is right where the live name servers have other names at the same addresses", async () => {
		const live = { zone: "acme.com", nameServers: ["ns.acme.com"] };
		const addresses = { "ns.acme.com": ["192.0.2.1"], "ns-1.aws.test": ["192.0.2.9", "192.0.2.1"] };
		expect(await check(live, addresses)).toEqual({ state: "delegated" });
		expect(await check(live, { ...addresses, "ns-1.aws.test": ["192.0.2.9"] })).toMatchObject({
			state: "elsewhere",
		});
	});

	it("elsewhere is told with what the zone has, what is live, and what to do", async () => {
		const outcome = await check({ zone: "acme.com", nameServers: ["ns.old.test"] });
		expect(outcome).toMatchObject({ state: "elsewhere" });
		const { message } = outcome as { message: string };
		expect(message).toContain("the zone's name servers: ns-1.aws.test, ns-2.aws.test");
		expect(message).toContain("live for acme.com: ns.old.test");
		expect(message).toContain("at its registrar or parent zone");
		expect(message).toContain("delegationCheck");
	});

	it("of nothing is told as such", async () => {
		expect(await check(undefined)).toMatchObject({
			state: "elsewhere",
			message: expect.stringContaining("live: nobody is delegated acme.com"),
		});
	});

	it("further down is told as a delegation on its own, with the zone's own servers or others", async () => {
		for (const nameServers of [["ns.sub.test"], ["ns-1.aws.test"]]) {
			expect(await check({ zone: "mail.acme.com", nameServers })).toMatchObject({
				state: "elsewhere",
				message: expect.stringContaining("mail.acme.com is delegated on its own"),
			});
		}
	});

	it("is unknown where nobody answers", async () => {
		expect(await check(new LookupError("no answer"))).toEqual({ state: "unknown", message: "no answer" });
	});
});

describe("the delegation of a zone, as the zone above has it", () => {
	const set = (hosts: readonly string[]) => hosts.map((host) => ns("acme.com", host));
	const addressed = {
		"ns-1.aws.test A": [a("ns-1.aws.test", "192.0.2.2")],
		"ns-2.aws.test A": [a("ns-2.aws.test", "192.0.2.3")],
	};
	/** What resolvers tell, what the zone above refers to, what the zone's own servers say. */
	async function told(
		live: readonly string[],
		above: readonly string[],
		apex: readonly string[] | "silence",
	) {
		const zoneServer =
			apex === "silence" ? apex : { "acme.com NS": set(apex), "mail.acme.com *": "NODATA" as const };
		await using net = await internet(
			{ ...com, ...addressed, "acme.com NS": set(live), "mail.acme.com *": "NODATA" },
			{
				"192.0.2.1": { "acme.com NS": { referral: set(above) } },
				"192.0.2.2": zoneServer,
				"192.0.2.3": zoneServer,
			},
		);
		return inWords(await checkDelegation(net.lookups, zone, "mail.acme.com", never));
	}
	const right = zone.nameServers;
	const old = ["ns1.old.test", "ns2.old.test"];

	it("is right where all agree", async () => {
		expect(await told(right, right, right)).toEqual({ state: "delegated" });
	});

	it("is told apart from a stale NS set in the zone itself, which is named", async () => {
		const outcome = await told(old, right, old);
		expect(outcome.state).toBe("elsewhere");
		const { message } = outcome as { message: string };
		expect(message).toMatch(
			/^The NS set at acme\.com in hosted zone Z1 names other servers than the zone's own\.\n/,
		);
		expect(message).toContain("its NS set: ns1.old.test, ns2.old.test");
		expect(message).toContain("it is to name ns-1.aws.test, ns-2.aws.test");
		expect(message).not.toMatch(/registrar/);
	});

	it("is told apart from what resolvers remember of a former one", async () => {
		expect(await told(old, right, right)).toMatchObject({
			state: "partly",
			message: expect.stringMatching(
				/resolvers still tell other name servers: ns1\.old\.test.* former delegation/s,
			),
		});
	});

	it("is believed where the zone's servers do not answer", async () => {
		expect(await told(old, right, "silence")).toMatchObject({
			state: "partly",
			message: expect.stringMatching(/former delegation.* did not answer: if its NS set names the others/s),
		});
	});

	it("is wrong where the registrar is", async () => {
		const outcome = await told(old, old, right);
		expect(outcome).toMatchObject({
			state: "elsewhere",
			message: expect.stringContaining("at its registrar"),
		});
		expect((outcome as { message: string }).message).not.toContain("NS set");
	});

	it("leads elsewhere as well where the registrar has servers that the zone does not name", async () => {
		const [mine = ""] = right;
		expect(await told(right, [mine, "ns1.old.test"], right)).toMatchObject({
			state: "partly",
			message: expect.stringContaining("others as well: ns1.old.test."),
		});
	});
});

test("vanity name servers with IPv6 addresses alone count as the zone's own", async () => {
	const aaaa = (name: string) => [{ name, type: "AAAA" as const, data: "2001:db8::1" }];
	await using net = await internet(
		{
			...com,
			"acme.com NS": [ns("acme.com", "ns.acme.com")],
			"ns.acme.com AAAA": aaaa("ns.acme.com"),
			"ns-1.aws.test AAAA": aaaa("ns-1.aws.test"),
		},
		{ "192.0.2.1": { "acme.com NS": { referral: [ns("acme.com", "ns.acme.com")] } } },
	);
	expect(await checkDelegation(net.lookups, zone, "acme.com", never)).toEqual({ state: "delegated" });
});
