import type { UseCaseResponse } from "../../../sdk/contract.js";
import { ConflictError, ForbiddenError, NotFoundError, ServerError } from "../../../sdk/errors.js";
import { DeadlineError, deadlineSignal } from "../deadline.js";
import { lines, saying, UserError } from "../errors.js";
import { jittered } from "../jitter.js";
import type { Progress, World } from "../world.js";
import { confirmGone } from "./live.js";

/** How long the API may answer that its e-mail service is unavailable before a delete gives up. */
const deleteDeadlineMs = 2 * 60_000;

/** Deletes a setup. One that is gone already is a success. @throws UserError while use cases refer to it. */
export async function removeSetup(
	world: World,
	id: string,
	domain: string,
	outer: AbortSignal,
): Promise<void> {
	using deadline = deadlineSignal(
		world.clock,
		deleteDeadlineMs,
		outer,
		() => new DeadlineError("api-timeout", `the Channels API to delete setup ${id}`, deleteDeadlineMs),
	);
	let last: ServerError | undefined;
	for (let pause = 1_000; ; pause = Math.min(pause * 2, 15_000)) {
		try {
			await world.channels.sesSetups.delete(id, { signal: deadline.signal });
			return;
		} catch (error) {
			outer.throwIfAborted();
			// What it answered before says more than that it has not answered in time.
			if (deadline.signal.aborted) throw last ?? error;
			if (error instanceof NotFoundError) return confirmGone(world, error, outer);
			if (error instanceof ConflictError) {
				const users = await useCases(world, id, outer).catch(() => []);
				if (users.length > 0) throw inUse(id, domain, users);
				throw saying(`setup ${id} (${domain}) was not deleted: ${error.message}`, error);
			}
			if (!(error instanceof ServerError)) throw error;
			last = error;
			// A delete repeats safely, and the service behind the API may be back in a moment.
			try {
				await world.clock.sleep(jittered(pause, world.random), deadline.signal);
			} catch {
				outer.throwIfAborted();
				throw error;
			}
		}
	}
}

/**
 * Refuses to take down the DNS of a setup that cannot be deleted: the engine removes the records first.
 *
 * @throws UserError naming the use cases, or why they could not be listed.
 */
export async function refuseWhileUsed(
	world: World,
	setupId: string,
	progress: Progress,
	signal: AbortSignal,
): Promise<void> {
	progress.show("asking whether anything still uses the setup");
	let users: UseCaseResponse[];
	try {
		users = await useCases(world, setupId, signal);
	} catch (error) {
		signal.throwIfAborted();
		if (error instanceof ForbiddenError) {
			progress.warn(
				`This key may not list use cases, so nobody can say whether one still uses setup ${setupId}.`,
			);
			return;
		}
		// An API without use cases. What answers in its place, knows nothing of them.
		if (error instanceof NotFoundError && error.fromApi) return;
		throw new UserError(
			"use-cases-unknown",
			`The records stay, because nobody could say whether a use case still needs them: ${(error as Error).message}`,
			{ cause: error },
		);
	}
	if (users.length > 0) throw inUse(setupId, undefined, users);
}

async function useCases(world: World, setupId: string, signal: AbortSignal): Promise<UseCaseResponse[]> {
	const users: UseCaseResponse[] = [];
	for await (const user of world.channels.useCases.list({ setupId, signal })) users.push(user);
	return users;
}

/** So many are named at most. */
const named = 10;

function inUse(id: string, domain: string | undefined, users: UseCaseResponse[]): UserError {
	return new UserError(
		"setup-in-use",
		lines(
			`setup ${id}${domain ? ` (${domain})` : ""} is still in use, so neither it nor its DNS records were removed.`,
			...users
				.slice(0, named)
				.map(
					({ id, name, entity_name, channel }) => `  use case ${id}: ${name} (${channel}, ${entity_name})`,
				),
			...(users.length > named ? [`  … and ${users.length - named} more`] : []),
			"Delete these use cases first, then run `pulumi destroy` again.",
		),
	);
}
