import { describe, expect, it } from "vitest";
import { cutRanges, refuseCut } from "../../../provider/core/zones/zone-cut.js";
import { standing } from "../records/sets.js";

const zone = { id: "Z1", name: "acme.com" };
const names = ["mail.eu.acme.com", "_dmarc.mail.eu.acme.com"];
const cut = (name: string) => () => refuseCut([standing(name, "NS", ["ns.other.test"])], names, zone);

describe("a delegation inside the zone", () => {
	it("is looked for at the names and between them and the apex", () => {
		expect(cutRanges(names, zone).map(({ name }) => name)).toEqual([
			"mail.eu.acme.com",
			"eu.acme.com",
			"_dmarc.mail.eu.acme.com",
		]);
		expect(cutRanges(["acme.com"], zone)).toEqual([]);
	});

	it.each(["mail.eu.acme.com", "eu.acme.com"])("at %s takes the records away, and is refused", (name) => {
		expect(cut(name)).toThrow(`the name ${name} is delegated away`);
		expect(cut(name)).toThrow("NS ns.other.test");
	});

	// At `_dmarc` a vendor answers: that is a conflict, and `onConflict` decides.
	it.each([
		"acme.com",
		"us.acme.com",
		"_dmarc.mail.eu.acme.com",
		"other._domainkey.mail.eu.acme.com",
		"x.mail.eu.acme.com",
	])("at %s is none of our business", (name) => {
		expect(cut(name)).not.toThrow();
	});

	it("is made by NS sets alone", () => {
		expect(() => refuseCut([standing("eu.acme.com", "TXT", ['"x"'])], names, zone)).not.toThrow();
	});
});
