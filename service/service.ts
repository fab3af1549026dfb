import { networkInterfaces } from "node:os";
import { sql } from "kysely";
import { type Logger, pino } from "pino";
import { createLookups, type LookupsOptions, refuseInside } from "pulumi-channels/dns";
import { exchangersOfOthers, Obstacles, Restarts } from "pulumi-channels/ses";
import { ApiKeyStore } from "./database/api-keys.js";
import { type Database, openDatabase } from "./database/database.js";
import { DatabaseClock } from "./database/database-clock.js";
import { HomeStore } from "./database/home.js";
import { RateBudgets } from "./database/rate-budgets.js";
import { SetupStore } from "./database/setups.js";
import { UseCaseStore } from "./database/use-cases.js";
import { ServiceError } from "./error-codes.js";
import { createAuthorize, limitAddresses } from "./http/access.js";
import { createApp } from "./http/app.js";
import { limitConcurrency } from "./http/concurrency.js";
import { RateLimit } from "./http/rate-limit.js";
import type { ServiceConfig } from "./operations/config.js";
import { createMetrics } from "./operations/metrics.js";
import { listen } from "./operations/server.js";
import { ApiError } from "./setups/errors.js";
import { Expiry } from "./setups/expiry.js";
import { settleIn } from "./setups/home.js";
import { Provisioning } from "./setups/provisioning.js";
import { Recovery } from "./setups/recovery.js";
import { Removal } from "./setups/removal.js";
import { Verification } from "./setups/verification.js";
import { Access } from "./upstream/access.js";
import { askAccount } from "./upstream/account.js";
import { connectSes } from "./upstream/connect.js";

export interface RunningService {
	/** `http://<host>:<port>` */
	readonly url: string;
	/** Ends requests under way, then everything else. */
	stop(): Promise<void>;
}

/** What the service takes from its surroundings. */
export interface ServiceWorld {
	/** 0 to 1. */
	readonly random: () => number;
	/** For proxies. */
	readonly env: NodeJS.ProcessEnv;
	/** The IP addresses of the machine at this moment. */
	readonly ownAddresses: () => string[];
	/** In place of the network's DNS. */
	readonly askDns?: LookupsOptions["ask"];
}

const thisMachine: ServiceWorld = {
	random: Math.random,
	env: process.env,
	ownAddresses: () =>
		Object.values(networkInterfaces()).flatMap((all) => all?.map(({ address }) => address) ?? []),
};

/** How long a create waits for what the name servers say of the MAIL FROM domain's name, in milliseconds. */
const lookMs = 3_000;

/**
 * Starts the Channels API.
 * @param surroundings in place of this machine's
 * @throws Error when the region receives no mail, the database cannot be opened or has the setups of another region or
 *   account, or the port is taken.
 */
export async function startService(
	config: ServiceConfig,
	surroundings: Partial<ServiceWorld> = {},
): Promise<RunningService> {
	const { timing, limits } = config;
	const world = { ...thisMachine, ...surroundings };
	const { random, env } = world;
	if (timing.leaseMs < timing.upstreamDeadlineMs + timing.settleMs)
		throw new ServiceError("setting-invalid", "leaseMs must be at least upstreamDeadlineMs + settleMs");
	const log = createLog(config);

	const database = await openDatabase(config.database, {
		random,
		onIdleError: (error) => log.warn({ err: error }, "a database connection broke; the pool opens another"),
	});
	await using undo = new AsyncDisposableStack();
	undo.defer(() => database.close());
	const clock = undo.use(await DatabaseClock.start(database));

	const setups = new SetupStore(database, timing.leaseMs);
	const metrics = createMetrics(() => setups.countByState());
	const upstream = await connectSes(config.aws, {
		requestsPerSecond: limits.sesRequestsPerSecond,
		random,
		env,
		observe: metrics.upstreamCall,
	});
	undo.defer(() => upstream.close());
	await settleIn(
		new HomeStore(database),
		upstream.region,
		() => askAccount(config.aws, upstream.region),
		log,
	);

	const access = new Access(upstream, log);
	const removal = new Removal(setups, upstream, {
		settleMs: timing.settleMs,
		sweepsMs: timing.sweepsMs,
		random,
	});
	const { unverifiedExpireMs } = timing;
	const expiry =
		unverifiedExpireMs === undefined
			? undefined
			: new Expiry(setups, upstream, log, {
					afterMs: unverifiedExpireMs,
					deadlineMs: timing.checkUpstreamMs,
				});
	const recovery = new Recovery(
		setups,
		removal,
		log,
		{ intervalMs: timing.recoveryIntervalMs, deadlineMs: timing.upstreamDeadlineMs, random },
		expiry,
	);
	const lookups = createLookups({
		servers: config.dnsServers,
		strangers: {
			refusal: refuseInside({ allowed: config.dnsAllowedNetworks, own: world.ownAddresses }),
			checksAtOnce: limits.checksAtOnce,
		},
		...(world.askDns && { ask: world.askDns }),
	});
	const budgets = database.engine === "postgres" ? new RateBudgets(database) : undefined;
	const rateLimit = (perSecond: number) =>
		new RateLimit(perSecond, budgets, (error) =>
			log.warn({ err: error }, "requests cannot be counted with other instances; each counts its own"),
		);
	const app = createApp({
		setups,
		useCases: new UseCaseStore(database, limits.useCasesPerSetup),
		provisioning: new Provisioning(setups, upstream, removal, log, {
			deadlineMs: timing.upstreamDeadlineMs,
			dmarcPolicy: config.dmarcPolicy,
			mailFrom: config.mailFrom,
			exchangersAt: config.dnsServers
				? undefined
				: (name) => exchangersOfOthers(lookups, name, upstream.region, AbortSignal.timeout(lookMs)),
			setupsPerWorkspace: limits.setupsPerWorkspace,
		}),
		verification: new Verification(setups, upstream, lookups, log, {
			turnMs: timing.checkTurnMs,
			lookUpMs: timing.checkDeadlineMs,
			upstreamMs: timing.checkUpstreamMs,
			turns: { atOnce: limits.checksAtOnce, ofWorkspace: limits.checksAtOnceOfWorkspace },
			onVanished: metrics.identityVanished,
			restarts: new Restarts(upstream, log, timing.restartMs),
		}),
		obstacles: new Obstacles(upstream, log, {
			holdsMs: timing.obstaclesMs,
			deadlineMs: timing.checkUpstreamMs,
			now: () => clock.now(),
			operator: "Whoever runs the service",
		}),
		authorize: createAuthorize(new ApiKeyStore(database), rateLimit(limits.requestsPerSecond)),
		limitAddresses: limitAddresses(rateLimit(limits.addressRequestsPerSecond), config.trustedProxies),
		limitChanges: limitConcurrency(limits.changesPerWorkspace),
		metrics,
		log,
		ready: async () => {
			await takesWrites(database);
			const denial = await access.denial();
			if (denial !== undefined) throw new ApiError(503, "upstream-denied", `Not ready: ${denial}`);
		},
		bodyBytes: limits.bodyBytes,
	});
	const server = await listen(app.fetch, {
		host: config.host,
		port: config.port,
		requestTimeoutMs: timing.requestTimeoutMs,
		shutdownMs: timing.shutdownMs,
		now: () => clock.now(),
	});
	undo.defer(() => server.close());
	// Not awaited: the search for credentials may take seconds, and what needs none is served meanwhile.
	void access.denial();
	recovery.start();
	undo.defer(() => recovery.stop());
	if (database.isNew)
		log.warn(
			"the database is new: it has no setups and no API keys. Make one with `channels-api keys create`; where there should be some, the database is another one, or was not restored",
		);
	log.info(
		{ url: server.url, region: upstream.region, database: database.engine },
		"the Channels API listens",
	);

	const running = undo.move();
	return { url: server.url, stop: () => running.disposeAsync() };
}

function createLog({ logLevel }: ServiceConfig): Logger {
	return pino({ level: logLevel, base: { service: "channels-api" } });
}

/** What the work needs: a session that only reads would refuse even a write that changes nothing. */
async function takesWrites({ db }: Database): Promise<void> {
	try {
		await db.updateTable("setups").set({ attempts: 0 }).where(sql.lit(false)).execute();
	} catch (error) {
		const detail = "Not ready: the database takes no writes.";
		throw new ApiError(503, "database-unavailable", detail, {}, { cause: error });
	}
}
