import { describe, expect, it } from "vitest";
import { clientAddress, subscriberOf } from "../../service/http/client-address.js";

describe("the address of a client", () => {
	it.each<[forwardedFor: string | undefined, trustedProxies: number, client: string]>([
		[undefined, 0, "10.0.0.1"],
		["203.0.113.7", 0, "10.0.0.1"],
		["203.0.113.7", 1, "203.0.113.7"],
		["198.51.100.1, 203.0.113.7", 1, "203.0.113.7"],
		["198.51.100.1, 203.0.113.7, 10.0.0.2", 2, "203.0.113.7"],
		["198.51.100.1,203.0.113.7:4711", 1, "203.0.113.7"],
		["[2001:db8::1]:4711", 1, "2001:db8::1"],
		["2001:db8::1", 1, "2001:db8::1"],
		["unknown", 1, "10.0.0.1"],
		["", 1, "10.0.0.1"],
		["203.0.113.7, <script>", 1, "10.0.0.1"],
		[undefined, 3, "10.0.0.1"],
	])("is, with X-Forwarded-For: %s and %d trusted proxies, %s", (forwardedFor, trustedProxies, client) => {
		expect(clientAddress("10.0.0.1", forwardedFor, trustedProxies)).toBe(client);
	});

	it.each([
		["203.0.113.7", "203.0.113.7"],
		["::ffff:203.0.113.7", "203.0.113.7"],
		["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
		["2001:DB8:1:2::9", "2001:db8:1:2::/64"],
		["2001:db8::1", "2001:db8:0:0::/64"],
		["::1", "0:0:0:0::/64"],
		["fe80::1%eth0", "fe80:0:0:0::/64"],
	])("%s belongs to the subscriber %s", (address, subscriber) => {
		expect(subscriberOf(address)).toBe(subscriber);
	});
});
