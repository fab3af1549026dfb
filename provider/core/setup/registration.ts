import type { Names, Setup } from "../channels/setup.js";
import { UserError } from "../errors.js";
import type { World } from "../world.js";

/**
 * Registers a domain. A stop ends no request that is under way: what that makes is removed again, because the engine
 * records nothing any more.
 *
 * @throws what {@link Channels.create} throws; the signal's reason when it aborts.
 */
export async function register(world: World, names: Names, adopt: boolean): Promise<Setup> {
	const { stop } = world;
	await world.lookForStop?.();
	stop.throwIfAborted();
	const setup = await world.channels.create(world, names, { adopt });
	await world.lookForStop?.();
	if (!stop.aborted) return setup;
	await undo(world, setup);
	throw stop.reason;
}

/** How long a stopped run may take to remove what it made; the engine kills the process after five seconds. */
const undoMs = 2_000;

async function undo(world: World, { id, tenant_name, domain_identity, home }: Setup): Promise<void> {
	const setup = `setup ${id} (tenant ${tenant_name}, domain ${domain_identity})`;
	const ref = { id, tenant: tenant_name, domain: domain_identity, ...home };
	try {
		const unstopped = { ...world, stop: new AbortController().signal };
		await world.channels.remove(unstopped, ref, { withinMs: undoMs });
		world.progress.warn(`The run was stopped before ${setup} could be recorded, so it was removed again.`);
	} catch (error) {
		const message =
			`The run was stopped before ${setup} could be recorded, and it could not be removed: ` +
			`${(error as Error).message} To take it over in the next \`pulumi up\`, set \`adoptExisting: true\`.`;
		world.progress.warn(message);
		throw new UserError("setup-left-behind", message, { cause: error });
	}
}
