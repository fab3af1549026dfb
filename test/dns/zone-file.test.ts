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
				"$TTL 300",
				'_dmarc.mail.acme.com.\tIN\tTXT\t"v=DMARC1; p=none"',
				"mail.acme.com.\tIN\tMX\t10 inbound.example.",
				"t._domainkey.mail.acme.com.\tIN\tCNAME\tt.dkim.amazonses.com.",
				"",
			].join("\n"),
		);
	});

	it("writes names relative to an origin, and absolute ones where they lie elsewhere", () => {
		const elsewhere: DnsRecord = { address: "mail.other.net", type: "MX", record: "0 ." };
		expect(toZoneFile([...records, elsewhere], { origin: "Mail.Acme.com.", ttl: 60 })).toBe(
			[
				"$ORIGIN mail.acme.com.",
				"$TTL 60",
				'_dmarc\tIN\tTXT\t"v=DMARC1; p=none"',
				"@\tIN\tMX\t10 inbound.example.",
				"mail.other.net.\tIN\tMX\t0 .",
				"t._domainkey\tIN\tCNAME\tt.dkim.amazonses.com.",
				"",
			].join("\n"),
		);
	});

	it("splits long texts and escapes in decimal", () => {
		const text: DnsRecord = { address: "a.example", type: "TXT", record: `é"${"x".repeat(260)}` };
		expect(toZoneFile([text], { ttl: 1 })).toContain(`"\\195\\169\\"${"x".repeat(252)}" "${"x".repeat(8)}"`);
	});
});
