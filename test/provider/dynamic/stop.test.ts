import { describe, expect, it } from "vitest";
import { Operations } from "../../../provider/core/running-operations.js";
import { windUp } from "../../../provider/dynamic/stop.js";
import { VirtualClock } from "../virtual-clock.js";

/** How long a process lives on that is told to stop while it works. */
async function lifeAfterStop(work?: (clock: VirtualClock) => Promise<void>): Promise<number> {
	const clock = new VirtualClock();
	const operations = new Operations();
	if (work) operations.run(() => work(clock)).catch(() => {});
	const told = clock.now();
	await windUp(operations, clock);
	return clock.now() - told;
}

const never = new AbortController().signal;
const momentMs = 50;

describe("a process that is told to stop", () => {
	it("leaves at once when it is idle, because the engine waits for it", async () => {
		expect(await lifeAfterStop()).toBe(0);
	});

	it("lets its work end and answer first, well or not", async () => {
		for (const end of [() => {}, () => Promise.reject(new Error("stopped"))]) {
			const life = await lifeAfterStop((clock) => clock.sleep(300, never).then(end));
			expect(life).toBeGreaterThan(300);
			expect(life).toBeLessThan(300 + momentMs);
		}
	});

	it("leaves before the engine kills it, whatever its work does", async () => {
		expect(await lifeAfterStop((clock) => clock.sleep(60_000, never))).toBeLessThan(5_000);
	});
});
