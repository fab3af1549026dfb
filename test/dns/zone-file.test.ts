import { parseZone } from "dnsz";
import { describe, expect, it } from "vitest";
import { type DnsRecord, toZoneFile } from "../../dns/index.js";

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
