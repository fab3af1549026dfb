import type { Ses } from "pulumi-channels/ses";
import { openDatabase } from "./database/database.js";
import { HomeStore } from "./database/home.js";
import { SetupStore } from "./database/setups.js";
import type { ServiceConfig } from "./operations/config.js";
import { settleIn } from "./setups/home.js";
import { askAccount } from "./upstream/account.js";
import { connectSes } from "./upstream/connect.js";

/** What a command takes from its surroundings. */
export interface CommandWorld {
	/** 0 to 1. */
	readonly random: () => number;
	/** For proxies. */
	readonly env: NodeJS.ProcessEnv;
}

export interface OpenSetups extends AsyncDisposable {
	readonly setups: SetupStore;
	readonly upstream: Ses;
}

/**
 * Opens the database and SES, for a command that works on both beside the service.
 * @throws Error when they are not of one region and account
 */
export async function openSetups(
	{ database: location, aws, limits, timing }: ServiceConfig,
	{ random, env }: CommandWorld,
): Promise<OpenSetups> {
	await using undo = new AsyncDisposableStack();
	const database = await openDatabase(location);
	undo.defer(() => database.close());
	const { sesRequestsPerSecond: requestsPerSecond } = limits;
	const upstream = await connectSes(aws, { requestsPerSecond, random, env });
	undo.defer(() => upstream.close());
	await settleIn(new HomeStore(database), upstream.region, () => askAccount(aws, upstream.region), {
		warn: () => {},
	});
	const opened = undo.move();
	return {
		setups: new SetupStore(database, timing.leaseMs),
		upstream,
		[Symbol.asyncDispose]: () => opened.disposeAsync(),
	};
}
