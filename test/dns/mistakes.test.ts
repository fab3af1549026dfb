import { describe, expect, test } from "vitest";
import { type DnsRecord, likelyMistake } from "../../dns/index.js";

const cname: DnsRecord = { address: "t._domainkey.acme.test", type: "CNAME", record: "t.dkim.amazonses.com" };
const mx: DnsRecord = { address: "acme.test", type: "MX", record: "10 inbound.example" };
const dmarc: DnsRecord = { address: "_dmarc.acme.test", type: "TXT", record: "v=DMARC1; p=none" };

describe("likelyMistake", () => {
	test.each<[string, DnsRecord, string[], string, RegExp]>([
		[
			"a target without its closing dot",
			cname,
			["T.dkim.amazonses.com.acme.test."],
			"doubled-target",
			/without acme\.test/,
		],
		[
			"an exchanger without its closing dot",
			mx,
			["10 inbound.example.acme.test"],
			"doubled-target",
			/end the target in a dot/,
		],
		["a null MX", mx, ["0 ."], "null-mx", /takes no mail/],
		["another priority", mx, ["30 other.example", "20 Inbound.example."], "priority", /is 20; make it 10/],
		["quotation marks in the text", dmarc, ['"v=DMARC1; p=none"'], "quoted-twice", /without them/],
		["spaces around the text", dmarc, [" v=DMARC1; p=none "], "quoted-twice", /without them/],
		["escaped semicolons", dmarc, ["v=DMARC1\\; p=none"], "escaped", /backslashes/],
		["two policies", dmarc, ["v=DMARC1; p=none", "v=DMARC1; p=reject"], "two-policies", /leave one/],
	])("explains %s", (_, record, found, kind, text) => {
		const mistake = likelyMistake(record, found);
		expect(mistake?.kind).toBe(kind);
		expect(mistake?.text).toMatch(text);
	});

	test.each<[string, DnsRecord, string[]]>([
		["another target", cname, ["t.dkim.elsewhere.example"]],
		["another exchanger", mx, ["10 mx.other.example"]],
		["another policy", dmarc, ["v=DMARC1; p=reject"]],
		["another text", dmarc, ["v=spf1 -all"]],
		["nothing", dmarc, []],
	])("takes %s for what it is", (_, record, found) => {
		expect(likelyMistake(record, found)).toBeUndefined();
	});
});
