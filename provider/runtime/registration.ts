import { canonicalName } from "../../dns/index.js";
import type { SesSetupDetailResponse, SesSetupListItemResponse } from "../../sdk/contract.js";
import { ConflictError, isAmbiguous } from "../../sdk/errors.js";
import { DeadlineError, deadlineSignal } from "./deadline.js";
import { lines, UserError } from "./errors.js";
import type { Progress, World } from "./world.js";

interface Names {
	tenant: string;
	domain: string;
}

/** How long a setup may take to appear after a POST whose end nobody knows: the service may finish late. */
const adoptionDeadlineMs = 30_000;
/** `Date` headers and `created_at` are rounded, to a second at most. */
const clockSlackMs = 2_000;

/**
 * Registers a domain. The POST is never repeated blindly: after an end that leaves open whether it was done,
 * the setup is looked for and taken over. Nor is it ended by a stop: what it makes then is removed again,
 * because the engine records nothing any more.
 *
 * @throws UserError when the names are taken, or the outcome stays unknown; the signal's reason when it aborts.
 */
export async function register(
	world: World,
	names: Names,
	progress: Progress,
	signal: AbortSignal,
): Promise<SesSetupDetailResponse> {
	signal.throwIfAborted();
	const setup = await create(world, names, progress, signal);
	if (!signal.aborted) return setup;
	await undo(world, setup, progress);
	throw signal.reason;
}

async function create(
	world: World,
	names: Names,
	progress: Progress,
	signal: AbortSignal,
): Promise<SesSetupDetailResponse> {
	const began = world.clock.now();
	try {
		const { data } = await world.channels.sesSetups.create({
			tenantName: names.tenant,
			domainIdentity: names.domain,
		});
		return data;
	} catch (error) {
		if (error instanceof ConflictError) throw await taken(world, names, error, signal);
		if (!isAmbiguous(error)) throw error;
		progress.show("the answer got lost; looking whether the setup was made");
		const made = await findMade(world, names, began, signal).catch((reason: unknown) => {
			if (signal.aborted)
				progress.warn(`The run was stopped, and nobody knows whether it made a setup. ${ifItExists}`);
			throw reason;
		});
		if (made) return made;
		throw new UserError(
			lines(
				(error as Error).message,
				`The setup was looked for until now and is not there. Run \`pulumi up\` again. ${ifItExists}`,
			),
			{ cause: error },
		);
	}
}

const ifItExists = "If the next `up` says that it exists after all, set `adoptExisting: true`.";

/** How long a stopped run may take to remove what it made; the engine kills the process after five seconds. */
const undoMs = 2_000;

async function undo(
	world: World,
	{ id, tenant_name, domain_identity }: SesSetupDetailResponse,
	progress: Progress,
): Promise<void> {
	const setup = `setup ${id} (tenant ${tenant_name}, domain ${domain_identity})`;
	try {
		await world.channels.sesSetups.delete(id, { timeoutMs: undoMs });
		progress.warn(`The run was stopped before ${setup} could be recorded, so it was removed again.`);
	} catch (error) {
		const message =
			`The run was stopped before ${setup} could be recorded, and it could not be removed: ` +
			`${(error as Error).message} To take it over in the next \`pulumi up\`, set \`adoptExisting: true\`.`;
		progress.warn(message);
		throw new UserError(message, { cause: error });
	}
}

/** The setup with exactly these names, if the workspace has it. */
export async function findExisting(
	world: World,
	tenant: string,
	domain: string,
	signal: AbortSignal,
): Promise<SesSetupDetailResponse | undefined> {
	for await (const item of world.channels.sesSetups.list({ signal })) {
		if (isSame(item, { tenant, domain }))
			return (await world.channels.sesSetups.get(item.id, { signal })).data;
	}
	return undefined;
}

const isSame = (item: SesSetupListItemResponse, { tenant, domain }: Names) =>
	item.tenant_name === tenant && canonicalName(item.domain_identity) === domain;

/** Looks until the deadline for the setup that our own POST made: one created since, by the server's clock. */
async function findMade(
	world: World,
	names: Names,
	began: number,
	outer: AbortSignal,
): Promise<SesSetupDetailResponse | undefined> {
	using deadline = deadlineSignal(
		world.clock,
		adoptionDeadlineMs,
		outer,
		() => new DeadlineError("the setup to appear", adoptionDeadlineMs),
	);
	const { signal } = deadline;
	for (let pause = 300; !signal.aborted; pause = Math.min(pause * 2, 5_000)) {
		try {
			const id = await createdSince(world, names, began, signal);
			if (id) return (await world.channels.sesSetups.get(id, { signal })).data;
		} catch {
			// A list that fails says nothing; it is asked again until the deadline.
			outer.throwIfAborted();
		}
		await world.clock.sleep(pause * (0.5 + 0.5 * world.random()), signal).catch(() => {});
	}
	outer.throwIfAborted();
	return undefined;
}

async function createdSince(
	world: World,
	names: Names,
	began: number,
	signal: AbortSignal,
): Promise<string | undefined> {
	for await (const { data, date } of world.channels.sesSetups.pages({ signal })) {
		// The server's time when we began, so that clocks that differ do no harm.
		const elapsed = world.clock.now() - began;
		const beganThere = (date?.getTime() ?? world.clock.now()) - elapsed - clockSlackMs;
		const made = data.items.find((item) => isSame(item, names) && Date.parse(item.created_at) >= beganThere);
		if (made) return made.id;
	}
	return undefined;
}

/** Says what exists and what to do, after a 409. */
async function taken(
	world: World,
	{ tenant, domain }: Names,
	error: ConflictError,
	signal: AbortSignal,
): Promise<UserError> {
	let similar: SesSetupListItemResponse[] = [];
	try {
		for await (const item of world.channels.sesSetups.list({ signal })) {
			if (item.tenant_name === tenant || canonicalName(item.domain_identity) === domain)
				similar = [...similar, item];
		}
	} catch (cause) {
		signal.throwIfAborted();
		return new UserError(
			lines(error.message, `What exists could not be listed: ${(cause as Error).message}`),
			{ cause },
		);
	}
	const exact = similar.find((item) => isSame(item, { tenant, domain }));
	if (exact) {
		return new UserError(
			lines(
				`the workspace has this setup already: ${exact.id} (tenant ${tenant}, domain ${domain}, created ${exact.created_at}).`,
				"To manage it here, set `adoptExisting: true`, or import it: `channels import-file` writes a file for " +
					"`pulumi import --file`. If another stack manages it, leave it there and read it with SesSetup.get.",
			),
			{ cause: error },
		);
	}
	if (similar.length > 0) {
		return new UserError(
			lines(
				"the workspace has a setup of the same tenant or domain, and only one of the two is the same:",
				...similar.map((item) => `  ${item.id}: tenant ${item.tenant_name}, domain ${item.domain_identity}`),
				"Choose another tenantName or domainIdentity, or delete that setup.",
			),
			{ cause: error },
		);
	}
	return new UserError(
		lines(
			`tenant ${tenant} or domain ${domain} is taken, and not in workspace ${world.workspaceId}: another workspace has it.`,
			`The API said: ${error.message}`,
			"Choose another name, or use that workspace's key and id.",
		),
		{ cause: error },
	);
}
