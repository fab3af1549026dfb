import type { World } from "./world.js";

/**
 * Something that all operations of a run share, and that is known by the client of the API that they share: made when it
 * is first asked for, and forgotten with the run.
 */
export function perRun<Shared>(make: () => Shared): (world: Pick<World, "channels">) => Shared {
	const made = new WeakMap<World["channels"], Shared>();
	return ({ channels }) => {
		const known = made.get(channels) ?? make();
		made.set(channels, known);
		return known;
	};
}
