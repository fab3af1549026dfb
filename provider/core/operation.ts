import type { Lookups, Words } from "../../dns/index.js";
import type { Clock } from "./clock.js";
import type { RunCache } from "./run/cache.js";

/** What surrounds one operation of the engine, whatever it is about. */
export interface Operation {
	readonly clock: Clock;
	/** Uniform in [0, 1). */
	readonly random: () => number;
	readonly lookups: Lookups;
	/** Where the operation shows what it does. */
	readonly progress: Progress;
	/** Aborts when the work is to end: nothing of it is recorded any more. */
	readonly stop: AbortSignal;
	/**
	 * Looks at once, where `stop` comes late, whether what is done is still recorded; where it is not, `stop` has aborted
	 * when this resolves.
	 */
	readonly lookForStop?: (() => Promise<void>) | undefined;
	/** What the operations of this run share. */
	readonly cache: RunCache;
	/** The URN of the resource that the operation is about, where the binding knows it. */
	readonly urn: string | undefined;
}

export interface Progress {
	/** Replaces the line shown. */
	show(line: string): void;
	/** A warning that stays among the diagnostics. */
	warn(text: Words): void;
}
