import { homeInWords } from "../channels/place.js";
import type { Setup, SetupRef } from "../channels/setup.js";
import { UserError } from "../errors.js";
import type { World } from "../world.js";

/** How long one answer serves: a refresh reads the setup and its verification, and each look asks live DNS. */
const freshMs = 10_000;

/** The setup as it is now, or undefined if it is gone for certain. Readers at the same time share one call. */
export function liveSetup(world: World, ref: SetupRef): Promise<Setup | undefined> {
	const { cache, clock } = world;
	const recent = cache.setups.get(ref.id);
	if (recent && clock.now() - recent.at < freshMs) return recent.setup;
	const setup = world.channels.read(world, ref);
	cache.setups.set(ref.id, { at: clock.now(), setup });
	setup.catch(() => cache.setups.delete(ref.id));
	return setup;
}

/**
 * What other credentials do not find is not gone. The API over HTTP proves it by the key and the workspace.
 *
 * @throws UserError where nobody knows in which AWS account and region the setup was.
 */
export async function refuseUnproven(world: World, { id, account, region }: SetupRef): Promise<void> {
	const home = await world.channels.home(world);
	if (home.account === undefined || (account !== undefined && region !== undefined)) return;
	throw new UserError(
		"gone-unproven",
		`${homeInWords(home)} has nothing of setup ${id}. It is not taken for gone, because the ` +
			"state does not say in which account and region it was.",
	);
}
