import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareNames } from "../../../../provider/core/hosts/route53/listing.js";
import { sortKey } from "../../../../sandbox/route53/names.js";

const sorted = (...names: string[]) => names.toSorted(compareNames);

describe("Route 53's order of names", () => {
	it("goes by the labels from the right", () => {
		expect(sorted("b.acme.com", "acme.org", "a.b.acme.com", "acme.com", "c.acme.com")).toEqual([
			"acme.com",
			"b.acme.com",
			"a.b.acme.com",
			"c.acme.com",
			"acme.org",
		]);
	});

	it("puts a label before its own beginning where a hyphen follows, because a dot ends each label", () => {
		expect(sorted("a.acme.com", "x.a.acme.com", "a-b.acme.com")).toEqual([
			"a-b.acme.com",
			"a.acme.com",
			"x.a.acme.com",
		]);
	});

	it("knows no case, no trailing dot and no octal escapes", () => {
		expect(compareNames("MAIL.acme.com.", "mail.acme.com")).toBe(0);
		expect(compareNames("\\052.acme.com", "*.acme.com")).toBe(0);
	});

	it("is the order of an independent implementation", () => {
		const label = fc.stringMatching(/^[a-c_*-]{1,3}$/);
		const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));
		fc.assert(
			fc.property(name, name, (a, b) => {
				const [x, y] = [sortKey(a), sortKey(b)];
				expect(compareNames(a, b)).toBe(x === y ? 0 : x < y ? -1 : 1);
			}),
		);
	});
});
