import type { Setup, SetupRef } from "../channels/setup.js";
import type { World } from "../world.js";

/** How long one answer serves: a refresh reads the setup and its verification, and each look asks live DNS. */
const freshMs = 10_000;

/**
 * The setup as it is now, or undefined if it is gone for certain. Readers at the same time share one call; what was not found
 * without its tenant may be found with it.
 */
export async function liveSetup(world: World, ref: SetupRef): Promise<Setup | undefined> {
	const { cache, clock } = world;
	const recent = cache.setups.get(ref.id);
	if (recent && clock.now() - recent.at < freshMs) {
		const found = await recent.setup;
		if (found !== undefined || recent.hasTenant || ref.tenant === undefined) return found;
	}
	const setup = world.channels.read(world, ref);
	cache.setups.set(ref.id, { at: clock.now(), hasTenant: ref.tenant !== undefined, setup });
	setup.catch(() => cache.setups.delete(ref.id));
	return setup;
}
