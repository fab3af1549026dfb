import { canonicalName, type Words } from "../../../dns/index.js";
import type { SesSetupDetailResponse, SesSetupListItemResponse } from "../../../sdk/contract.js";
import { ConflictError, ForbiddenError, isAmbiguous, NotFoundError } from "../../../sdk/errors.js";
import { lines, saying, UserError } from "../errors.js";
import type { Progress, World } from "../world.js";
import { noteLook } from "./negative-cache.js";
import { isSame, type Names } from "./plans.js";

/** The workspace has a setup of exactly these names. */
export class SetupExistsError extends UserError {
	constructor(
		code: "setup-exists" | "setup-perhaps-ours",
		message: Words,
		readonly setupId: string,
		/** What may come of a first request whose answer got lost. */
		readonly doubt: string | undefined,
		options?: ErrorOptions,
	) {
		super(code, message, options);
	}
}

/**
 * Registers a domain. The POST carries a key by which the API knows it again; it is repeated with that where its end is
 * not known, and nothing is taken over by guess. A stop ends no request that is under way: what that makes is removed
 * again, because the engine records nothing any more.
 *
 * @throws UserError when the names are taken, or the outcome stays unknown; the signal's reason when it aborts.
 */
export async function register(
	world: World,
	names: Names,
	progress: Progress,
	signal: AbortSignal,
): Promise<SesSetupDetailResponse> {
	await world.lookForStop?.();
	signal.throwIfAborted();
	const setup = await create(world, names, progress, signal);
	await world.lookForStop?.();
	if (!signal.aborted) return setup;
	await undo(world, setup, progress);
	throw signal.reason;
}

/** How long a POST may take with its repetitions: four, at a service that ends each within 20 seconds. */
const createMs = 120_000;

async function create(
	world: World,
	names: Names,
	progress: Progress,
	signal: AbortSignal,
): Promise<SesSetupDetailResponse> {
	let isTold = false;
	// At once: the process may be gone before the request that is under way then has its answer.
	const tellOfDoubt = () => {
		if (!isTold)
			progress.warn(`The run was stopped, and nobody knows whether it made a setup. ${ifItExists(names)}`);
		isTold = true;
	};
	try {
		const { data } = await world.channels.sesSetups.create(
			{ tenantName: names.tenant, domainIdentity: names.domain },
			{
				timeoutMs: createMs,
				stopRepeating: signal,
				async beforeRepeat(failed) {
					if (isAmbiguous(failed)) {
						progress.show("the answer to the registration got lost; asking for it again");
						signal.addEventListener("abort", tellOfDoubt);
					}
					await world.lookForStop?.();
				},
			},
		);
		return data;
	} catch (error) {
		if (signal.aborted) {
			if (isAmbiguous(error)) tellOfDoubt();
			throw signal.reason;
		}
		if (error instanceof ConflictError) throw await taken(world, names, error, signal);
		if (!isAmbiguous(error)) throw error;
		throw new UserError(
			"create-in-doubt",
			lines(
				(error as Error).message,
				`Nobody knows whether that made a setup. ${upAgain} ${ifItExists(names)}`,
			),
			{ cause: error },
		);
	} finally {
		signal.removeEventListener("abort", tellOfDoubt);
	}
}

const upAgain = "Run `pulumi up` again.";
const ifItExists = ({ tenant, domain }: Names) =>
	`If the next \`up\` says that a setup of tenant ${tenant} and domain ${domain} exists after all, set \`adoptExisting: true\`.`;

const toManageItHere =
	'If this resource was renamed or moved in the program, give it `aliases: [{ name: "its old name" }]` (or ' +
	"`parent`), and nothing is to do. Otherwise, to manage it here, set `adoptExisting: true`, or import it: `channels import-file` writes a file for " +
	"`pulumi import --file`. If another stack manages it, leave it there and read it with SesSetup.get.";

/** Of a first request that may arrive once what is in its way has gone. */
const stillToCome = (names: Names) =>
	`The answer to the first request of this run got lost. ${ifItExists(names)}`;

const maybeOurs =
	"This run has sent its request again, because no answer came, and the first request may have made it. Nothing was " +
	"taken over. If that setup goes, the first request may still make another one, which the next `up` names. If no other stack or pipeline manages it, set `adoptExisting: true` and run `pulumi up` again. If one does, " +
	"leave it there and read it with SesSetup.get.";

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
		throw new UserError("setup-left-behind", message, { cause: error });
	}
}

/** The setup with exactly these names, if the workspace has it. */
export async function findExisting(
	world: World,
	names: Names,
	signal: AbortSignal,
): Promise<SesSetupDetailResponse | undefined> {
	const item = (await recentList(world)).find((each) => isSame(each, names));
	return item && (await inFull(world, item, signal));
}

async function inFull(
	world: World,
	{ id }: SesSetupListItemResponse,
	signal: AbortSignal,
): Promise<SesSetupDetailResponse | undefined> {
	try {
		const { data } = await world.channels.sesSetups.get(id, { signal });
		noteLook(world, data);
		return data;
	} catch (error) {
		// It has gone since it was listed.
		if (error instanceof NotFoundError && error.fromApi) return undefined;
		throw error;
	}
}

/** Resources that are made together share a list that was begun so recently. */
const recentMs = 5_000;

function recentList({ cache, channels, clock, stop }: World): Promise<SesSetupListItemResponse[]> {
	const known = cache.list;
	if (known && clock.now() - known.at < recentMs) return known.items;
	const items = everySetup(channels, stop);
	cache.list = { at: clock.now(), items };
	items.catch(() => {
		cache.list = undefined;
	});
	return items;
}

/** What the workspace has of these names, before they are registered. */
export interface NamesLook {
	/** The setup that is to be taken over, and is there. */
	existing: SesSetupDetailResponse | undefined;
	/** False where the key may not list: only the registration tells then. */
	seen: boolean;
}

/**
 * Looks whether these names can be had. (What other workspaces have only the registration tells.)
 *
 * @param adopt whether a setup of exactly these names is to be taken over.
 * @param going which setups will have gone by then.
 * @throws UserError when the workspace has a setup that keeps them from being registered, naming it, and what to do.
 */
export async function lookForNames(
	world: World,
	names: Names,
	{ adopt, going }: { adopt: boolean; going: (id: string) => boolean },
): Promise<NamesLook> {
	const existing = adopt ? await findExisting(world, names, world.stop) : undefined;
	if (existing) return { existing, seen: true };
	let all: SesSetupListItemResponse[];
	try {
		all = await similarTo(world, names, world.stop);
	} catch (error) {
		// A key that may create and not list is told by the registration alone.
		if (error instanceof ForbiddenError) return { existing, seen: false };
		throw error;
	}
	const similar = all.filter(({ id }) => !going(id));
	const exact = adopt ? similar.find((item) => isSame(item, names)) : undefined;
	if (exact) return { existing: await inFull(world, exact, world.stop), seen: true };
	if (similar.length > 0) throw takenBy(similar, names);
	return { existing, seen: true };
}

/** The codes by which the API says that names cannot be had; without one, nobody knows what its 409 is about. */
const aboutNames = new Set(["setup-exists", "names-taken", "names-busy", "exists-upstream", "conflict"]);

/** Says what exists and what to do, after a 409. In doubt, what exists may be of this very run. */
async function taken(
	world: World,
	names: Names,
	error: ConflictError,
	signal: AbortSignal,
): Promise<UserError> {
	const { code, message, inDoubt } = error;
	if (code === "create-was-deleted")
		return saying(
			lines(message, `This run had made it, and somebody has deleted it since. ${upAgain}`),
			error,
		);
	if (!aboutNames.has(code)) return saying(message, error);
	const later = inDoubt && stillToCome(names);
	let similar: SesSetupListItemResponse[];
	try {
		similar = await similarTo(world, names, signal);
	} catch (cause) {
		signal.throwIfAborted();
		return saying(
			lines(message, `What exists could not be listed: ${(cause as Error).message}`, later),
			error,
		);
	}
	// Who looks again is to see it.
	world.cache.list = undefined;
	if (similar.length > 0) return takenBy(similar, names, error);
	return saying(lines(takenElsewhere(world, names, error), later), error);
}

/** The API's own words are all there is: what other workspaces have, or what is being made or removed, is in no list. */
function takenElsewhere(
	{ workspaceId }: World,
	{ tenant, domain }: Names,
	{ code, message }: ConflictError,
): string[] {
	const isTaken = [
		`tenant ${tenant} or domain ${domain} is taken, and workspace ${workspaceId} has no setup with either.`,
		`The API said: ${message}`,
	];
	switch (code) {
		case "names-busy":
			return lines(message, "That passes within moments: run `pulumi up` again.");
		case "exists-upstream":
			return lines(
				isTaken,
				"It stands in Amazon SES without a setup here: another tool made it there (the console, Terraform, CDK, SST), or " +
					"another account of the API. If nothing uses it any more, delete it in SES (`aws sesv2 " +
					"delete-email-identity`, `aws sesv2 delete-tenant`); otherwise choose another name.",
			);
		case "conflict":
			return lines(
				message,
				`Workspace ${workspaceId} has no setup of tenant ${tenant}, and none of domain ${domain}. If the API says that one of ` +
					"them is taken: another workspace may have it, or another tool in Amazon SES, or a setup of it is being made or " +
					"removed right now. Run `pulumi up` again in a moment, or choose other names.",
			);
		default:
			return lines(
				isTaken,
				"Another workspace may have it. Choose another name, or use that workspace's key and id.",
			);
	}
}

async function similarTo(
	world: World,
	{ tenant, domain }: Names,
	signal: AbortSignal,
): Promise<SesSetupListItemResponse[]> {
	return (await everySetup(world.channels, signal)).filter(
		(item) => item.tenant_name === tenant || canonicalName(item.domain_identity) === domain,
	);
}

async function everySetup(
	channels: World["channels"],
	signal: AbortSignal,
): Promise<SesSetupListItemResponse[]> {
	const items: SesSetupListItemResponse[] = [];
	for await (const item of channels.sesSetups.list({ signal })) items.push(item);
	return items;
}

function takenBy(
	similar: readonly SesSetupListItemResponse[],
	names: Names,
	cause?: ConflictError,
): UserError {
	const { tenant, domain } = names;
	const options = cause && { cause };
	const doubt = cause?.inDoubt ? stillToCome(names) : undefined;
	const exact = similar.find((item) => isSame(item, names));
	if (exact) {
		const what = `${exact.id} (tenant ${tenant}, domain ${domain}, created ${exact.created_at})`;
		return new SetupExistsError(
			doubt ? "setup-perhaps-ours" : "setup-exists",
			lines(`the workspace has this setup already: ${what}.`, doubt ? maybeOurs : toManageItHere),
			exact.id,
			doubt,
			options,
		);
	}
	return new UserError(
		"names-taken",
		lines(
			"the workspace has a setup of the same tenant or domain, and only one of the two is the same:",
			...similar.map((item) => `  ${item.id}: tenant ${item.tenant_name}, domain ${item.domain_identity}`),
			"Choose another tenantName or domainIdentity, or delete that setup.",
			doubt,
		),
		options,
	);
}
