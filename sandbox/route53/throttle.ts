import type { Clock } from "../clock.js";
import { ServiceError } from "../errors.js";

/** Refuses what an account asks beyond so many requests in any one second. */
export class Throttle {
	readonly #taken = new Map<string, number[]>();

	constructor(
		private readonly clock: Clock,
		/** Default: no limit. */
		private readonly perSecond: number | undefined,
	) {}

	/** @throws ServiceError Throttling */
	take(account: string): void {
		if (this.perSecond === undefined) return;
		const now = this.clock.now();
		const recent = (this.#taken.get(account) ?? []).filter((at) => at > now - 1000);
		this.#taken.set(account, recent);
		if (recent.length >= this.perSecond) throw new ServiceError(400, "Throttling", "Rate exceeded");
		recent.push(now);
	}
}
