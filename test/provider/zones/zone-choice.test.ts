import { describe, expect, it, test } from "vitest";
import { type Delegation, type Lookups, shown, type Words } from "../../../dns/index.js";
import { route53Zones } from "../../../provider/core/hosts/route53/host.js";
import { locateZone } from "../../../provider/core/zones/locate-zone.js";
import { chooseZone } from "../../../provider/core/zones/zone-choice.js";
import { com, internet } from "../../dns/internet.js";
import { ns } from "../../dns/server.js";
import { MemoryRoute53 } from "../hosts/route53/memory-route53.js";
import { zonesWorld } from "./zones-world.js";

const never = new AbortController().signal;

function stage(live?: Delegation | Error) {
	const route53 = new MemoryRoute53();
	const world = zonesWorld();
	const zones = route53Zones(route53, world);
	const lookups = {
		async delegation() {
			if (live instanceof Error) throw live;
			return live;
		},
		async query() {
			return { kind: "none", reason: "NXDOMAIN" };
		},
	} as Partial<Lookups> as Lookups;
	return {
		route53,
		zones,
		lookups,
		pass: (ms: number) => world.clock.sleep(ms, never),
		choose: (domain: string, zoneId?: string) => chooseZone(lookups, zones, domain, zoneId, never),
	};
}

describe("without zoneId", () => {
	it("the public zone with the longest name that covers the domain is chosen", async () => {
		const { route53, choose } = stage();
		route53.addZone("com");
		route53.addZone("acme.com");
		const longest = route53.addZone("mail.acme.com");
		route53.addZone("x.mail.acme.com");
		route53.addZone("il.acme.com");
		expect(await choose("mail.acme.com")).toMatchObject({ id: longest.id, name: "mail.acme.com" });
		expect(await choose("a.b.mail.acme.com")).toMatchObject({ id: longest.id });
		expect(await choose("other.acme.com")).toMatchObject({ name: "acme.com" });
	});

	it("a private zone is never chosen, however long its name", async () => {
		const { route53, choose } = stage();
		route53.addZone("acme.com");
		route53.addZone("mail.acme.com", { isPrivate: true });
		expect(await choose("mail.acme.com")).toMatchObject({ name: "acme.com" });
	});

	it("a zone for a top-level domain is not taken for one of the domain's", async () => {
		const { route53, choose } = stage();
		route53.addZone("com");
		await expect(choose("acme.com")).rejects.toThrow("No public hosted zone");
	});

	it("the error where there is none says what was looked for, and which private zones were passed over", async () => {
		const { route53, choose } = stage();
		const hidden = route53.addZone("acme.com", { isPrivate: true });
		const failure = await choose("mail.acme.com").catch((error: Error) => error.message);
		expect(failure).toContain("covers mail.acme.com; looked for mail.acme.com, acme.com");
		expect(failure).toContain(`Private zones are never chosen: acme.com (${hidden.id})`);
	});

	it("zones are found beyond the first page", async () => {
		const { route53, choose } = stage();
		route53.pageSize = 2;
		for (const letter of "abcdefgh") route53.addZone(`${letter}.acme.com`);
		route53.addZone("acme.com");
		expect(await choose("z.acme.com")).toMatchObject({ name: "acme.com" });
		expect(await choose("mail.h.acme.com")).toMatchObject({ name: "h.acme.com" });
	});

	it("domains that are looked up at the same time share the calls", async () => {
		const { route53, choose } = stage();
		route53.addZone("acme.com");
		await Promise.all(["a", "b", "c"].map((name) => choose(`${name}.acme.com`)));
		expect([route53.count("listZonesByName"), route53.count("getZone")]).toEqual([1, 1]);
	});

	it("domains that are looked up one after another are found in what was read for the first, for five seconds", async () => {
		const { route53, choose, pass } = stage();
		route53.addZone("acme.com");
		const letters = [..."abcdefghij"];
		for (const letter of letters) {
			expect(await choose(`${letter}.acme.com`)).toMatchObject({ name: "acme.com" });
			await pass(450);
		}
		expect(route53.count("listZonesByName")).toBe(1);
		await pass(500);
		const closer = route53.addZone("a.acme.com");
		expect(await choose("a.acme.com")).toMatchObject({ id: closer.id });
		expect(route53.count("listZonesByName")).toBe(2);
	});

	it("a zone that has just been made is found by whom nothing else covers", async () => {
		const { route53, choose } = stage();
		route53.addZone("acme.com", { isPrivate: true });
		await expect(choose("mail.acme.com")).rejects.toThrow("No public hosted zone");
		const made = route53.addZone("mail.acme.com");
		expect(await choose("mail.acme.com")).toMatchObject({ id: made.id });
	});

	it("what was read is enough for the names of its pages alone", async () => {
		const { route53, choose } = stage();
		route53.pageSize = 2;
		for (const name of ["acme.com", "a.acme.com", "b.acme.com", "c.acme.com"]) route53.addZone(name);
		const twin = route53.addZone("b.acme.com", { nameServers: ["ns.b.acme.com"] });
		expect(await choose("a.acme.com")).toMatchObject({ name: "a.acme.com" });
		expect(await choose("c.acme.com")).toMatchObject({ name: "c.acme.com" });
		await expect(choose("b.acme.com")).rejects.toThrow(twin.id);
		expect(await choose("d.acme.com")).toMatchObject({ name: "acme.com" });
	});
});

describe("a zone that nobody is delegated to", () => {
	const locate = async (zoneId?: string) => {
		const { route53, zones, lookups } = stage({ zone: "acme.com", nameServers: ["ns.acme.com"] });
		const parent = route53.addZone("acme.com");
		const child = route53.addZone("mail.acme.com");
		const progress = { show() {}, warn() {} };
		const args = { zoneId: zoneId && child.id, delegationCheck: "error" as const };
		const failure = await locateZone({ lookups }, zones, "mail.acme.com", args, progress, never).catch(
			(error: Error) => error.message,
		);
		return { failure, parent, calls: route53.calls.map(({ operation }) => operation) };
	};

	it("is refused with the id of the live one above it, which the listing has", async () => {
		const { failure, parent, calls } = await locate();
		expect(failure).toContain("Hosted zone mail.acme.com");
		expect(failure).toContain(
			`publish in acme.com, which this account has too, by route53.zoneId: ${parent.id}.`,
		);
		expect(calls).toEqual(["listZonesByName", "getZone"]);
	});

	it("is refused without one where it was given, and the zones were not listed", async () => {
		const { failure, parent } = await locate("given");
		expect(failure).toContain("or choose the zone that is live by route53.zoneId.");
		expect(failure).not.toContain(parent.id);
	});
});

test("a zone to which only a part of the name servers leads is taken, with a warning", async () => {
	const { route53, zones, lookups } = stage({
		zone: "acme.com",
		nameServers: ["ns.acme.com", "ns.old.test"],
	});
	const zone = route53.addZone("acme.com");
	const warned: string[] = [];
	const progress = { show() {}, warn: (words: Words) => warned.push(shown(words)) };
	const args = { zoneId: undefined, delegationCheck: "error" as const };
	const found = await locateZone({ lookups }, zones, "mail.acme.com", args, progress, never);
	expect(found.id).toBe(zone.id);
	expect(warned).toEqual([expect.stringContaining("others as well: ns.old.test.")]);
});

describe("of zones with the same name", () => {
	const nameServers = ["ns1.one.test", "ns2.one.test"];

	it("the one that the internet asks is chosen", async () => {
		const { route53, choose } = stage({ zone: "acme.com", nameServers: ["ns2.one.test"] });
		route53.addZone("acme.com", { nameServers: ["ns1.two.test"] });
		const live = route53.addZone("acme.com", { nameServers });
		route53.addZone("acme.com", { isPrivate: true });
		expect(await choose("mail.acme.com")).toMatchObject({ id: live.id });
	});

	it("the one to which the zone above delegates is chosen, where its own NS set hides that", async () => {
		const resolver = { ...com, "acme.com NS": [ns("acme.com", "ns.old.test")] };
		const referral = { referral: [ns("acme.com", "ns2.one.test")] };
		await using net = await internet(resolver, { "192.0.2.1": { "acme.com NS": referral } });
		const { route53, zones } = stage();
		route53.addZone("acme.com", { nameServers: ["ns1.two.test"] });
		const live = route53.addZone("acme.com", { nameServers });
		expect(await chooseZone(net.lookups, zones, "mail.acme.com", undefined, never)).toMatchObject({
			id: live.id,
		});
	});

	it.each([
		[
			"is delegated to neither",
			{ zone: "acme.com", nameServers: ["ns.elsewhere.test"] },
			"ns.elsewhere.test",
		],
		["is not delegated", undefined, "none found"],
		["cannot be looked up", new Error("no answer"), "not known: no answer"],
		["is part of another live zone", { zone: "com", nameServers }, "ns1.one.test"],
	])("none is chosen where the name %s, and both are named", async (_, live, found) => {
		const { route53, choose } = stage(live);
		const one = route53.addZone("acme.com", { nameServers });
		const two = route53.addZone("acme.com", { nameServers: ["ns1.two.test"] });
		const failure = await choose("mail.acme.com").catch((error: Error) => error.message);
		expect(failure).toContain("2 public hosted zones are called acme.com");
		expect(failure).toContain(`${one.id}  ns1.one.test, ns2.one.test`);
		expect(failure).toContain(`${two.id}  ns1.two.test`);
		expect(failure).toContain(found);
		expect(failure).toContain("route53.zoneId");
	});
});

describe("with zoneId", () => {
	it("that zone is taken, whatever else there is", async () => {
		const { route53, choose } = stage();
		const short = route53.addZone("acme.com");
		route53.addZone("mail.acme.com");
		expect(await choose("mail.acme.com", short.id)).toMatchObject({ id: short.id, name: "acme.com" });
		expect(route53.count("listZonesByName")).toBe(0);
	});

	it.each([
		[
			"that does not cover the domain",
			"acme.org",
			false,
			"mail.acme.com does not lie in hosted zone acme.org",
		],
		["whose name only ends alike", "il.acme.com", false, "does not lie in"],
		["that is private", "acme.com", true, "is private"],
	])("a zone %s is refused, naming the argument", async (_, name, isPrivate, reason) => {
		const { route53, choose } = stage();
		const zone = route53.addZone(name, { isPrivate });
		const failure = await choose("mail.acme.com", zone.id).catch((error: Error) => error.message);
		expect(failure).toMatch(/^route53\.zoneId: /);
		expect(failure).toContain(reason);
	});

	it("a zone that does not exist is refused, naming the argument", async () => {
		const { choose } = stage();
		await expect(choose("mail.acme.com", "Z0NOTHING")).rejects.toThrow(
			/^route53\.zoneId: no hosted zone has the id Z0NOTHING/,
		);
	});
});
