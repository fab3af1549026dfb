import { describe, expect, it } from "vitest";
import { parseServers } from "../../dns/index.js";

describe("parseServers", () => {
	it.each([
		["192.0.2.53", ["192.0.2.53:53"]],
		["192.0.2.53:5353", ["192.0.2.53:5353"]],
		[" 192.0.2.1 , 192.0.2.2:54 ", ["192.0.2.1:53", "192.0.2.2:54"]],
		["2001:db8::53", ["[2001:db8::53]:53"]],
		["[2001:db8::53]", ["[2001:db8::53]:53"]],
		["[2001:db8::53]:5353", ["[2001:db8::53]:5353"]],
		["192.0.2.53,192.0.2.53:53", ["192.0.2.53:53"]],
	])("reads %s", (text, servers) => {
		expect(parseServers(text)).toEqual(servers);
	});

	it.each([
		"",
		"192.0.2.53,",
		"dns.example",
		"192.0.2",
		"192.0.2.53:0",
		"192.0.2.53:65536",
		"192.0.2.53:dns",
		"192.0.2.53:",
		"[192.0.2.53]:53",
		"[2001:db8::53]5353",
		"192.0.2.1;192.0.2.2",
	])("refuses %j and shows the right form", (text) => {
		expect(() => parseServers(text)).toThrow(/is no DNS server; give IP addresses.*192\.0\.2\.54:5353/);
	});
});
