// SES spreads over its servers what it was told to do, and answers from those that were not yet told.

import type { SesClock } from "./clock.js";
import type { Deadline } from "./deadline.js";
import { UpstreamError } from "./errors.js";

/** The pauses between repetitions, in milliseconds: the first, and the longest. */
const firstMs = 250;
const longestMs = 4_000;

/** Repeats a call while it fails for what SES has not spread yet. The deadline ends it, with SES's own word. */
export async function repeatWhile<Answer>(
	isLag: (error: unknown) => boolean,
	call: () => Promise<Answer>,
	deadline: Deadline,
	clock: SesClock,
): Promise<Answer> {
	let lag: unknown;
	for (let pauseMs = firstMs; ; pauseMs = Math.min(2 * pauseMs, longestMs)) {
		try {
			return await call();
		} catch (error) {
			if (lag !== undefined && deadline.signal.aborted) throw lag;
			if (!isLag(error)) throw error;
			lag = error;
			await clock.sleep(pauseMs, deadline.signal).catch(() => {
				throw error;
			});
		}
	}
}

/** How long SES may go on without what this process has made, in milliseconds. */
const freshMs = 30_000;

/** Tells what is gone from what SES has not spread yet. */
export class Sightings {
	/** When this process has made, or last met, what is called so. */
	readonly #made = new Map<string, number>();

	/** @param absentMs so long no server may have a thing until it counts as gone; 0: one answer is enough */
	constructor(
		private readonly clock: SesClock,
		private readonly absentMs: number,
	) {}

	/** It stands, as a call has just shown that changed something. */
	made(what: string): void {
		const now = this.clock.now();
		for (const [each, at] of this.#made) if (now - at >= freshMs) this.#made.delete(each);
		this.#made.set(what, now);
	}

	/** This process has taken it down. */
	taken(what: string): void {
		this.#made.delete(what);
	}

	/**
	 * Undefined once it counts as gone.
	 * @throws UpstreamError at the deadline, where that is still open
	 */
	async find<Found>(
		what: string,
		read: () => Promise<Found | undefined>,
		deadline: Deadline,
	): Promise<Found | undefined> {
		const since = this.clock.now();
		for (let pauseMs = firstMs; ; pauseMs = Math.min(2 * pauseMs, longestMs)) {
			const found = await read();
			if (found !== undefined || this.absentMs === 0) return found;
			const madeAt = this.#made.get(what);
			const until = Math.max(since + this.absentMs, madeAt === undefined ? 0 : madeAt + freshMs);
			const restMs = until - this.clock.now();
			if (restMs <= 0) return undefined;
			await this.clock.sleep(Math.min(pauseMs, restMs), deadline.signal).catch(() => {
				throw stillMissing(what);
			});
		}
	}
}

/** What SES says exists, or that this process has made, and SES does not find. */
export function stillMissing(what: string): UpstreamError {
	return new UpstreamError(
		"unavailable",
		`Get ${what}`,
		"SES does not find it, and has not said that it is gone",
	);
}
