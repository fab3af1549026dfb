import { describe, expect, it } from "vitest";
import { Coalescer } from "../../../provider/core/zones/coalesce.js";
import { VirtualClock } from "../virtual-clock.js";

const never = new AbortController().signal;

/** Adds one item at each of these times, in milliseconds; gives the size and the time of each work. */
async function gathered(times: number[], { workMs = 10, complete = (): boolean => false } = {}) {
	const clock = new VirtualClock();
	const began = clock.now();
	const works: { size: number; at: number }[] = [];
	const done: Promise<void>[] = [];
	const coalescer = new Coalescer<() => void>({ clock, longestWindowMs: 5_000, complete }, async (items) => {
		works.push({ size: items.length, at: clock.now() - began });
		await clock.sleep(workMs, never);
		for (const settle of items) settle();
	});
	for (const time of times) {
		await clock.sleep(began + time - clock.now(), never);
		done.push(new Promise((resolve) => coalescer.add(resolve)));
	}
	await Promise.all(done);
	return works;
}

const sizes = (works: { size: number }[]) => works.map(({ size }) => size);

describe("gathering", () => {
	it("makes who is alone wait 15 ms, also one after the other", async () => {
		expect(await gathered([0, 5_000, 10_000])).toEqual([
			{ size: 1, at: 15 },
			{ size: 1, at: 5_015 },
			{ size: 1, at: 10_015 },
		]);
	});

	it("takes together who comes within the window", async () => {
		expect(sizes(await gathered([0, 1, 14]))).toEqual([3]);
	});

	it("takes together who comes while the last work is under way", async () => {
		expect(sizes(await gathered([0, 20, 100, 400], { workMs: 500 }))).toEqual([1, 3]);
	});

	it("waits longer where more keeps coming: a hundred in twenty seconds are a few works", async () => {
		const works = await gathered(Array.from({ length: 100 }, (_, index) => index * 200));
		expect(sizes(works).reduce((sum, size) => sum + size, 0)).toBe(100);
		expect(works.length).toBeLessThanOrEqual(9);
	});

	it("makes a few neighbours wait little", async () => {
		const works = await gathered([0, 30, 60, 90]);
		expect(works.at(-1)?.at).toBeLessThan(200);
	});

	it("does not wait on for long once nobody comes any more", async () => {
		const times = Array.from({ length: 40 }, (_, index) => Math.floor(index / 8) * 500 + (index % 8));
		const works = await gathered(times);
		for (const { at } of works) expect(at % 500).toBeLessThan(340);
		expect(sizes(works)).toEqual([8, 8, 8, 8, 8]);
	});

	it("does not wait on for anybody once nobody can come", async () => {
		const times = Array.from({ length: 40 }, (_, index) => Math.floor(index / 8) * 500 + (index % 8));
		const works = await gathered(times, { complete: () => true });
		expect(sizes(works)).toEqual([8, 8, 8, 8, 8]);
		expect(works.at(-1)?.at).toBe(2_015);
	});
});
