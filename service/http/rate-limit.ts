import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { tooMany } from "../setups/errors.js";

/** Over how long a rate is averaged: a burst of ten seconds' worth passes. */
const windowMs = 10_000;

/** In how many parts an instance draws a budget that it shares with others: each costs the database one write. */
const parts = 20;

/** How long the database is left alone once it failed, in milliseconds. */
const awayMs = 5_000;

/** What was drawn from a budget. */
interface Draw {
	/** 0 to as many as were wanted. */
	readonly granted: number;
	/** When the budget is whole again, in milliseconds from now. */
	readonly msLeft: number;
}

/** Counts for several instances. */
export interface SharedBudgets {
	draw(name: string, wanted: number, budget: number, windowMs: number): Promise<Draw>;
}

/** What this instance holds of a budget. */
interface Share {
	left: number;
	/** Whether the budget had no more to give. */
	readonly isLast: boolean;
	/** By `performance.now()`. */
	readonly until: number;
}

/**
 * So many requests in a second of each of those who make them, averaged over ten seconds. Each instance counts by
 * itself; with shared budgets they count together as well, in parts of a twentieth, so that an instance may be refused
 * what others have drawn and not spent. While those cannot be asked, an instance's own count is all there is.
 */
export class RateLimit {
	readonly #budget: number;
	readonly #own: RateLimiterMemory;
	readonly #shares = new Map<string, Share>();
	readonly #drawing = new Map<string, Promise<void>>();
	/** By `performance.now()`. */
	#askAgainAt = 0;

	constructor(
		perSecond: number,
		private readonly shared?: SharedBudgets,
		/** Is told when they cannot be asked. */
		private readonly onAway: (error: unknown) => void = () => {},
	) {
		this.#budget = Math.max(1, Math.round((perSecond * windowMs) / 1_000));
		this.#own = new RateLimiterMemory({ points: this.#budget, duration: windowMs / 1_000 });
	}

	/**
	 * Counts one request.
	 * @param name of whoever makes it
	 * @param whose completes "Too many requests"
	 * @throws ApiError 429
	 */
	async spend(name: string, whose: string): Promise<void> {
		const ms = (await this.#spendOwn(name)) || (await this.#spendShared(name));
		if (ms > 0) throw tooMany(`Too many requests ${whose}.`, ms);
	}

	/** @returns 0, or how long there is nothing left, in milliseconds. */
	async #spendOwn(name: string): Promise<number> {
		try {
			await this.#own.consume(name);
			return 0;
		} catch (error) {
			if (!(error instanceof RateLimiterRes)) throw error;
			return Math.max(1, error.msBeforeNext);
		}
	}

	async #spendShared(name: string): Promise<number> {
		if (!this.shared) return 0;
		for (;;) {
			const now = performance.now();
			if (now < this.#askAgainAt) return 0;
			const share = this.#shares.get(name);
			if (share && now < share.until) {
				share.left -= 1;
				if (share.left >= 0) return 0;
				if (share.isLast) return share.until - now;
			}
			await this.#drawOnce(name, this.shared);
		}
	}

	/** One draw for all who wait for it. */
	#drawOnce(name: string, shared: SharedBudgets): Promise<void> {
		const underWay = this.#drawing.get(name);
		if (underWay) return underWay;
		const draw = this.#draw(name, shared).finally(() => this.#drawing.delete(name));
		this.#drawing.set(name, draw);
		return draw;
	}

	async #draw(name: string, shared: SharedBudgets): Promise<void> {
		const wanted = Math.ceil(this.#budget / parts);
		try {
			const { granted, msLeft } = await shared.draw(name, wanted, this.#budget, windowMs);
			const now = performance.now();
			this.#forget(now);
			this.#shares.delete(name);
			this.#shares.set(name, {
				left: granted,
				isLast: granted < wanted,
				until: now + Math.max(1, msLeft),
			});
		} catch (error) {
			this.#askAgainAt = performance.now() + awayMs;
			this.onAway(error);
		}
	}

	/** The oldest come first; none is older than a window. */
	#forget(now: number): void {
		for (const [name, { until }] of this.#shares) {
			if (now < until) return;
			this.#shares.delete(name);
		}
	}
}
