import { canonicalName } from "../../../../dns/index.js";
import type { ChannelsClient } from "../../../../sdk/client.js";
import type { SesSetupDetailResponse, SesSetupListItemResponse } from "../../../../sdk/contract.js";
import { ForbiddenError, NotFoundError } from "../../../../sdk/errors.js";
import type { Operation } from "../../operation.js";
import { noteLook } from "../negative-cache.js";
import { isSame, type Names } from "../setup.js";
import { takenBy } from "./taken.js";

/** The setup with exactly these names, if the workspace has it. */
export async function findExisting(
	client: ChannelsClient,
	operation: Operation,
	names: Names,
): Promise<SesSetupDetailResponse | undefined> {
	const item = (await recentList(client, operation)).find((each) => isSame(each, names));
	return item && (await inFull(client, operation, item));
}

/** See {@link Channels.look}. What other workspaces have only the registration tells. */
export async function lookForNames(
	client: ChannelsClient,
	operation: Operation,
	names: Names,
	{ adopt, going }: { adopt: boolean; going: (id: string) => boolean },
): Promise<{ existing: SesSetupDetailResponse | undefined; seen: boolean }> {
	const existing = adopt ? await findExisting(client, operation, names) : undefined;
	if (existing) return { existing, seen: true };
	let all: SesSetupListItemResponse[];
	try {
		all = await similarTo(client, operation, names);
	} catch (error) {
		// A key that may create and not list is told by the registration alone.
		if (error instanceof ForbiddenError) return { existing, seen: false };
		throw error;
	}
	const similar = all.filter(({ id }) => !going(id));
	const exact = adopt ? similar.find((item) => isSame(item, names)) : undefined;
	if (exact) return { existing: await inFull(client, operation, exact), seen: true };
	if (similar.length > 0) throw takenBy(similar, names);
	return { existing, seen: true };
}

async function inFull(
	client: ChannelsClient,
	operation: Operation,
	{ id }: SesSetupListItemResponse,
): Promise<SesSetupDetailResponse | undefined> {
	try {
		const { data } = await client.sesSetups.get(id, { signal: operation.stop });
		noteLook(operation, data);
		return data;
	} catch (error) {
		// It has gone since it was listed.
		if (error instanceof NotFoundError && error.fromApi) return undefined;
		throw error;
	}
}

/** Resources that are made together share a list that was begun so recently. */
const recentMs = 5_000;

function recentList(
	client: ChannelsClient,
	{ cache, clock, stop }: Operation,
): Promise<SesSetupListItemResponse[]> {
	const known = cache.list;
	if (known && clock.now() - known.at < recentMs) return known.items;
	const items = everySetup(client, stop);
	cache.list = { at: clock.now(), items };
	items.catch(() => {
		cache.list = undefined;
	});
	return items;
}

export async function similarTo(
	client: ChannelsClient,
	{ stop }: Operation,
	{ tenant, domain }: Names,
): Promise<SesSetupListItemResponse[]> {
	return (await everySetup(client, stop)).filter(
		(item) => item.tenant_name === tenant || canonicalName(item.domain_identity) === domain,
	);
}

async function everySetup(client: ChannelsClient, signal: AbortSignal): Promise<SesSetupListItemResponse[]> {
	const items: SesSetupListItemResponse[] = [];
	for await (const item of client.sesSetups.list({ signal })) items.push(item);
	return items;
}
