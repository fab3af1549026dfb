import { describe, expect, it } from "vitest";
import { type Delegation, LookupError, type Lookups } from "../../../dns/index.js";
import { checkDelegation } from "../../../provider/core/route53/delegation.js";

const never = new AbortController().signal;
const zone = { id: "Z1", name: "acme.com", private: false, nameServers: ["ns-1.aws.test", "ns-2.aws.test"] };

function check(live: Delegation | Error | undefined, addresses: Record<string, string[]> = {}) {
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
	return checkDelegation(lookups, zone, "mail.acme.com", never);
}

describe("the delegation of a zone", () => {
	it("is right where one live name server is the zone's own", async () => {
		expect(await check({ zone: "acme.com", nameServers: ["ns-2.aws.test", "ns.old.test"] })).toEqual({
			state: "delegated",
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
