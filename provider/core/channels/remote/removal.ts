import type { ChannelsClient } from "../../../../sdk/client.js";
import type { UseCaseResponse } from "../../../../sdk/contract.js";
import { ConflictError, NotFoundError, ServerError } from "../../../../sdk/errors.js";
import { DeadlineError, deadlineSignal } from "../../deadline.js";
import { saying } from "../../errors.js";
import { jittered } from "../../jitter.js";
import type { Operation } from "../../operation.js";
import { refuseUnproven } from "../elsewhere.js";
import { inUse } from "../in-use.js";
import type { SetupRef } from "../setup.js";
import { confirmGone } from "./gone.js";

/** How long the API may answer that its e-mail service is unavailable before a delete gives up. */
const deleteDeadlineMs = 2 * 60_000;

/** See {@link Channels.remove}. */
export async function removeSetup(
	client: ChannelsClient,
	operation: Operation,
	ref: SetupRef,
): Promise<void> {
	const { id, domain } = ref;
	const { clock, random, stop: outer } = operation;
	using deadline = deadlineSignal(
		clock,
		deleteDeadlineMs,
		outer,
		() => new DeadlineError("api-timeout", `the Channels API to delete setup ${id}`, deleteDeadlineMs),
	);
	let last: ServerError | undefined;
	for (let pause = 1_000; ; pause = Math.min(pause * 2, 15_000)) {
		try {
			await client.sesSetups.delete(id, { signal: deadline.signal });
			return;
		} catch (error) {
			outer.throwIfAborted();
			// What it answered before says more than that it has not answered in time.
			if (deadline.signal.aborted) throw last ?? error;
			if (error instanceof NotFoundError) {
				await confirmGone(client, error, outer);
				return refuseUnproven(ref, client);
			}
			if (error instanceof ConflictError) {
				const users = await useCases(client, id, outer).catch(() => []);
				if (users.length > 0) throw inUse(id, domain, users);
				throw saying(`setup ${id}${domain ? ` (${domain})` : ""} was not deleted: ${error.message}`, error);
			}
			if (!(error instanceof ServerError)) throw error;
			last = error;
			// A delete repeats safely, and the service behind the API may be back in a moment.
			try {
				await clock.sleep(jittered(pause, random), deadline.signal);
			} catch {
				outer.throwIfAborted();
				throw error;
			}
		}
	}
}

export async function useCases(
	client: ChannelsClient,
	setupId: string,
	signal: AbortSignal,
): Promise<UseCaseResponse[]> {
	const users: UseCaseResponse[] = [];
	for await (const user of client.useCases.list({ setupId, signal })) users.push(user);
	return users;
}
