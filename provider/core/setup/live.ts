import type { SesSetupDetailResponse } from "../../../sdk/contract.js";
import { NotFoundError } from "../../../sdk/errors.js";
import { UserError } from "../errors.js";
import type { World } from "../world.js";
import { noteLook } from "./negative-cache.js";

/** How long one answer serves: a refresh reads the setup and its verification, and each look asks live DNS. */
const freshMs = 10_000;

/** The setup as it is now, or undefined if it is gone for certain. Readers at the same time share one call. */
export function liveSetup(
	world: World,
	id: string,
	signal: AbortSignal,
): Promise<SesSetupDetailResponse | undefined> {
	const known = world.cache.setups;
	const recent = known.get(id);
	if (recent && world.clock.now() - recent.at < freshMs) return recent.setup;
	const setup = read(world, id, signal);
	known.set(id, { at: world.clock.now(), setup });
	setup.catch(() => known.delete(id));
	return setup;
}

async function read(
	world: World,
	id: string,
	signal: AbortSignal,
): Promise<SesSetupDetailResponse | undefined> {
	try {
		const { data } = await world.channels.sesSetups.get(id, { signal });
		noteLook(world, data);
		return data;
	} catch (error) {
		if (!(error instanceof NotFoundError)) throw error;
		await confirmGone(world, error, signal);
		return undefined;
	}
}

/**
 * A 404 empties a state only when it is the API's own, and when the same key and workspace reach the API at
 * all: a wrong base URL answers 404 to everything.
 *
 * @throws UserError when it is not certain.
 */
export async function confirmGone(world: World, error: NotFoundError, signal: AbortSignal): Promise<void> {
	if (error.fromApi) {
		try {
			for await (const _ of world.channels.sesSetups.list({ limit: 1, signal })) break;
			return;
		} catch (cause) {
			signal.throwIfAborted();
			throw new UserError(
				"gone-unproven",
				`${error.message} It is not taken for gone, because the workspace could not be listed: ${(cause as Error).message}`,
				{ cause },
			);
		}
	}
	throw new UserError(
		"gone-unproven",
		`${error.message} This is no answer of the Channels API, so the setup is not taken for gone.`,
		{
			cause: error,
		},
	);
}
