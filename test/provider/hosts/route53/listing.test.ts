import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareNames, readRanges } from "../../../../provider/core/hosts/route53/listing.js";
import type { Range } from "../../../../provider/core/zones/host.js";
import { covers } from "../../../../provider/core/zones/shared-reader.js";

/** A listing of these names, `size` a page, that counts its pages. */
function listing(names: string[], size: number) {
	const all = names.toSorted(compareNames).map((name, place) => ({ name, place }));
	const starts: string[] = [];
	return {
		starts,
		all,
		async page(start: { name: string; place?: number }) {
			starts.push(start.name);
			const from = all.findIndex((item) =>
				start.place === undefined ? compareNames(item.name, start.name) >= 0 : item.place >= start.place,
			);
			const begin = from < 0 ? all.length : from;
			const next = all[begin + size];
			return { items: all.slice(begin, begin + size), ...(next && { next }) };
		},
	};
}

const letters = "abcdefghijklmnopqrstuvwxyz".split("");

describe("reading ranges of a listing", () => {
	it("asks nothing where nothing is wanted", async () => {
		const { page, starts } = listing(["acme.com"], 10);
		expect(await readRanges(page, [])).toEqual([]);
		expect(starts).toEqual([]);
	});

	it("reads neighbours in one page", async () => {
		const { page, starts } = listing(["acme.com", "_dmarc.acme.com", "x.acme.com"], 10);
		const found = await readRanges(page, [{ name: "acme.com" }, { name: "_dmarc.acme.com" }]);
		expect(found.map(({ name }) => name)).toEqual(["acme.com", "_dmarc.acme.com"]);
		expect(starts).toEqual(["acme.com"]);
	});

	it("jumps over what lies between two ranges", async () => {
		const { page, starts } = listing(
			letters.map((letter) => `${letter}.acme.com`),
			2,
		);
		const found = await readRanges(page, [{ name: "y.acme.com" }, { name: "b.acme.com" }]);
		expect(found.map(({ name }) => name)).toEqual(["b.acme.com", "y.acme.com"]);
		expect(starts).toEqual(["b.acme.com", "y.acme.com"]);
	});

	it("pages through a range that is longer than a page, and through the sets of one name", async () => {
		const below = letters.map((letter) => `${letter}._domainkey.acme.com`);
		const { page } = listing([...below, "acme.com", "acme.com", "acme.com"], 2);
		const found = await readRanges(page, [
			{ name: "_domainkey.acme.com", below: true },
			{ name: "acme.com" },
		]);
		expect(found).toHaveLength(letters.length + 3);
	});

	it("stops once the last range is behind it", async () => {
		const { page, starts } = listing(
			letters.map((letter) => `${letter}.acme.com`),
			3,
		);
		await readRanges(page, [{ name: "a.acme.com" }]);
		expect(starts).toHaveLength(1);
	});

	it("finds exactly what the ranges cover, each once, whatever the listing and its pages", async () => {
		const label = fc.constantFrom("a", "a-b", "b", "_d", "*");
		const name = fc
			.array(label, { minLength: 1, maxLength: 3 })
			.map((labels) => `${labels.join(".")}.acme.com`);
		const range: fc.Arbitrary<Range> = fc.record({ name, below: fc.boolean() });
		await fc.assert(
			fc.asyncProperty(
				fc.array(name, { maxLength: 20 }),
				fc.array(range, { maxLength: 4 }),
				fc.integer({ min: 1, max: 5 }),
				async (names, ranges, size) => {
					const { page, all, starts } = listing(names, size);
					const found = await readRanges(page, ranges);
					expect(found).toEqual(all.filter((item) => ranges.some((each) => covers(each, item.name))));
					expect(starts.length).toBeLessThanOrEqual(Math.ceil(all.length / size) + ranges.length);
				},
			),
		);
	});
});
