import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defaultAccount, type Sandbox } from "../../sandbox/index.js";
import {
	createApiKey,
	defaultConfig,
	type Limits,
	type Permission,
	permissions,
	type ServiceConfig,
	type ServiceWorld,
	startService,
	type Timing,
} from "../../service/index.js";
import { startPostgres } from "./postgres.js";

export interface TestServiceOptions {
	/** Whose SES and DNS the service works with: a sandbox, or what stands for one. */
	readonly sandbox: {
		readonly ses: Pick<Sandbox["ses"], "url">;
		/** Without it the account stays unknown. */
		readonly sts?: Pick<Sandbox["sts"], "url">;
		readonly dns: Pick<Sandbox["dns"], "authoritative">;
	};
	/**
	 * Default `sqlite`. `postgres` starts a server for this service alone; suites that start several services
	 * start one themselves and give its location.
	 */
	readonly database?: "sqlite" | "postgres" | { readonly location: string };
	/** Default 0, a free one. */
	readonly port?: number;
	readonly timing?: Partial<Timing>;
	readonly limits?: Partial<Limits>;
	readonly trustedProxies?: number;
	/** Default: the sandbox's. `undefined` leaves them out, so that `world.askDns` finds the servers. */
	readonly dnsServers?: string[] | undefined;
	readonly dnsAllowedNetworks?: string[];
	/** What of the service's surroundings is not this machine's. */
	readonly world?: Partial<ServiceWorld>;
	readonly region?: string;
	/** The label of the MAIL FROM domain of new setups. Default: none. */
	readonly mailFrom?: string | undefined;
	readonly logLevel?: ServiceConfig["logLevel"];
}

interface KeyOptions {
	/** Default: the service's {@link TestService.workspaceId}. */
	readonly workspaceId?: string;
	/** Default: all. */
	readonly permissions?: readonly Permission[];
}

export interface TestService {
	readonly url: string;
	/** A fresh UUID. */
	readonly workspaceId: string;
	/** A key with all permissions in that workspace. */
	readonly apiKey: string;
	/** Where its database is, for a further instance or a look inside. */
	readonly location: string;
	readonly config: ServiceConfig;
	createKey(options?: KeyOptions): Promise<string>;
	stop(): Promise<void>;
}

/** The real service in this process, on a free port and a database of its own, against a sandbox. */
export async function startTestService(options: TestServiceOptions): Promise<TestService> {
	await using undo = new AsyncDisposableStack();
	const location = await openLocation(options.database ?? "sqlite", undo);
	const config = testConfig(options, location);
	const service = await startService(config, options.world);
	undo.defer(() => service.stop());

	const workspaceId = randomUUID();
	const createKey = async (wanted: KeyOptions = {}) => {
		const made = await createApiKey(
			location,
			wanted.workspaceId ?? workspaceId,
			wanted.permissions ?? permissions,
		);
		return made.key;
	};
	const apiKey = await createKey();
	const running = undo.move();
	return {
		url: service.url,
		workspaceId,
		apiKey,
		location,
		config,
		createKey,
		stop: () => running.disposeAsync(),
	};
}

/** All tests come from one address, and most have one workspace. */
const unlimited = {
	sesRequestsPerSecond: 1_000,
	addressRequestsPerSecond: 100_000,
	changesPerWorkspace: 1_000,
};

/** The settings of a service that works with a sandbox. */
export function testConfig(options: Omit<TestServiceOptions, "database">, location: string): ServiceConfig {
	const { sandbox, region = "us-east-1" } = options;
	const { dnsServers } = { dnsServers: [sandbox.dns.authoritative], ...options };
	return {
		...defaultConfig,
		port: options.port ?? 0,
		database: location,
		...(dnsServers && { dnsServers }),
		trustedProxies: options.trustedProxies ?? 0,
		dnsAllowedNetworks: options.dnsAllowedNetworks ?? [],
		...(options.mailFrom !== undefined && { mailFrom: options.mailFrom }),
		aws: {
			region,
			endpoint: sandbox.ses.url,
			stsEndpoint: (sandbox.sts ?? sandbox.ses).url,
			credentials: defaultAccount,
		},
		logLevel: options.logLevel ?? "silent",
		timing: { ...defaultConfig.timing, ...options.timing },
		limits: { ...defaultConfig.limits, ...unlimited, ...options.limits },
	};
}

async function openLocation(
	database: NonNullable<TestServiceOptions["database"]>,
	undo: AsyncDisposableStack,
): Promise<string> {
	if (typeof database === "object") return database.location;
	if (database === "postgres") {
		const postgres = await startPostgres();
		undo.defer(() => postgres.stop());
		return postgres.createDatabase();
	}
	const folder = await mkdtemp(join(tmpdir(), "channels-service-"));
	undo.defer(() => rm(folder, { recursive: true, force: true }));
	return join(folder, "channels.db");
}
