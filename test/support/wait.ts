import { setTimeout as sleep } from "node:timers/promises";

/** Waits for a condition, looking every 50 ms. @throws {Error} naming `what` was awaited at the deadline. */
export async function waitUntil(
	condition: () => boolean | Promise<boolean>,
	{ timeoutMs, what }: { timeoutMs: number; what: () => string },
): Promise<void> {
	const deadline = performance.now() + timeoutMs;
	while (!(await condition())) {
		if (performance.now() > deadline) throw new Error(`After ${timeoutMs} ms still no ${what()}`);
		await sleep(50);
	}
}
