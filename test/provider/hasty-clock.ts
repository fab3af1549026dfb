import { type Clock, systemClock } from "../../provider/core/clock.js";

/** So many of its seconds pass in one second of the machine. */
const speed = 50;

/** A clock that runs fast, for real sockets under handlers that would rather wait. */
export class HastyClock implements Clock {
	readonly #began = Date.now();

	now(): number {
		return this.#began + (Date.now() - this.#began) * speed;
	}

	monotonic(): number {
		return performance.now() * speed;
	}

	sleep(ms: number, signal: AbortSignal): Promise<void> {
		return systemClock.sleep(ms / speed, signal);
	}
}
