import { type Clock, systemClock } from "../../provider/core/clock.js";

/** A clock that runs fast, for real sockets under handlers that would rather wait. */
export class HastyClock implements Clock {
	/**
	 * @param speed so many of its seconds pass in one second of the machine
	 * @param began when it showed the machine's time
	 */
	constructor(
		private readonly speed = 50,
		private readonly began = Date.now(),
	) {}

	now(): number {
		return this.at(Date.now());
	}

	/** What it shows when the machine's clock shows this. */
	at(time: number): number {
		return this.began + (time - this.began) * this.speed;
	}

	monotonic(): number {
		return performance.now() * this.speed;
	}

	sleep(ms: number, signal: AbortSignal): Promise<void> {
		return systemClock.sleep(ms / this.speed, signal);
	}
}
