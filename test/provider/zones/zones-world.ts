import type { ZonesWorld } from "../../../provider/core/zones/publisher.js";
import { VirtualClock } from "../virtual-clock.js";

/** A world without surprises, on a virtual clock. */
export const zonesWorld = (different: Partial<ZonesWorld> = {}): ZonesWorld => ({
	clock: new VirtualClock(),
	random: () => 0.5,
	complete: () => false,
	stop: new AbortController().signal,
	...different,
});
