import { describe, expect, it } from "vitest";
import { createLookups, parseNetworks, refuseInside } from "../../dns/index.js";
import { startDnsServer, txt, zone } from "./server.js";

const own = () => ["198.41.0.7", "2620:0:2d0:200::7", "fe80::1%eth0"];
const refusal = refuseInside({ allowed: [], own });

describe("addresses that strangers name", () => {
	it.each([
		"0.0.0.0",
		"10.1.2.3",
		"100.64.0.1",
		"127.0.0.1",
		"127.255.255.254",
		"169.254.169.254",
		"172.31.255.255",
		"192.0.0.8",
		"192.168.1.1",
		"198.19.0.1",
		"203.0.113.9",
		"224.0.0.251",
		"255.255.255.255",
		"::",
		"::1",
		"::ffff:127.0.0.1",
		"::ffff:8.8.8.8",
		"::7f00:1",
		"64:ff9b::a00:1",
		"64:ff9b:1::1",
		"100::1",
		"2001::1",
		"2001:db8::1",
		"2002:7f00:1::1",
		"3fff::1",
		"5f00::1",
		"fc00::1",
		"fd12:3456::1",
		"fe80::1",
		"fe80::1%eth0",
		"fec0::1",
		"ff02::fb",
		"no address",
	])("are refused where they are not public: %s", (address) => {
		expect(refusal(address)).toContain(`${address} is no public address`);
	});

	it.each(["198.41.0.4", "172.32.0.1", "100.128.0.1", "2001:500:9f::42", "2600:9000:5300:ac00::1"])(
		"are taken where they are public: %s",
		(address) => expect(refusal(address)).toBeUndefined(),
	);

	it.each(["198.41.0.7", "2620:0:2d0:200::7"])(
		"are refused where they are the machine's own: %s",
		(address) => expect(refusal(address)).toContain("an address of this machine"),
	);

	it("are taken in the networks that are allowed, each family for itself", () => {
		const allowed = parseNetworks("127.0.0.0/8, ::1 ,198.41.0.7");
		const rule = refuseInside({ allowed, own });
		for (const address of ["127.0.0.1", "::1", "198.41.0.7"]) expect(rule(address)).toBeUndefined();
		for (const address of ["::ffff:127.0.0.1", "::2", "10.0.0.1"]) expect(rule(address)).toBeDefined();
	});

	it("get no packet where they are refused, and one where they are not", async () => {
		await using server = await startDnsServer(zone({ "x.example TXT": [txt("x.example", "here")] }));
		const ask = (networks: string, servers?: string[]) =>
			createLookups({
				servers,
				strangers: { refusal: refuseInside({ allowed: parseNetworks(networks), own }), checksAtOnce: 1 },
			}).query("x.example", "TXT", { server: server.address });
		expect(await ask("10.0.0.0/8")).toMatchObject({
			kind: "failed",
			reason: expect.stringContaining("not asked: 127.0.0.1 is no public address"),
		});
		expect(server.questions).toEqual([]);
		expect(await ask("127.0.0.1")).toMatchObject({ kind: "found" });
		expect(await ask("10.0.0.0/8", [server.address])).toMatchObject({ kind: "found" });
		expect(server.questions).toHaveLength(2);
	});
});
