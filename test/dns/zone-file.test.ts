import { parseZone } from "dnsz";
import { describe, expect, it } from "vitest";
import { type DnsRecord, RecordError, toZoneFile } from "../../dns/index.js";

const records: DnsRecord[] = [
	{ address: "t._domainkey.mail.acme.com", type: "CNAME", record: "t.dkim.amazonses.com" },
	{ address: "mail.acme.com", type: "MX", record: "10 inbound.example" },
	{ address: "_dmarc.mail.acme.com", type: "TXT", record: "v=DMARC1; p=none" },
];

describe("toZoneFile", () => {
	it("writes absolute names without an origin", () => {
		expect(toZoneFile(records, { ttl: 300 })).toBe(
			[
				'_dmarc.mail.acme.com.\t300\tIN\tTXT\t"v=DMARC1; p=none"',
				"mail.acme.com.\t300\tIN\tMX\t10 inbound.example.",
				"t._domainkey.mail.acme.com.\t300\tIN\tCNAME\tt.dkim.amazonses.com. ; cf_tags=cf-proxied:false",
				"",
			].join("\n"),
		);
	});

	it("writes names relative to an origin, and absolute ones where they lie elsewhere", () => {
		const elsewhere: DnsRecord = { address: "mail.other.net", type: "MX", record: "0 ." };
		expect(toZoneFile([...records, elsewhere], { origin: "Mail.Acme.com.", ttl: 60 })).toBe(
			[
				"$ORIGIN mail.acme.com.",
				'_dmarc\t60\tIN\tTXT\t"v=DMARC1; p=none"',
				"@\t60\tIN\tMX\t10 inbound.example.",
				"mail.other.net.\t60\tIN\tMX\t0 .",
				"t._domainkey\t60\tIN\tCNAME\tt.dkim.amazonses.com. ; cf_tags=cf-proxied:false",
				"",
			].join("\n"),
		);
	});

	it("tells Cloudflare's import to proxy nothing, where it could", () => {
		const marked = toZoneFile(records, { ttl: 300 })
			.split("\n")
			.filter((line) => line.endsWith(" ; cf_tags=cf-proxied:false"));
		expect(marked).toEqual([expect.stringContaining("\tCNAME\t")]);
	});

	it("splits long texts and escapes in decimal", () => {
		const text: DnsRecord = { address: "a.example", type: "TXT", record: `é"${"x".repeat(260)}` };
		expect(toZoneFile([text], { ttl: 1 })).toContain(`"\\195\\169\\"${"x".repeat(252)}" "${"x".repeat(8)}"`);
	});

	it.each<[string, DnsRecord]>([
		["a name with a line break", { address: "a\n$INCLUDE /etc/passwd", type: "TXT", record: "x" }],
		["a name that begins a directive", { address: "$INCLUDE", type: "TXT", record: "x" }],
		["a name with a comment", { address: "a;b.example", type: "TXT", record: "x" }],
		["no name", { address: "", type: "TXT", record: "x" }],
		[
			"a target with a line break",
			{ address: "a.example", type: "CNAME", record: "b.example.\n@ A 192.0.2.1" },
		],
		["a target with parentheses", { address: "a.example", type: "CNAME", record: "b.example (" }],
		["a target with an escape", { address: "a.example", type: "CNAME", record: "b\\010.example" }],
		["no target", { address: "a.example", type: "CNAME", record: "." }],
		["an exchanger with more behind it", { address: "a.example", type: "MX", record: "10 b.example ; x" }],
		["an exchanger without a priority", { address: "a.example", type: "MX", record: "b.example" }],
	])("refuses %s, and names the record", (_, record) => {
		const file = () => toZoneFile([...records, record], { ttl: 300 });
		expect(file).toThrow(RecordError);
		expect(file).toThrow(/^(TXT|CNAME|MX) \S* ?.*cannot stand in a zone file: [^\n]* is no host name$/);
	});

	it("refuses an origin that is none", () => {
		expect(() => toZoneFile(records, { origin: "a.test\n$INCLUDE x", ttl: 300 })).toThrow(/is no zone$/);
	});

	it("has no command of a pipeline in a text", () => {
		const text: DnsRecord = { address: "a.example", type: "TXT", record: "##vso[task.complete] #" };
		expect(toZoneFile([text], { ttl: 1 })).toContain('TXT\t"\\035#vso[task.complete] #"');
	});

	it("is read by another program, names that begin with a digit too", () => {
		const token: DnsRecord = { address: "5m._domainkey.a.test", type: "CNAME", record: "5m.dkim.example" };
		expect(parseZone(toZoneFile([token], { origin: "a.test", ttl: 60 })).records).toEqual([
			expect.objectContaining({
				name: "5m._domainkey.a.test",
				ttl: 60,
				content: "5m.dkim.example.",
				comment: "cf_tags=cf-proxied:false",
			}),
		]);
	});
});
