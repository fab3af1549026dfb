import { expect, it } from "vitest";
import { systemClock } from "../../ses/calls/clock.js";
import { Pacing } from "../../ses/calls/pacing.js";

const never = new AbortController().signal;

it("lets the urgent ones through first, each kind in the order of its asking", async () => {
	const pacing = new Pacing(50, systemClock, Math.random);
	const order: string[] = [];
	const take = (name: string, isUrgent: boolean) =>
		pacing.turn("GetTenant", isUrgent, never).then(() => order.push(name));
	await Promise.all([
		take("first", false),
		take("sweep 1", false),
		take("sweep 2", false),
		take("client 1", true),
		take("client 2", true),
	]);
	expect(order).toEqual(["first", "client 1", "client 2", "sweep 1", "sweep 2"]);
});

it("keeps operations apart", async () => {
	const pacing = new Pacing(0.1, systemClock, Math.random);
	await Promise.all(["GetTenant", "CreateTenant"].map((operation) => pacing.turn(operation, true, never)));
});

it("lets whoever gives up leave the queue, and holds nobody else up for it", async () => {
	const pacing = new Pacing(1, systemClock, Math.random);
	await pacing.turn("GetTenant", true, never);
	const patience = new AbortController();
	const leaving = pacing.turn("GetTenant", true, patience.signal);
	const staying = pacing.turn("GetTenant", true, never);
	patience.abort(new Error("enough"));
	await expect(leaving).rejects.toThrow("enough");
	const started = performance.now();
	await staying;
	// One second for its own turn, and none for the one that left.
	expect(performance.now() - started).toBeLessThan(1_900);
});

it("paces requests of SES workspace by workspace, the urgent ones first", async () => {
	const pacing = new Pacing(100, systemClock, Math.random);
	const order: string[] = [];
	const take = (name: string, isUrgent = true) =>
		pacing.turn("GetTenant", isUrgent, never, name.slice(0, 1)).then(() => order.push(name));
	await Promise.all([
		take("a1"),
		take("z1", false),
		...["a2", "a3", "a4", "b1", "b2", "c1"].map((name) => take(name)),
	]);
	expect(order).toEqual(["a1", "a2", "b1", "c1", "a3", "b2", "a4", "z1"]);
});

it("a burst passes after a pause, and none once SES throttles", async () => {
	const pacing = new Pacing(1, systemClock, Math.random, 2);
	const soon = () => AbortSignal.timeout(20);
	const turn = () => pacing.turn("GetTenant", true, soon());
	await turn();
	await turn();
	await expect(turn()).rejects.toThrow();
	const throttled = new Pacing(1, systemClock, Math.random, 2);
	await throttled.turn("GetTenant", true, soon());
	throttled.slow("GetTenant", Number.POSITIVE_INFINITY);
	await expect(throttled.turn("GetTenant", true, soon())).rejects.toThrow();
});
