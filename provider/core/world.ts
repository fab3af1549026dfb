import type { Lookups, Words } from "../../dns/index.js";
import type { ChannelsClient } from "../../sdk/index.js";
import type { Clock } from "./clock.js";
import type { Route53Access } from "./hosts/route53/api.js";
import type { RunCache } from "./run/cache.js";
import type { Claims } from "./run/claims.js";
import type { Zones } from "./zones/zones.js";

/**
 * Everything outside that the handlers touch, for one operation. `compose.ts` builds the real one; a test may
 * build another with a clock of its own.
 */
export interface World {
	readonly clock: Clock;
	/** Uniform in [0, 1). */
	readonly random: () => number;
	readonly workspaceId: string;
	readonly channels: ChannelsClient;
	readonly lookups: Lookups;
	/** The zones that these credentials reach, by host. */
	readonly hosts: Hosts;
	/** Where the operation shows what it does. */
	readonly progress: Progress;
	/** Aborts when the work is to end: nothing of it is recorded any more. */
	readonly stop: AbortSignal;
	/**
	 * Looks at once, where `stop` comes late, whether what is done is still recorded; where it is not, `stop` has aborted
	 * when this resolves.
	 */
	readonly lookForStop?: (() => Promise<void>) | undefined;
	/** How many operations run at once unless it is told otherwise. */
	readonly slots: number;
	/** What this run declares and keeps. */
	readonly claims: Claims;
	/** What the operations of this run share. */
	readonly cache: RunCache;
	/** The URN of the resource that the operation is about, where the binding knows it. */
	readonly urn: string | undefined;
}

interface Hosts {
	route53(access: Route53Access): Promise<Zones>;
}

/** The world of what asks DNS and Route 53 alone. */
export type DnsWorld = Omit<World, "workspaceId" | "channels">;

/** The part of the world that a comparison needs: as a rule it asks nobody, and then nothing is loaded for it. */
export interface DiffWorld extends Pick<World, "workspaceId" | "claims" | "urn"> {
	/** Whether the engine leaves what is replaced as it is: `retainOnDelete`. */
	readonly retained?: boolean;
	whole(): Promise<World>;
}

export interface Progress {
	/** Replaces the line shown. */
	show(line: string): void;
	/** A warning that stays among the diagnostics. */
	warn(text: Words): void;
}
