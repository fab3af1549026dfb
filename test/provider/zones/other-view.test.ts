/** The resolver of this machine has another view of the zone than the internet. */
import { describe, expect, it } from "vitest";
import { shown, type Words } from "../../../dns/index.js";
import { route53Zones } from "../../../provider/core/hosts/route53/host.js";
import { checkDelegation } from "../../../provider/core/zones/delegation.js";
import { locateZone } from "../../../provider/core/zones/locate-zone.js";
import { acme, gtld, internet } from "../../dns/internet.js";
import { a, ns } from "../../dns/server.js";
import { MemoryRoute53 } from "../hosts/route53/memory-route53.js";
import { zonesWorld } from "./zones-world.js";

const never = new AbortController().signal;
const nameServers = ["ns1.acme.test", "ns2.acme.test"];
const apex = nameServers.map((host) => ns("acme.com", host));
const parent = { id: "Z1", name: "acme.com", private: false, nameServers };
const child = { id: "Z2", name: "mail.acme.com", private: false, nameServers: ["ns1.child.test"] };
const delegation = [ns("mail.acme.com", "ns1.child.test")];
const hosts = {
	"ns1.child.test A": [a("ns1.child.test", "192.0.2.5")],
	"ns-0.private.test A": [a("ns-0.private.test", "192.0.2.9")],
};
const refused = () => ({ rcode: "REFUSED" }) as const;

/** Asks the resolver of a small internet in which `mail.acme.com` is delegated by the zone above or is not. */
async function check(
	zone: typeof parent,
	view: Parameters<typeof internet>[0] & object,
	own: Parameters<typeof internet>[1][string],
) {
	await using net = await internet(
		{ ...acme, ...hosts, ...view },
		{
			"192.0.2.1": gtld,
			"192.0.2.2": own,
			"192.0.2.3": own,
			"192.0.2.5": { "mail.acme.com NS": delegation },
			"192.0.2.9": refused,
		},
	);
	const outcome = await checkDelegation(net.lookups, zone, "mail.acme.com", never);
	return { state: outcome.state, message: "message" in outcome ? shown(outcome.message) : "" };
}

const inParent = { "acme.com NS": apex, "mail.acme.com *": "NODATA" } as const;
const delegating = { "acme.com NS": apex, "mail.acme.com *": { referral: delegation } };
const privateAcme = { "acme.com NS": [ns("acme.com", "ns-0.private.test")] };
/** No advice to change what is right. */
const wrongAdvice = /at its registrar|is delegated on its own|choose|delegationCheck|Correct the NS set/;

describe("a private zone of this network", () => {
	it("at the domain is a warning, and the zone above is taken", async () => {
		const view = { "mail.acme.com NS": [ns("mail.acme.com", "ns-0.private.test")] };
		const { state, message } = await check(parent, view, inParent);
		expect(state).toBe("partly");
		expect(message).toMatch(
			/^This machine's resolvers tell name servers for mail\.acme\.com that the zone above does not: ns-0\.private\.test\. .*private zone of this network.*channels:dnsServers\.$/,
		);
		expect(message).not.toMatch(wrongAdvice);
	});

	it.each([
		["a server that refuses it, though the resolver answers for a made-up name", {}, "ns-0.private.test"],
		["the servers that Route 53 names for private zones alone", {}, "ns-0.awsdns-00.com"],
		["a private address", { "ns.inside.test A": [a("ns.inside.test", "10.0.0.2")] }, "ns.inside.test"],
	])("is told by %s", async (_, more, server) => {
		const view = { ...more, "mail.acme.com NS": [ns("mail.acme.com", server)] };
		const { message } = await check(parent, view, inParent);
		expect(message).toContain("They answer from a private zone of this network");
		expect(message).not.toContain("former");
	});

	it("is no reason to look at an NS set, where the zone's own servers are silent", async () => {
		const view = { "acme.com NS": [ns("acme.com", "ns-0.awsdns-00.com")] };
		const { state, message } = await check(parent, view, "silence");
		expect(state).toBe("partly");
		expect(message).toContain("They answer from a private zone of this network");
		expect(message).not.toMatch(/NS set/);
	});

	it("at the zone is a warning", async () => {
		const { state, message } = await check(parent, privateAcme, inParent);
		expect(state).toBe("partly");
		expect(message).toMatch(
			/^acme\.com is delegated to hosted zone Z1, but .* ns-0\.private\.test\. .*private zone of this network/,
		);
		expect(message).not.toMatch(wrongAdvice);
	});

	it("at the zone above is a warning", async () => {
		const { state, message } = await check(child, privateAcme, delegating);
		expect(state).toBe("partly");
		expect(message).toMatch(/^This machine's resolvers tell name servers for acme\.com/);
		expect(message).not.toMatch(wrongAdvice);
	});

	it("leaves unknown what only it could tell", async () => {
		const { state, message } = await check(child, privateAcme, "silence");
		expect(state).toBe("unknown");
		expect(message).not.toMatch(wrongAdvice);
	});

	it("is no delegation elsewhere, where it is all that can be seen", async () => {
		const reserved = ["ns-0.awsdns-00.com", "ns-512.awsdns-00.net"].map((host) => ns("acme.com", host));
		await using net = await internet(
			{ ...acme, "acme.com NS": reserved },
			{ "192.0.2.1": "silence", "192.0.2.2": "silence", "192.0.2.3": "silence" },
		);
		const outcome = await checkDelegation(net.lookups, parent, "acme.com", never);
		expect(outcome).toMatchObject({
			state: "unknown",
			message: expect.stringContaining("channels:dnsServers"),
		});
	});

	it("hides no foreign delegation", async () => {
		const foreign = {
			"acme.com NS": apex,
			"mail.acme.com *": { referral: [ns("mail.acme.com", "ns.other.test")] },
		};
		for (const view of [privateAcme, { "mail.acme.com NS": [ns("mail.acme.com", "ns-0.private.test")] }]) {
			for (const zone of [parent, child]) {
				expect(await check(zone, view, foreign)).toMatchObject({ state: "elsewhere" });
			}
		}
	});
});

it("a delegation that is right, and gives no answer, is told as that", async () => {
	const { state, message } = await check(child, { "mail.acme.com *": { rcode: "SERVFAIL" } }, delegating);
	expect(state).toBe("partly");
	expect(message).toMatch(/no answer for mail\.acme\.com \(SERVFAIL\).*DNSSEC/);
	expect(message).not.toMatch(wrongAdvice);
});

describe("a resolver that remembers", () => {
	it("name servers that serve the name no more cannot answer for it, and is told from a private zone by that", async () => {
		const view = {
			"mail.acme.com NS": [ns("mail.acme.com", "ns-0.private.test")],
			"nobody-has-this-name-k7q2x.mail.acme.com *": { rcode: "SERVFAIL" } as const,
		};
		for (const [zone, own] of [
			[parent, inParent],
			[child, delegating],
		] as const) {
			const { state, message } = await check(zone, view, own);
			expect(state).toBe("partly");
			expect(message).toContain("They remember a former delegation, for up to two days.");
			expect(message).not.toContain("private zone");
		}
	});

	it.each(["NODATA", { rcode: "NXDOMAIN" }] as const)(
		"a “no” (%j) is a warning where the zone above has the delegation",
		async (no) => {
			const { state, message } = await check(child, { "mail.acme.com *": no }, delegating);
			expect(state).toBe("partly");
			expect(message).toMatch(
				/^mail\.acme\.com is delegated to hosted zone Z2, but .* former “no”, which passes .*channels:dnsServers\.$/,
			);
			expect(message).not.toMatch(wrongAdvice);
		},
	);

	it("that the zone was this one is no help where the zone above has delegated it to others", async () => {
		const foreign = [ns("acme.com", "ns.other.test")];
		for (const theirs of [{ "acme.com NS": foreign }, "silence" as const]) {
			await using net = await internet(
				{ ...acme, "ns.other.test A": [a("ns.other.test", "192.0.2.7")] },
				{
					"192.0.2.1": { "acme.com NS": { referral: foreign } },
					"192.0.2.2": inParent,
					"192.0.2.7": theirs,
				},
			);
			const outcome = await checkDelegation(net.lookups, parent, "acme.com", never);
			expect(outcome).toMatchObject({ state: "elsewhere" });
			expect(shown((outcome as { message: Words }).message)).toContain("live for acme.com: ns.other.test");
		}
	});

	it("the former one of two zones of a name has the one chosen to which the zone above delegates", async () => {
		const former = { "acme.com NS": [ns("acme.com", "ns.former.test")] };
		for (const own of [inParent, "silence"] as const) {
			await using net = await internet(
				{ ...acme, ...former, "ns.former.test A": [a("ns.former.test", "192.0.2.6")] },
				{ "192.0.2.1": gtld, "192.0.2.2": own, "192.0.2.3": own, "192.0.2.6": former },
			);
			const route53 = new MemoryRoute53();
			route53.addZone("acme.com", { nameServers: ["ns.former.test"] });
			const live = route53.addZone("acme.com", { nameServers });
			const warned: string[] = [];
			const progress = { show() {}, warn: (words: Words) => warned.push(shown(words)) };
			const zones = route53Zones(route53, zonesWorld());
			const args = { zoneId: undefined, delegationCheck: "error" as const };
			const found = await locateZone(net, zones, "acme.com", args, progress, never);
			expect(found.id).toBe(live.id);
			expect(warned).toEqual([
				expect.stringMatching(
					/resolvers still tell other name servers: ns\.former\.test\. They remember a former delegation/,
				),
			]);
		}
	});
});
