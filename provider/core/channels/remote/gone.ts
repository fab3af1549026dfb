import type { ChannelsClient } from "../../../../sdk/client.js";
import type { NotFoundError } from "../../../../sdk/errors.js";
import { UserError } from "../../errors.js";

/**
 * A 404 empties a state only when it is the API's own, and when the same key and workspace reach the API at
 * all: a wrong base URL answers 404 to everything.
 *
 * @throws UserError when it is not certain.
 */
export async function confirmGone(
	client: ChannelsClient,
	error: NotFoundError,
	signal: AbortSignal,
): Promise<void> {
	if (error.fromApi) {
		try {
			for await (const _ of client.sesSetups.list({ limit: 1, signal })) break;
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
	// What became of the API says more than that this answer is none of it.
	if (error.code === "api-withdrawn") throw error;
	throw new UserError(
		"gone-unproven",
		`${error.message} This is no answer of the Channels API, so the setup is not taken for gone.`,
		{
			cause: error,
		},
	);
}
