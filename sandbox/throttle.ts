import type { ServiceError } from "./errors.js";
import type { Clock } from "./server-clock.js";

/** Refuses what somebody asks beyond so many requests in any one second. */
export class Throttle {
	readonly #taken = new Map<string, number[]>();

	constructor(
		private readonly clock: Clock,
		/** Default: no limit. */
		private readonly perSecond: number | undefined,
		private readonly refusal: () => ServiceError,
	) {}

	/** @throws the refusal. */
	take(key: string): void {
		if (this.perSecond === undefined) return;
		const now = this.clock.now();
		const recent = (this.#taken.get(key) ?? []).filter((at) => at > now - 1000);
		this.#taken.set(key, recent);
		if (recent.length >= this.perSecond) throw this.refusal();
		recent.push(now);
	}
}
