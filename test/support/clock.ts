import type { Clock } from "../../sandbox/index.js";

/** A clock that stands still until a test moves it. */
export class ManualClock implements Clock {
	#now = Date.UTC(2026, 0, 1);
	#sleepers: { until: number; wake: () => void }[] = [];

	now(): number {
		return this.#now;
	}

	sleep(ms: number): Promise<void> {
		return new Promise((wake) => this.#sleepers.push({ until: this.#now + ms, wake }));
	}

	/** Lets `ms` milliseconds pass; whoever slept until then wakes. */
	advance(ms: number): void {
		this.#now += ms;
		const due = this.#sleepers.filter(({ until }) => until <= this.#now);
		this.#sleepers = this.#sleepers.filter(({ until }) => until > this.#now);
		for (const { wake } of due) wake();
	}
}
