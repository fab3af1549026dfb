import type { Clock } from "../../provider/core/clock.js";

/** A clock that never waits: once nothing else is going on, it jumps to the next sleeper's time. */
export class VirtualClock implements Clock {
	/** What was slept, in milliseconds, in the order in which it was asked for. */
	readonly slept: number[] = [];
	#now = Date.UTC(2026, 0, 1);
	#sleepers: { until: number; wake(): void }[] = [];
	#jumping = false;

	now(): number {
		return this.#now;
	}

	monotonic(): number {
		return this.#now;
	}

	sleep(ms: number, signal: AbortSignal): Promise<void> {
		this.slept.push(ms);
		return new Promise((resolve, reject) => {
			signal.throwIfAborted();
			const sleeper = {
				until: this.#now + ms,
				wake: () => {
					signal.removeEventListener("abort", abort);
					resolve();
				},
			};
			const abort = () => {
				this.#sleepers = this.#sleepers.filter((each) => each !== sleeper);
				reject(signal.reason);
			};
			signal.addEventListener("abort", abort, { once: true });
			this.#sleepers.push(sleeper);
			this.#jumpWhenIdle();
		});
	}

	#jumpWhenIdle(): void {
		if (this.#jumping) return;
		this.#jumping = true;
		setImmediate(() => {
			this.#jumping = false;
			const [next] = this.#sleepers.toSorted((a, b) => a.until - b.until);
			if (!next) return;
			this.#now = Math.max(this.#now, next.until);
			this.#sleepers = this.#sleepers.filter((each) => each !== next);
			next.wake();
			this.#jumpWhenIdle();
		});
	}
}
