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

/** Tells what is gone from what SES has not spread yet. */
export class Sightings {
	/** When this process has made, or last met, what is called so. */
	readonly #made = new Map<string, number>();

	/**
	 * @param options in milliseconds. `absentMs`: so long no server may have a thing until it counts as gone. `freshMs`: so long
	 * SES may go on without what this process has made.
	 */
	constructor(
		private readonly clock: SesClock,
		private readonly options: { readonly absentMs: number; readonly freshMs: number },
	) {}

	/** It stands, as a call has just shown that changed something. */
	made(what: string): void {
		const now = this.clock.now();
		for (const [each, at] of this.#made) if (now - at >= this.options.freshMs) this.#made.delete(each);
		this.#made.set(what, now);
	}

	/** This process takes it down. */
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
		const { absentMs, freshMs } = this.options;
		const since = this.clock.now();
		for (let pauseMs = firstMs; ; pauseMs = Math.min(2 * pauseMs, longestMs)) {
			const found = await read();
			if (found !== undefined) return found;
			const madeAt = this.#made.get(what) ?? Number.NEGATIVE_INFINITY;
			const restMs = Math.max(since + absentMs, madeAt + freshMs) - this.clock.now();
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
