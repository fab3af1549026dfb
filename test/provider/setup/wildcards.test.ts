import { describe, expect, it } from "vitest";
import { silencedWildcards, wildcardRanges } from "../../../provider/core/setup/wildcards.js";
import type { RecordSetState } from "../../../provider/shapes.js";
import { alias, domain, standing } from "../records/sets.js";

const names = [domain, `_dmarc.${domain}`, `_domainkey.${domain}`];
const wildcard = standing("*.acme.com", "CNAME", ["web.example.net"]);
const warnings = (...sets: RecordSetState[]) => silencedWildcards(names, sets, "acme.com");

describe("a wildcard", () => {
	it("is looked for at every level down from the apex", () => {
		expect(wildcardRanges(["a.b.acme.com"], "acme.com")).toEqual([
			{ name: "*.a.b.acme.com" },
			{ name: "*.b.acme.com" },
			{ name: "*.acme.com" },
		]);
	});

	it("that answers for the domain today is named once, with what it answers", () => {
		const [warning, ...more] = warnings(wildcard, standing("*.acme.com", "TXT", ['"v=spf1 -all"']));
		expect(warning).toContain(
			'*.acme.com (CNAME web.example.net, TXT "v=spf1 -all") answers for mail.acme.com today',
		);
		expect(warning).not.toContain("_dmarc");
		expect(more).toEqual([]);
	});

	it("that answers below the domain alone is named for those names", () => {
		const below = standing("*.mail.acme.com", "TXT", ['"x"']);
		const [warning] = warnings(standing(domain, "A", ["192.0.2.1"]), below);
		expect(warning).toContain("answers for _dmarc.mail.acme.com, _domainkey.mail.acme.com today");
	});

	it.each([
		["the domain has records of its own", standing(domain, "A", ["192.0.2.1"])],
		["something stands below the domain", standing(`x._domainkey.${domain}`, "TXT", ['"v=DKIM1; p=x"'])],
	])("is silent already where %s", (_, set) => {
		expect(warnings(wildcard, set)).toEqual([]);
	});

	it("answers also for what makes the domain exist without a record of its own", () => {
		const [warning] = silencedWildcards(
			[`_domainkey.${domain}`],
			[alias("*.acme.com", "A", "lb.acme.com")],
			"acme.com",
		);
		expect(warning).toContain("(A alias of lb.acme.com) answers for mail.acme.com today");
	});
});
