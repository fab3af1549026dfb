import type { UseCaseResponse } from "../../../sdk/contract.js";
import { ForbiddenError } from "../../../sdk/errors.js";
import { inUse } from "../channels/in-use.js";
import { UserError } from "../errors.js";
import type { World } from "../world.js";

/**
 * Refuses to take down the DNS of a setup that cannot be deleted: the engine removes the records first.
 *
 * @throws UserError naming the use cases, or why they could not be listed.
 */
export async function refuseWhileUsed(world: World, setupId: string): Promise<void> {
	const { channels, progress } = world;
	if (!channels.users) return;
	progress.show("asking whether anything still uses the setup");
	let users: readonly UseCaseResponse[];
	try {
		users = await channels.users(world, { id: setupId });
	} catch (error) {
		world.stop.throwIfAborted();
		if (error instanceof ForbiddenError) {
			progress.warn(
				`This key may not list use cases, so nobody can say whether one still uses setup ${setupId}.`,
			);
			return;
		}
		throw new UserError(
			"use-cases-unknown",
			`The records stay, because nobody could say whether a use case still needs them: ${(error as Error).message}`,
			{ cause: error },
		);
	}
	if (users.length > 0) throw inUse(setupId, undefined, users);
}
