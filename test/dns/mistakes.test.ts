import { describe, expect, test } from "vitest";
import { type DnsRecord, likelyMistake } from "../../dns/index.js";

const cname: DnsRecord = { address: "t._domainkey.acme.test", type: "CNAME", record: "t.dkim.amazonses.com" };
const mx: DnsRecord = { address: "acme.test", type: "MX", record: "10 inbound.example" };
const spf: DnsRecord = {
	address: "b.acme.test",
	type: "TXT",
	record: "v=spf1 include:amazonses.com ~all",
};
const feedback: DnsRecord = {
	address: "b.acme.test",
	type: "MX",
	record: "10 feedback-smtp.us-east-1.amazonses.com",
};
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
		[
			"a second SPF record",
			spf,
			["v=spf1 -all", spf.record],
			"not-alone",
			/^2 SPF records, .* make one of them/,
		],
		[
			"an MX record beside that of a MAIL FROM domain",
			feedback,
			["10 feedback-smtp.us-east-1.amazonses.com", "20 mx.example"],
			"not-alone",
			/^2 MX records, .* alone there: 10 feedback/,
		],
		[
			"typographic quotation marks",
			dmarc,
			["“v=DMARC1; p=none”"],
			"stray-characters",
			/has quotation marks in it; enter it as v=DMARC1; p=none$/,
		],
		["a non-breaking space", dmarc, ["v=DMARC1;\u00a0p=none"], "stray-characters", /a non-breaking space/],
		[
			"an invisible character",
			dmarc,
			["\ufeffv=DMARC1; p=none"],
			"stray-characters",
			/an invisible character/,
		],
		["a space before the target", cname, [" t.dkim.amazonses.com"], "stray-characters", /a space/],
		["a space after it", cname, ["t.dkim.amazonses.com\\032"], "stray-characters", /a space/],
		[
			"a non-breaking space in it",
			cname,
			["\\194\\160t.dkim.amazonses.com"],
			"stray-characters",
			/non-breaking/,
		],
		[
			"quotation marks around it",
			cname,
			['\\"t.dkim.amazonses.com\\"'],
			"stray-characters",
			/quotation marks/,
		],
		["a URL", cname, ["https://t.dkim.amazonses.com/"], "stray-characters", /a URL's scheme and a slash/],
		[
			"a quoted URL",
			cname,
			['"http://t.dkim.amazonses.com"'],
			"stray-characters",
			/marks and a URL's scheme/,
		],
		["brackets around it", cname, ["<t.dkim.amazonses.com>"], "stray-characters", /has brackets in it/],
		[
			"a URL in brackets",
			cname,
			["<https://t.dkim.amazonses.com>"],
			"stray-characters",
			/brackets and a URL/,
		],
		["a comma behind it", cname, ["t.dkim.amazonses.com,"], "stray-characters", /a comma or semicolon/],
		["an escaped semicolon", cname, ["t.dkim.amazonses.com\\;"], "stray-characters", /a comma or semicolon/],
		["a port", cname, ["t.dkim.amazonses.com:443"], "stray-characters", /a port in it/],
		[
			"a port, and the zone behind it",
			cname,
			["t.dkim.amazonses.com:443.acme.test"],
			"doubled-target",
			/without acme\.test and without a port: t\.dkim\.amazonses\.com$/,
		],
		["a port of an exchanger", mx, ["10 inbound.example:25"], "stray-characters", /a port in it/],
		["a closing dot in the name", cname, ["t.dkim.amazonses.com\\."], "stray-characters", /a closing dot/],
		["two closing dots", cname, ["t.dkim.amazonses.com.."], "stray-characters", /a closing dot/],
		[
			"a closing dot in the name, and the zone behind it",
			cname,
			["t.dkim.amazonses.com\\..acme.test"],
			"doubled-target",
			/without acme\.test and without a closing dot .*: t\.dkim\.amazonses\.com$/,
		],
		[
			"quotation marks and the zone",
			cname,
			['\\"t.dkim.amazonses.com\\".acme.test'],
			"doubled-target",
			/without acme\.test and without quotation marks: t\.dkim\.amazonses\.com$/,
		],
		[
			"a URL as exchanger",
			mx,
			["10 https://inbound.example"],
			"stray-characters",
			/as inbound\.example, with priority 10/,
		],
		["an exchanger with a space", mx, ["10 \\032inbound.example"], "stray-characters", /a space/],
		["the priority in the host", mx, ["10 10\\032inbound.example"], "stray-characters", /in its own field/],
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
		["a policy that only quotes", dmarc, ["v=DMARC1; p=reject; rua=mailto:'a'@acme.test"]],
		["another target with a port", cname, ["t.dkim.elsewhere.example:443"]],
		["another target with a space", cname, [" t.dkim.elsewhere.example"]],
	])("takes %s for what it is", (_, record, found) => {
		expect(likelyMistake(record, found)).toBeUndefined();
	});
});
