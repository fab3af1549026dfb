import { describe, expect, it } from "vitest";
import type { Change } from "../../../../provider/core/hosts/route53/changes.js";
import { limits, pack as packWith } from "../../../../provider/core/hosts/route53/changes.js";

const change = (...values: string[]): Change => ({
	action: "CREATE",
	set: { name: "acme.com", type: "TXT", ttl: 300, values },
});
const item = (...changes: Change[]) => ({ changes });
const pack = (items: { changes: Change[] }[]) => packWith(items, ({ changes }) => changes);
const sizes = (batches: unknown[][]) => batches.map((batch) => batch.length);

describe("packing changes into batches", () => {
	it("makes no batch of nothing", () => {
		expect(pack([])).toEqual([]);
	});

	it("fills a batch up to 1,000 values and not beyond", () => {
		const full = Array.from({ length: limits.records / 2 }, () => item(change("a", "b")));
		expect(sizes(pack(full))).toEqual([500]);
		expect(sizes(pack([...full, item(change("c"))]))).toEqual([500, 1]);
	});

	it("fills a batch up to 32,000 characters and not beyond", () => {
		const value = "x".repeat(limits.characters / 10);
		const ten = Array.from({ length: 10 }, () => item(change(value)));
		expect(sizes(pack(ten))).toEqual([10]);
		expect(sizes(pack([...ten, item(change("y"))]))).toEqual([10, 1]);
	});

	it("keeps the changes of one item together", () => {
		const many = item(...Array.from({ length: 600 }, () => change("a")));
		expect(sizes(pack([many, many]))).toEqual([1, 1]);
	});

	it("counts an alias, which has no values, as one", () => {
		const alias: Change = {
			action: "DELETE",
			set: { name: "acme.com", type: "A", values: [], rest: { AliasTarget: {} } },
		};
		const full = Array.from({ length: limits.records }, () => item(alias));
		expect(sizes(pack([...full, item(alias)]))).toEqual([limits.records, 1]);
	});

	it("leaves an item that fits nowhere to Route 53's own refusal", () => {
		const huge = item(...Array.from({ length: limits.records + 1 }, () => change("a")));
		expect(sizes(pack([item(change("b")), huge]))).toEqual([1, 1]);
	});
});
