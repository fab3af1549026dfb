import { describe, expect, it } from "vitest";
import type { Lookups } from "../../../dns/index.js";
import { weakerThanInherited } from "../../../provider/core/setup/inherited-policy.js";
import type { DnsRecord } from "../../../provider/shapes.js";

/** What the wanted policy weakens, where these stand in DNS. */
function warning(
	texts: Record<string, string[] | "failed">,
	ours = "v=DMARC1; p=none",
	domain = "mail.eu.acme.com",
) {
	const asked: string[] = [];
	const lookups = {
		query: async (name: string) => {
			asked.push(name);
			const values = texts[name];
			if (values === "failed") return { kind: "failed", reason: "timeout" };
			return values ? { kind: "found", values } : { kind: "none", reason: "NXDOMAIN" };
		},
	} as unknown as Lookups;
	const records: DnsRecord[] = [{ address: `_dmarc.${domain}`, type: "TXT", record: ours }];
	const stop = new AbortController().signal;
	return weakerThanInherited({ lookups, stop }, records).then((text) => ({ text, asked }));
}

describe("a DMARC policy of a domain above", () => {
	it.each([
		["v=DMARC1; p=reject", "v=DMARC1; p=none"],
		["v=DMARC1; p=quarantine", "v=DMARC1; p=none"],
		["v=DMARC1; p=reject", "v=DMARC1; p=quarantine"],
		["v=DMARC1; p=none; sp=reject", "v=DMARC1; p=none"],
		["v=DMARC1;P=Reject", "v=DMARC1; p=none"],
	])("of %s is weakened by %s", async (theirs, ours) => {
		const { text } = await warning({ "_dmarc.acme.com": [theirs] }, ours);
		expect(text).toContain(`policy of acme.com holds for mail.eu.acme.com: "${theirs}"`);
		expect(text).toContain('leave "dmarc" out of route53.records');
	});

	it.each([
		["v=DMARC1; p=none", "v=DMARC1; p=none"],
		["v=DMARC1; p=reject", "v=DMARC1; p=reject"],
		["v=DMARC1; p=reject; sp=none", "v=DMARC1; p=none"],
		["v=DMARC10; p=reject", "v=DMARC1; p=none"],
	])("of %s is not weakened by %s", async (theirs, ours) => {
		expect((await warning({ "_dmarc.acme.com": [theirs] }, ours)).text).toBeUndefined();
	});

	it("is that of the nearest that has one, and top-level domains are not asked", async () => {
		const { text, asked } = await warning({
			"_dmarc.eu.acme.com": ["v=DMARC1; p=none"],
			"_dmarc.acme.com": ["v=DMARC1; p=reject"],
		});
		expect(text).toBeUndefined();
		expect(asked).toEqual(["_dmarc.eu.acme.com"]);
		expect((await warning({})).asked).toEqual(["_dmarc.eu.acme.com", "_dmarc.acme.com"]);
	});

	it("does not count where there are two, or where nobody answers", async () => {
		const two = ["v=DMARC1; p=reject", "v=DMARC1; p=none"];
		expect((await warning({ "_dmarc.acme.com": two })).text).toBeUndefined();
		expect((await warning({ "_dmarc.acme.com": "failed" })).text).toBeUndefined();
	});
});
