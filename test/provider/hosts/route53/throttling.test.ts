import { describe, expect, it } from "vitest";
import { Route53Error } from "../../../../provider/core/hosts/route53/api.js";
import { Throttling } from "../../../../provider/core/hosts/route53/throttling.js";
import { pauseBefore } from "../../../../provider/core/jitter.js";
import { VirtualClock } from "../../virtual-clock.js";

const never = new AbortController().signal;
const throttled = () => new Route53Error("Rate exceeded", "Throttling", { requestId: "r-1" });
const lost = () => new Route53Error("socket hang up", "ECONNRESET", { unanswered: true });

/** Answers with these, one after the other, then with "done". */
function answers(...failures: Error[]) {
	let calls = 0;
	return {
		calls: () => calls,
		call: async () => {
			const failure = failures[calls];
			calls += 1;
			if (failure) throw failure;
			return "done";
		},
	};
}

function patience(random = () => 0.5) {
	const clock = new VirtualClock();
	const shown: string[] = [];
	return { clock, shown, patience: new Throttling(clock, random, (line) => shown.push(line)) };
}

describe("the pause before a repetition", () => {
	it("doubles up to 20 seconds, and at least half of it is certain", () => {
		expect([0, 1, 2, 5, 6, 50].map((n) => pauseBefore(n, () => 1))).toEqual([
			500, 1000, 2000, 16_000, 20_000, 20_000,
		]);
		expect(pauseBefore(3, () => 0)).toBe(2000);
	});
});

describe("a busy Route 53", () => {
	it.each(["Throttling", "ThrottlingException", "PriorRequestNotComplete", "RequestLimitExceeded"])(
		"is asked again after a pause when it says %s",
		async (code) => {
			const { patience: patient, clock, shown } = patience();
			const before = clock.now();
			const { call, calls } = answers(new Route53Error("busy", code), new Route53Error("busy", code));
			expect(await patient.run(false, never, call)).toBe("done");
			expect(calls()).toBe(3);
			expect(clock.now() - before).toBeGreaterThanOrEqual(375 + 750);
			expect(shown).toHaveLength(2);
		},
	);

	it("says what it waits for", async () => {
		const { patience: patient, shown } = patience();
		await patient.run(false, never, answers(new Route53Error("busy", "PriorRequestNotComplete")).call);
		await patient.run(false, never, answers(throttled()).call);
		expect(shown).toEqual([
			"Route 53 is making another change of this zone; waiting 1s",
			"Route 53 throttles this account; waiting 1s",
		]);
	});

	it("makes everybody wait once one call is told to", async () => {
		const clock = new VirtualClock();
		const began = clock.now();
		let patient: Throttling | undefined;
		const second = new Promise<number>((resolve, reject) => {
			patient = new Throttling(
				clock,
				() => 0.5,
				() => patient?.run(false, never, async () => resolve(clock.now())).catch(reject),
			);
		});
		await patient?.run(false, never, answers(throttled()).call);
		expect((await second) - began).toBeGreaterThanOrEqual(375);
	});

	it("starts with a short pause again once it has answered", async () => {
		const { patience: patient, clock } = patience(() => 1);
		await patient.run(false, never, answers(throttled(), throttled(), throttled()).call);
		const before = clock.now();
		await patient.run(false, never, answers(throttled()).call);
		expect(clock.now() - before).toBeLessThan(1000);
	});

	it("is given up after five minutes, with what it said and its request id", async () => {
		const { patience: patient, clock } = patience();
		const began = clock.now();
		const failure = await patient
			.run(false, never, async () => {
				throw throttled();
			})
			.catch((error: unknown) => error);
		expect(failure).toBeInstanceOf(Route53Error);
		expect(failure).toMatchObject({ word: "Throttling", requestId: "r-1" });
		expect((failure as Error).message).toContain("Rate exceeded It was tried for 5m");
		expect(clock.now() - began).toBeGreaterThan(5 * 60_000);
		expect(clock.now() - began).toBeLessThan(6 * 60_000);
	});

	it("is left at once on an abort, also in a pause", async () => {
		const { patience: patient } = patience();
		const controller = new AbortController();
		const run = patient.run(false, controller.signal, async () => {
			controller.abort(new Error("stop"));
			throw throttled();
		});
		await expect(run).rejects.toThrow("stop");
	});
});

describe("a call without an answer", () => {
	it("is repeated when it only reads", async () => {
		const { patience: patient } = patience();
		const { call, calls } = answers(lost(), lost());
		expect(await patient.run(true, never, call)).toBe("done");
		expect(calls()).toBe(3);
	});

	it("is repeated four times at most", async () => {
		const { patience: patient } = patience();
		const { call, calls } = answers(...Array.from({ length: 9 }, lost));
		await expect(patient.run(true, never, call)).rejects.toThrow("socket hang up");
		expect(calls()).toBe(5);
	});

	it("is never repeated when it may have changed something", async () => {
		const { patience: patient } = patience();
		const { call, calls } = answers(lost());
		await expect(patient.run(false, never, call)).rejects.toThrow("socket hang up");
		expect(calls()).toBe(1);
	});
});

it("gives any other refusal on at once", async () => {
	const { patience: patient } = patience();
	const { call, calls } = answers(new Route53Error("no", "AccessDenied"));
	await expect(patient.run(true, never, call)).rejects.toThrow("no");
	expect(calls()).toBe(1);
});
