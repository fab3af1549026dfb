import { describe, expect, it } from "vitest";
import { SharedReader } from "../../../provider/core/zones/shared-reader.js";
import { zonesWorld } from "./zones-world.js";

function reader(fail: (page: number) => Error | undefined = () => undefined) {
	let pages = 0;
	const items = ["a.acme.com", "b.acme.com", "c.acme.com"].map((name) => ({ name }));
	const shared = new SharedReader(async () => {
		pages += 1;
		const error = fail(pages);
		if (error) throw error;
		return items;
	}, zonesWorld());
	return { shared, pages: () => pages };
}

describe("a shared reader", () => {
	it("reads once for all who ask at the same time, and gives each what they asked for", async () => {
		const { shared, pages } = reader();
		const [a, bc] = await Promise.all([
			shared.read([{ name: "a.acme.com" }]),
			shared.read([{ name: "b.acme.com" }, { name: "c.acme.com" }]),
		]);
		expect(a.map(({ name }) => name)).toEqual(["a.acme.com"]);
		expect(bc.map(({ name }) => name)).toEqual(["b.acme.com", "c.acme.com"]);
		expect(pages()).toBe(1);
	});

	it("reads anew for who asks later", async () => {
		const { shared, pages } = reader();
		await shared.read([{ name: "a.acme.com" }]);
		await shared.read([{ name: "a.acme.com" }]);
		expect(pages()).toBe(2);
	});

	it("fails all who shared a reading, and none after", async () => {
		const { shared } = reader((page) => (page === 1 ? new Error("no answer") : undefined));
		const failed = await Promise.allSettled([
			shared.read([{ name: "a.acme.com" }]),
			shared.read([{ name: "b.acme.com" }]),
		]);
		expect(failed.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
		expect(await shared.read([{ name: "a.acme.com" }])).toHaveLength(1);
	});
});
