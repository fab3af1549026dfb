import type { Channels } from "./channels/channels.js";
import type { Operation } from "./operation.js";
import { Claims } from "./run/claims.js";
import type { Settings } from "./settings/settings.js";

/** Reads by the API of these settings, for a program that runs: outside of every operation of the engine. */
export async function reading<T>(
	settings: Settings,
	env: (key: string) => string | undefined,
	read: (channels: Channels, operation: Operation) => Promise<T>,
): Promise<T> {
	// Loaded when first used: whoever only checks and compares needs no HTTP client.
	const { composeWorld } = await import("./compose.js");
	const world = await composeWorld(settings, {
		...{ env, slots: 1, claims: new Claims(), complete: () => true },
		progress: { show() {}, warn() {} },
		stop: new AbortController().signal,
	});
	try {
		return await read(world.channels, world);
	} finally {
		await world.channels.close();
	}
}
