import { describe, expect, it } from "vitest";
import { Route53Error } from "../../../../provider/core/hosts/route53/api.js";
import { ChangePoller } from "../../../../provider/core/hosts/route53/in-sync.js";
import type { SettledOptions } from "../../../../provider/core/zones/host.js";
import { VirtualClock } from "../../virtual-clock.js";

/** Changes that are everywhere so many seconds after they were accepted. */
function stage(takes: (id: string) => number) {
	const clock = new VirtualClock();
	const stop = new AbortController();
	const began = clock.now();
	const seconds = () => (clock.now() - began) / 1000;
	const accepted = new Map<string, number>();
	const asked: [seconds: number, id: string][] = [];
	const poller = new ChangePoller(
		{
			async inSync(id) {
				asked.push([seconds(), id]);
				return clock.now() >= (accepted.get(id) ?? 0) + takes(id) * 1000;
			},
		},
		{ clock, random: () => 0.5, stop: stop.signal },
	);
	/** Accepted after so many seconds, and waited for from then on. */
	const change = async (id: string, after = 0, options?: SettledOptions & { zoneId?: string }) => {
		await clock.sleep(after * 1000, stop.signal);
		accepted.set(id, clock.now());
		await poller.inSync({ id, zoneId: options?.zoneId ?? "Z", at: clock.now() }, options);
		return seconds();
	};
	return { poller, change, asked, stop };
}

describe("the changes of an account", () => {
	it("are asked for one at a time, never two within two seconds", async () => {
		const { change, asked } = stage(() => 20);
		const ends = await Promise.all(Array.from({ length: 10 }, (_, index) => change(`c${index}`, index * 2)));
		for (const [index, [at]] of asked.entries())
			if (index > 0) expect(at - (asked[index - 1]?.[0] ?? 0)).toBeGreaterThan(1.999);
		// Each some seconds after it is there, once the first one has shown how long that takes.
		for (const [index, end] of ends.entries()) expect(end).toBeLessThan(index * 2 + 20 + 7);
		expect(asked.length).toBeLessThan(10 + 15);
	});

	it("are asked for at once where there is one, and then ever less often", async () => {
		const { change, asked } = stage(() => 30);
		expect(await change("one")).toBeLessThan(36);
		expect(asked[0]?.[0]).toBeLessThan(1);
		expect(asked.length).toBeLessThan(13);
		const prompt = stage(() => 0);
		expect(await prompt.change("one")).toBeLessThan(1);
		expect(prompt.asked).toHaveLength(1);
	});

	it("are answered for by a later one of their zone, for who looks at the name servers himself", async () => {
		const { change, asked } = stage(() => 20);
		const steady = Array.from({ length: 10 }, (_, index) => index * 0.2);
		const ends = await Promise.all([
			...steady.map((after, index) => change(`c${index}`, after, { byLater: true })),
			...steady.map((after, index) => change(`other${index}`, after, { byLater: true, zoneId: "Y" })),
		]);
		expect(Math.max(...ends)).toBeLessThan(20 + 1.8 + 6);
		expect(asked.length).toBeLessThan(20);
	});

	it("are never answered for by an earlier one, or for who does not look himself", async () => {
		const { change, asked } = stage((id) => (id === "late" ? 40 : 20));
		const strict = change("strict", 0);
		const [early, late] = await Promise.all([
			change("early", 1, { byLater: true }),
			change("late", 2, { byLater: true }),
		]);
		expect(await strict).toBeGreaterThan(20);
		expect(early).toBeLessThan(30);
		expect(late).toBeGreaterThan(42);
		expect(asked.some(([, id]) => id === "strict")).toBe(true);
	});

	it("are asked for soon one after the other where Route 53 is prompt", async () => {
		const { change } = stage(() => 0);
		const ends = await Promise.all(
			Array.from({ length: 8 }, (_, index) => change(`c${index}`, index * 0.3, { zoneId: `Z${index}` })),
		);
		for (const [index, end] of ends.entries()) expect(end).toBeLessThan(index * 0.3 + 1);
	});

	it("are each asked for once by all who wait for them", async () => {
		const { change, asked } = stage(() => 0);
		await Promise.all([change("one"), change("one"), change("one", 0, { byLater: true })]);
		expect(asked).toHaveLength(1);
	});

	it("that Route 53 does not tell of fail alone", async () => {
		const { change } = stage((id) => {
			if (id === "bad") throw new Route53Error("no", "AccessDenied");
			return 3;
		});
		const [bad, good] = await Promise.allSettled([change("bad"), change("good")]);
		expect(bad).toMatchObject({ status: "rejected", reason: { word: "AccessDenied" } });
		expect(good.status).toBe("fulfilled");
	});

	it("are waited for ten minutes, and no longer than the run", async () => {
		const { change } = stage(() => 3_600);
		await expect(change("never")).rejects.toThrow("Waited 10m for change never to reach every Route 53 name");
		const stopped = stage(() => 3_600);
		const waiting = [stopped.change("a"), stopped.change("b")];
		stopped.stop.abort(new Error("stopped"));
		for (const each of await Promise.allSettled(waiting))
			expect(each).toMatchObject({ status: "rejected", reason: { message: "stopped" } });
	});
});
