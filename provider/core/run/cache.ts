import type { SesSetupListItemResponse } from "../../../sdk/contract.js";
import type { Setup } from "../channels/setup.js";
import { RateLimiter } from "../rate-limiter.js";

/** A change that `Route53Records` leaves to the wait for verification: a slot of the engine less for a minute. */
export interface HandedOn {
	readonly zoneName: string;
	/** Resolves once every name server of the zone has the change, and rejects with what the polling throws. */
	readonly inSync: Promise<void>;
}

/** What the operations of a run share, in one account of the API: made with their world, and forgotten with it. */
export class RunCache {
	/** By setup: the last change of its records that was left to the wait for verification. */
	readonly changes = new Map<string, HandedOn>();
	/** Setups of which the records were taken down. */
	readonly removed = new Set<string>();
	/** By setup: until when the API's resolver may remember a record that it did not find. */
	readonly negative = new Map<string, number>();
	/** By id: the last answer of the API, undefined where the setup is gone, and when it was asked for. */
	readonly setups = new Map<string, { at: number; hasTenant: boolean; setup: Promise<Setup | undefined> }>();
	/** All setups of the workspace, and when they were asked for. */
	list: { at: number; items: Promise<SesSetupListItemResponse[]> } | undefined;
	readonly limiters = { api: new RateLimiter(), looks: new RateLimiter() };
	/** How many waits for verification are under way. */
	waits = 0;
	isBlockageTold = false;
	/** What keeps domains from sending, as far as it was told. */
	readonly toldObstacles = new Set<string>();

	handOn(setupId: string, change: HandedOn): void {
		this.changes.set(setupId, change);
		// The wait may never begin.
		change.inSync.catch(() => {});
	}
}
