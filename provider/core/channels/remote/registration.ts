import type { ChannelsClient } from "../../../../sdk/client.js";
import type { SesSetupDetailResponse, SesSetupListItemResponse } from "../../../../sdk/contract.js";
import { ConflictError, isAmbiguous } from "../../../../sdk/errors.js";
import { lines, saying, UserError } from "../../errors.js";
import type { Operation } from "../../operation.js";
import type { Names } from "../setup.js";
import { similarTo } from "./lists.js";
import { ifItExists, stillToCome, takenBy } from "./taken.js";

const upAgain = "Run `pulumi up` again.";

/** How long a POST may take with its repetitions: four, at a service that ends each within 20 seconds. */
const createMs = 120_000;

/**
 * The POST carries a key by which the API knows it again, and is repeated with that where its end is not known.
 *
 * @throws UserError when the names are taken, or the outcome stays unknown; the signal's reason when it aborts.
 */
export async function create(
	client: ChannelsClient,
	operation: Operation,
	names: Names,
): Promise<SesSetupDetailResponse> {
	const { progress, stop: signal } = operation;
	let isTold = false;
	// At once: the process may be gone before the request that is under way then has its answer.
	const tellOfDoubt = () => {
		if (!isTold)
			progress.warn(`The run was stopped, and nobody knows whether it made a setup. ${ifItExists(names)}`);
		isTold = true;
	};
	try {
		const { data } = await client.sesSetups.create(
			{ tenantName: names.tenant, domainIdentity: names.domain },
			{
				timeoutMs: createMs,
				stopRepeating: signal,
				async beforeRepeat(failed) {
					if (isAmbiguous(failed)) {
						progress.show("the answer to the registration got lost; asking for it again");
						signal.addEventListener("abort", tellOfDoubt);
					}
					await operation.lookForStop?.();
				},
			},
		);
		return data;
	} catch (error) {
		if (signal.aborted) {
			if (isAmbiguous(error)) tellOfDoubt();
			throw signal.reason;
		}
		if (error instanceof ConflictError) throw await taken(client, operation, names, error);
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

/** The codes by which the API says that names cannot be had; without one, nobody knows what its 409 is about. */
const aboutNames = new Set(["setup-exists", "names-taken", "names-busy", "exists-upstream", "conflict"]);

/** Says what exists and what to do, after a 409. In doubt, what exists may be of this very run. */
async function taken(
	client: ChannelsClient,
	operation: Operation,
	names: Names,
	error: ConflictError,
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
		similar = await similarTo(client, operation, names);
	} catch (cause) {
		operation.stop.throwIfAborted();
		return saying(
			lines(message, `What exists could not be listed: ${(cause as Error).message}`, later),
			error,
		);
	}
	// Who looks again is to see it.
	operation.cache.list = undefined;
	if (similar.length > 0) return takenBy(similar, names, error);
	return saying(lines(takenElsewhere(client, names, error), later), error);
}

/** The API's own words are all there is: what other workspaces have, or what is being made or removed, is in no list. */
function takenElsewhere(
	{ workspaceId }: ChannelsClient,
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
