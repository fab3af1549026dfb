import { parseNetworks, parseServers, prefixProblem } from "pulumi-channels/dns";
import { type DmarcPolicy, dmarcPolicies } from "pulumi-channels/ses";
import { ServiceError } from "../error-codes.js";

/** How the service is set up. Times are milliseconds. */
export interface ServiceConfig {
	/** Default 127.0.0.1. */
	readonly host: string;
	/** Default 8080; 0 takes a free one. */
	readonly port: number;
	/** Path of an SQLite file, or a `postgres://` URL. Default `./channels.db`. */
	readonly database: string;
	/** `ip[:port]`: where every look-up goes, the authoritative ones included. Default: as the machine resolves. */
	readonly dnsServers?: string[];
	/**
	 * `address/prefix`: networks whose name servers are asked although they are not public. Default: none. Those of
	 * {@link dnsServers} are always asked.
	 */
	readonly dnsAllowedNetworks: string[];
	/** How many proxies before the service say whom they have a request from. Default 0: nobody is believed. */
	readonly trustedProxies: number;
	/** The policy of the DMARC record that setups ask for. Default `none`. */
	readonly dmarcPolicy: DmarcPolicy;
	/** The label of the MAIL FROM domain of new setups, which is then `<label>.<domain>`. Default: SES's own domain. */
	readonly mailFrom?: string;
	/** What the AWS SDK's default chain (AWS_REGION, AWS_ENDPOINT_URL_SESV2, credentials, …) does not say. */
	readonly aws: AwsConfig;
	readonly logLevel: "silent" | "error" | "warn" | "info" | "debug";
	readonly timing: Timing;
	readonly limits: Limits;
}

export interface AwsConfig {
	readonly region?: string;
	/** Of SES. */
	readonly endpoint?: string;
	/** Of STS, which is asked for the account. */
	readonly stsEndpoint?: string;
	readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export interface Timing {
	/** How long one request may work upstream; afterwards it is answered 504. */
	readonly upstreamDeadlineMs: number;
	/** How long a live check waits for its turn; afterwards the last one is answered. */
	readonly checkTurnMs: number;
	/** How long the look-ups of one live check may take; what is open by then stays as it was. */
	readonly checkDeadlineMs: number;
	/** How long SES has for its part of a check, which comes after the look-ups. */
	readonly checkUpstreamMs: number;
	/** How long SES may still be at a request that nobody waits for any more. */
	readonly settleMs: number;
	/** How long nobody else touches a setup that is worked on. At least `upstreamDeadlineMs + settleMs`. */
	readonly leaseMs: number;
	/** How often unfinished setups are looked for. */
	readonly recoveryIntervalMs: number;
	/** When a removed setup is looked for upstream again, each counted from the one before; then it is forgotten. */
	readonly sweepsMs: readonly number[];
	/** How long a setup may stand without ever being verified. Default: for ever. */
	readonly unverifiedExpireMs?: number;
	/** How long SES gets, once it was told to look for a setup's records again, until it is told so once more. */
	readonly restartMs: number;
	/** How long SES's word on whether account and tenant may send holds. */
	readonly obstaclesMs: number;
	/** How long a client may take to send a request. */
	readonly requestTimeoutMs: number;
	/** How long a shutdown waits for requests under way. */
	readonly shutdownMs: number;
}

export interface Limits {
	/** Octets of a request's body. */
	readonly bodyBytes: number;
	/** Requests per second of one key, averaged over ten seconds. */
	readonly requestsPerSecond: number;
	/** The same of one client's address (IPv6: of its network), with or without a key. */
	readonly addressRequestsPerSecond: number;
	/** Setups of one workspace, whatever their state. */
	readonly setupsPerWorkspace: number;
	/** Creates and deletes of one workspace that an instance works on at once. */
	readonly changesPerWorkspace: number;
	/** Live checks that look their records up at the same time. */
	readonly checksAtOnce: number;
	/** Of them, those of one workspace. */
	readonly checksAtOnceOfWorkspace: number;
	/** Use cases that may refer to one setup. */
	readonly useCasesPerSetup: number;
	/** Requests per second of each operation of SES; those of the recovery loop come last. */
	readonly sesRequestsPerSecond: number;
}

export const defaultConfig: ServiceConfig = {
	host: "127.0.0.1",
	port: 8080,
	database: "./channels.db",
	dnsAllowedNetworks: [],
	trustedProxies: 0,
	dmarcPolicy: "none",
	aws: {},
	logLevel: "info",
	timing: {
		upstreamDeadlineMs: 20_000,
		checkTurnMs: 5_000,
		checkDeadlineMs: 10_000,
		checkUpstreamMs: 5_000,
		settleMs: 10_000,
		leaseMs: 30_000,
		recoveryIntervalMs: 5_000,
		sweepsMs: [60_000, 3_600_000],
		restartMs: 3_600_000,
		obstaclesMs: 3_600_000,
		requestTimeoutMs: 15_000,
		shutdownMs: 25_000,
	},
	limits: {
		bodyBytes: 64 * 1024,
		requestsPerSecond: 100,
		addressRequestsPerSecond: 200,
		setupsPerWorkspace: 1_000,
		changesPerWorkspace: 20,
		checksAtOnce: 16,
		checksAtOnceOfWorkspace: 4,
		useCasesPerSetup: 100,
		sesRequestsPerSecond: 1,
	},
};

/** The variables that set {@link Limits}; `bodyBytes` has none. */
const limitVariables = {
	requestsPerSecond: ["CHANNELS_API_KEY_REQUESTS_PER_SECOND", parseRate],
	addressRequestsPerSecond: ["CHANNELS_API_ADDRESS_REQUESTS_PER_SECOND", parseRate],
	setupsPerWorkspace: ["CHANNELS_API_WORKSPACE_SETUPS", parseCount],
	changesPerWorkspace: ["CHANNELS_API_WORKSPACE_CHANGES", parseCount],
	checksAtOnceOfWorkspace: ["CHANNELS_API_WORKSPACE_CHECKS", parseCount],
	checksAtOnce: ["CHANNELS_API_CHECKS", parseCount],
	useCasesPerSetup: ["CHANNELS_API_SETUP_USE_CASES", parseCount],
	sesRequestsPerSecond: ["CHANNELS_API_SES_REQUESTS_PER_SECOND", parseRate],
} as const satisfies Record<Exclude<keyof Limits, "bodyBytes">, [string, (text: string) => number]>;

/**
 * Reads the variables that docs/service.md lists.
 * @throws Error that names the variable and says what is right.
 */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): ServiceConfig {
	const read = <Value>(name: string, otherwise: Value, parse: (text: string) => Value): Value => {
		const text = env[name]?.trim();
		if (text === undefined || text === "") return otherwise;
		try {
			return parse(text);
		} catch (error) {
			const why = error instanceof Error ? error.message : String(error);
			throw new ServiceError("setting-invalid", `${name} is wrong: ${why}`);
		}
	};
	const limits = Object.fromEntries(
		Object.entries(limitVariables).map(([limit, [name, parse]]) => [
			limit,
			read(name, defaultConfig.limits[limit as keyof typeof limitVariables], parse),
		]),
	) as Record<keyof typeof limitVariables, number>;
	const unverifiedExpireMs = read<number | undefined>(
		"CHANNELS_API_UNVERIFIED_EXPIRE_AFTER",
		undefined,
		parseLongTime,
	);
	const dnsServers = read<string[] | undefined>("CHANNELS_API_DNS_SERVERS", undefined, parseServers);
	const mailFrom = read<string | undefined>("CHANNELS_API_MAIL_FROM", undefined, parseLabel);
	return {
		...defaultConfig,
		host: read("CHANNELS_API_HOST", defaultConfig.host, (text) => text),
		port: read("CHANNELS_API_PORT", defaultConfig.port, parsePort),
		database: read("CHANNELS_API_DATABASE", defaultConfig.database, (text) => text),
		dnsAllowedNetworks: read(
			"CHANNELS_API_DNS_ALLOWED_NETWORKS",
			defaultConfig.dnsAllowedNetworks,
			parseNetworks,
		),
		dmarcPolicy: read("CHANNELS_API_DMARC_POLICY", defaultConfig.dmarcPolicy, oneOf(dmarcPolicies)),
		logLevel: read(
			"CHANNELS_API_LOG_LEVEL",
			defaultConfig.logLevel,
			oneOf(["silent", "error", "warn", "info", "debug"]),
		),
		trustedProxies: read("CHANNELS_API_TRUSTED_PROXIES", defaultConfig.trustedProxies, parseProxies),
		timing: { ...defaultConfig.timing, ...(unverifiedExpireMs !== undefined && { unverifiedExpireMs }) },
		limits: { ...defaultConfig.limits, ...limits },
		...(dnsServers === undefined ? {} : { dnsServers }),
		...(mailFrom === undefined ? {} : { mailFrom }),
	};
}

function parsePort(text: string): number {
	if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
	throw new Error(`"${text}" is no port; give 0 (any free one) to 65535`);
}

function parseProxies(text: string): number {
	if (/^\d$/.test(text)) return Number(text);
	throw new Error(`"${text}" is no number of proxies; give 0 to 9`);
}

function parseCount(text: string): number {
	const count = /^\d{1,7}$/.test(text) ? Number(text) : 0;
	if (count >= 1 && count <= 1_000_000) return count;
	throw new Error(`"${text}" is no such number; give 1 to 1000000`);
}

/** A label of a MAIL FROM domain, in lower case. @throws Error that says what is right */
export function parseLabel(text: string): string {
	const problem = prefixProblem(text);
	if (problem === undefined) return text.toLowerCase();
	throw new Error(`"${text}" ${problem}; give one label, such as bounce for bounce.<domain>`);
}

const units = { h: 3_600_000, d: 86_400_000 };

function parseLongTime(text: string): number {
	const [, count = "0", unit = "h"] = /^(\d{1,5})([hd])$/.exec(text) ?? [];
	const ms = Number(count) * units[unit as keyof typeof units];
	if (ms > 0) return ms;
	throw new Error(`"${text}" is no such time; give hours or days, such as 72h or 30d`);
}

function parseRate(text: string): number {
	const rate = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
	if (rate >= 0.1 && rate <= 1_000) return rate;
	throw new Error(`"${text}" is no rate; give 0.1 to 1000 requests per second`);
}

function oneOf<const Choice extends string>(choices: readonly Choice[]): (text: string) => Choice {
	return (text) => {
		const choice = choices.find((known) => known === text);
		if (choice === undefined) throw new Error(`"${text}" is none of ${choices.join(", ")}`);
		return choice;
	};
}
