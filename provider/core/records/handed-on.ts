/** Changes that `Route53Records` leaves to the wait for verification: a slot of the engine less for a minute. */
import { perRun } from "../per-run.js";
import type { World } from "../world.js";

export interface HandedOn {
	readonly zoneName: string;
	/** Resolves once every name server of the zone has the change, and rejects with what the polling throws. */
	readonly inSync: Promise<void>;
}

const bySetup = perRun(() => new Map<string, HandedOn>());

export function handOn(world: Pick<World, "channels">, setupId: string, change: HandedOn): void {
	bySetup(world).set(setupId, change);
	// The wait may never begin.
	change.inSync.catch(() => {});
}

/** The last change of a setup's records that this run has left to the wait for verification. */
export function handedOn(world: Pick<World, "channels">, setupId: string): HandedOn | undefined {
	return bySetup(world).get(setupId);
}
