/** Changes that `Route53Records` leaves to the wait for verification: a slot of the engine less for a minute. */
import type { World } from "../world.js";

export interface HandedOn {
	readonly zoneName: string;
	/** Resolves once every name server of the zone has the change. @throws what the polling throws */
	inSync(): Promise<void>;
}

/** By the client that all operations of a run share. */
const handed = new WeakMap<World["channels"], Map<string, HandedOn>>();

export function handOn({ channels }: Pick<World, "channels">, setupId: string, change: HandedOn): void {
	handed.set(channels, (handed.get(channels) ?? new Map()).set(setupId, change));
}

/** The last change of a setup's records in this run that nobody has waited for. */
export function handedOn({ channels }: Pick<World, "channels">, setupId: string): HandedOn | undefined {
	return handed.get(channels)?.get(setupId);
}
