import { describe, expect, it } from "vitest";
import { Operations } from "../../provider/core/running-operations.js";

/** Starts so many operations; the function returned ends one. */
function start(operations: Operations, count: number): (() => Promise<void>)[] {
	return Array.from({ length: count }, () => {
		let end = () => {};
		const running = operations.run(
			() =>
				new Promise<void>((resolve) => {
					end = resolve;
				}),
		);
		return () => {
			end();
			return running;
		};
	});
}

describe("operations", () => {
	it("fill the engine's slots while as many are under way", async () => {
		const operations = new Operations();
		const [end] = start(operations, 3);
		expect(operations.fill(4)).toBe(false);
		start(operations, 1);
		expect(operations.fill(4)).toBe(true);
		await end?.();
		expect(operations.fill(4)).toBe(false);
	});

	it("never fill them once more were seen: then the number of slots is another", async () => {
		const operations = new Operations();
		const [end] = start(operations, 5);
		await end?.();
		expect(operations.fill(4)).toBe(false);
	});

	it("leave the process idle once the last of them has ended", async () => {
		const operations = new Operations();
		await operations.idle();
		const [first, second] = start(operations, 2);
		let idle = false;
		const waiting = operations.idle().then(() => {
			idle = true;
		});
		await first?.();
		expect(idle).toBe(false);
		await second?.();
		await waiting;
	});

	it("that fail have ended", async () => {
		const operations = new Operations();
		await expect(operations.run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
		start(operations, 1);
		expect(operations.fill(1)).toBe(true);
	});
});
