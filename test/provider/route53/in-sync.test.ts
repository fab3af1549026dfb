import { describe, expect, it } from "vitest";
import { Route53Error } from "../../../provider/core/route53/api.js";
import { ChangePoller } from "../../../provider/core/route53/in-sync.js";
import { VirtualClock } from "../virtual-clock.js";

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
	const change = async (id: string, after = 0) => {
		await clock.sleep(after * 1000, stop.signal);
		accepted.set(id, clock.now());
		await poller.inSync(id, clock.now());
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
		expect(asked.length).toBeLessThan(12);
		const prompt = stage(() => 0);
		expect(await prompt.change("one")).toBeLessThan(1);
		expect(prompt.asked).toHaveLength(1);
	});

	it("are each asked for once by all who wait for them", async () => {
		const { change, poller, asked } = stage(() => 0);
		await Promise.all([change("one"), poller.inSync("one", 0), poller.inSync("one", 0)]);
		expect(asked).toHaveLength(1);
	});

	it("that Route 53 does not tell of fail alone", async () => {
		const { change } = stage((id) => {
			if (id === "bad") throw new Route53Error("no", "AccessDenied");
			return 3;
		});
		const [bad, good] = await Promise.allSettled([change("bad"), change("good")]);
		expect(bad).toMatchObject({ status: "rejected", reason: { code: "AccessDenied" } });
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
