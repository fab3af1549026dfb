import { describe, expect, it } from "vitest";
import { recordCheck } from "../../../dns/check.js";
import { type Delegation, type Lookups, type ServerCheck, shown, type Words } from "../../../dns/index.js";
import type { Purpose } from "../../../provider/arguments/inputs.js";
import { route53Zones } from "../../../provider/core/hosts/route53/host.js";
import { type Route53Inputs, resolveRoute53 } from "../../../provider/core/inputs.js";
import { preflight } from "../../../provider/core/setup/preflight.js";
import type { World } from "../../../provider/core/world.js";
import type { DnsRecord, RecordSetState } from "../../../provider/shapes.js";
import { MemoryRoute53 } from "../hosts/route53/memory-route53.js";
import {
	alias,
	dkimName,
	dkimTarget,
	dmarcName,
	domain,
	inbound,
	policy,
	standing,
	weighted,
} from "../records/sets.js";
import { zonesWorld } from "../zones/zones-world.js";

function stage(...sets: RecordSetState[]) {
	const route53 = new MemoryRoute53();
	const zone = route53.addZone("acme.com");
	for (const set of sets) route53.put(zone, set);
	const zones = route53Zones(route53, zonesWorld());
	const warnings: string[] = [];
	let served: ServerCheck["state"] = "missing";
	let live: Delegation | undefined = { zone: "acme.com", nameServers: ["ns.acme.com"] };
	const world = {
		progress: { show() {}, warn: (words: Words) => warnings.push(shown(words)) },
		stop: new AbortController().signal,
		hosts: { route53: async () => zones },
		lookups: {
			delegation: async () => live,
			query: async () => ({ kind: "none" }),
			checkAll: async (asked: DnsRecord[]) =>
				asked.map((record) =>
					recordCheck(record, { servers: [{ server: "ns.acme.com", state: served, found: [] }] }),
				),
		} as unknown as Lookups,
	} as unknown as World;
	return {
		zone,
		route53,
		warnings,
		serve(state: ServerCheck["state"]) {
			served = state;
		},
		delegateTo(delegation: Delegation | undefined) {
			live = delegation;
		},
		look: (args: Route53Inputs = {}, waitPurpose?: Purpose, records?: DnsRecord[], at = domain) =>
			preflight(world, { domain: at, route53: resolveRoute53(args), waitPurpose, records }),
		lookForReplacement: (going: DnsRecord[]) =>
			preflight(world, {
				domain,
				route53: resolveRoute53({}),
				waitPurpose: undefined,
				records: undefined,
				going,
			}),
	};
}

const records: DnsRecord[] = [
	{ address: dkimName, type: "CNAME", record: dkimTarget },
	{ address: domain, type: "MX", record: inbound },
	{ address: dmarcName, type: "TXT", record: "v=DMARC1; p=none;" },
];
const otherMx = standing(domain, "MX", ["10 mx.acme.com"]);
const otherDmarc = standing(dmarcName, "TXT", ['"v=DMARC1; p=reject"']);

describe("the preflight", () => {
	it("tells the zone, and what stands where a mail setup publishes", async () => {
		const { look, zone } = stage(
			standing(domain, "A", ["192.0.2.1"]),
			standing(domain, "TXT", ['"v=spf1 -all"']),
			standing(domain, "MX", [inbound]),
			standing(dmarcName, "TXT", ['"other text"']),
			standing(`old._domainkey.${domain}`, "TXT", ['"v=DKIM1; p=x"']),
			standing(`www.${domain}`, "CNAME", ["acme.com"]),
			standing("_dmarc.acme.com", "TXT", ['"v=DMARC1; p=reject"']),
		);
		const { id, name, found } = await look();
		expect([id, name]).toEqual([zone.id, "acme.com"]);
		expect(found.map((set) => `${set.type} ${set.name}`)).toEqual([
			`MX ${domain}`,
			`TXT ${dmarcName}`,
			`TXT old._domainkey.${domain}`,
		]);
	});

	it("takes one look-up of the zone, one for its name servers, and one list", async () => {
		const { look, route53 } = stage();
		await look();
		expect(route53.calls.map(({ operation }) => operation)).toEqual([
			"listZonesByName",
			"getZone",
			"listRecordSets",
		]);
	});

	it("takes no notice of records that go with the setup which is replaced, but of those beside them", async () => {
		const going: DnsRecord[] = [{ address: domain, type: "MX", record: "10 mx.acme.com" }];
		expect((await stage(otherMx).lookForReplacement(going)).name).toBe("acme.com");
		const shared = stage(standing(domain, "MX", ["10 mx.acme.com", "20 mx2.acme.com"]));
		await expect(shared.lookForReplacement(going)).rejects.toThrow("- MX 20 mx2.acme.com");
	});

	it.each([
		["another mail exchanger", otherMx, "mx"],
		["routed mail exchangers", weighted(domain, "MX", [inbound], "one"), "mx"],
		["a CNAME at the domain", standing(domain, "CNAME", ["www.acme.com"]), "other"],
		["name servers at _dmarc", standing(dmarcName, "NS", ["ns.vendor.example"]), "dmarc"],
		["routed texts at _dmarc", weighted(dmarcName, "TXT", [policy], "one"), "dmarc"],
		["a CNAME at _dmarc", standing(dmarcName, "CNAME", ["p.example.net"]), "dmarc"],
	])("refuses %s with what stands there and how to go on, and can be told to go on", async (_, set, kind) => {
		const { look } = stage(set);
		const failure = await look().catch((error: Error) => error.message);
		expect(failure).toContain("Nothing was registered or changed.");
		expect(failure).toContain(`    - ${set.type} ${set.values[0]}`);
		expect(failure).toContain(`    + ${kind === "dmarc" ? "TXT" : "MX"} of the new setup`);
		expect(failure).toContain(`onConflict to { ${kind}: "overwrite" }`);
		for (const choice of ["overwrite", "keep"] as const) {
			expect((await look({ onConflict: { [kind]: choice } })).found).toHaveLength(1);
		}
	});

	it("leaves a DMARC policy to the comparison with that of the new setup", async () => {
		expect((await stage(otherDmarc).look()).found).toEqual([otherDmarc]);
	});

	it("names all conflicts at once", async () => {
		const { look } = stage(otherMx, otherDmarc);
		const failure = await look().catch((error: Error) => error.message);
		expect(failure).toContain("10 mx.acme.com");
		expect(failure).toContain("p=reject");
		expect(failure).toContain('{ mx: "overwrite", dmarc: "overwrite" }');
	});

	it("compares with the records where they are known, DKIM included", async () => {
		const { look } = stage(
			standing(domain, "MX", [inbound]),
			standing(dmarcName, "TXT", [policy]),
			standing(dkimName, "CNAME", ["elsewhere.example.net"]),
		);
		const failure = await look({}, undefined, records).catch((error: Error) => error.message);
		expect(failure).toContain("    - CNAME elsewhere.example.net");
		expect(failure).toContain(`    + CNAME ${dkimTarget}`);
		expect(failure).toContain('{ other: "overwrite" }');
		expect(failure).not.toContain("DMARC");
	});
});

describe("keeping what the wait needs", () => {
	it.each([
		["all", otherMx, { mx: "keep" }, '{ purpose: "sending" }'],
		["receiving", otherMx, { mx: "keep" }, '{ purpose: "sending" }'],
		[
			"all",
			standing(dmarcName, "CNAME", ["p.example.net"]),
			{ dmarc: "keep" },
			'{ purpose: ["sending", "receiving"] }',
		],
	] as const)(
		"for %s is refused, and the purpose that would do is named",
		async (purpose, set, onConflict, hint) => {
			const { look } = stage(set);
			// A CNAME at _dmarc is looked through, once the wanted policy is known.
			const known = set.type === "CNAME" ? records : undefined;
			const failure = await look({ onConflict }, purpose, known).catch((error: Error) => error.message);
			expect(failure).toContain(`the wait for purpose "${purpose}" could never end`);
			expect(failure).toContain("Nothing was registered or changed.");
			expect(failure).toContain(hint);
		},
	);

	it("is refused without a purpose to name where none would do", async () => {
		const { look } = stage(otherMx, standing(dkimName, "CNAME", ["elsewhere.example.net"]));
		const keep = { mx: "keep", other: "keep" } as const;
		const failure = await look({ onConflict: keep }, "all", records).catch((error: Error) => error.message);
		expect(failure).toContain("waitForVerification: false");
	});

	it.each(["found", "failed"] as const)(
		"is fine where what is kept serves the very value, and where nobody answers (%s)",
		async (state) => {
			const { look, serve } = stage(
				weighted(domain, "MX", [inbound], "one"),
				standing(dmarcName, "CNAME", ["p.example.net"]),
				alias(dkimName, "CNAME", "x.acme.com"),
			);
			serve(state);
			const keep = { mx: "keep", dmarc: "keep", mailFrom: "keep", spf: "keep", other: "keep" } as const;
			expect((await look({ onConflict: keep }, "all", records)).found).toHaveLength(3);
		},
	);

	it.each([
		["sending", otherMx],
		["sending", otherDmarc],
		["receiving", otherDmarc],
		[undefined, otherMx],
	] as const)("for %s is fine where that does not need it", async (purpose, set) => {
		const { look } = stage(set);
		const { found } = await look({ onConflict: { mx: "keep", dmarc: "keep" } }, purpose);
		expect(found).toEqual([set]);
	});
});

describe("the way to the domain", () => {
	it.each(["eu.acme.com", "mail.eu.acme.com", "_domainkey.mail.eu.acme.com"])(
		"is refused where %s is delegated away",
		async (name) => {
			const { look } = stage(standing(name, "NS", ["ns.other.test"]));
			await expect(look({}, undefined, undefined, "mail.eu.acme.com")).rejects.toThrow(
				`the name ${name} is delegated away`,
			);
		},
	);

	it("is fine where another DKIM selector is delegated away", async () => {
		const { look } = stage(standing(`vendor._domainkey.${domain}`, "NS", ["ns.vendor.test"]));
		expect((await look()).found).toHaveLength(1);
	});
});

describe("a zone that is not live", () => {
	it("is refused before anything is read of it, warned of, or not looked at, as delegationCheck wants", async () => {
		const { look, delegateTo, route53, warnings } = stage();
		delegateTo({ zone: "acme.com", nameServers: ["ns.registrar.test"] });
		await expect(look()).rejects.toThrow("live for acme.com: ns.registrar.test");
		expect(route53.count("listRecordSets")).toBe(0);
		expect(warnings).toEqual([]);
		await look({ delegationCheck: "warn" });
		expect(warnings).toHaveLength(1);
		await look({ delegationCheck: "off" });
		expect(warnings).toHaveLength(1);
	});
});
