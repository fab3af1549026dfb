import { parseServers } from "../../../dns/index.js";
// Not the SDK's index: programs read the settings too, and load no HTTP client for that.
import { baseUrlProblem, DEFAULT_BASE_URL, workspaceProblem } from "../../../sdk/arguments.js";
import { environmentProxies, proxyProblem } from "../../../sdk/proxies.js";
import { type AwsSettings, readAwsSettings } from "./aws-settings.js";

/** The account and the surroundings that the provider works with; one set per provider process. */
export interface Settings extends NetworkSettings {
	apiKey: string;
	workspaceId: string;
	baseUrl: string;
}

/** How DNS and Route 53 are reached, which needs no account of the API. */
export interface NetworkSettings {
	/** `ip[:port]`; undefined: the system's resolvers, and authoritative servers at their own addresses. */
	dnsServers: string[] | undefined;
	aws: AwsSettings;
}

export interface SettingsProblem {
	setting: string;
	reason: string;
	/** Nothing is wrong with it but that there is none. */
	missing?: true;
}

type Get = (key: string) => string | undefined;

const fallbacks = {
	"channels:apiKey": "CHANNELS_API_KEY",
	"channels:workspaceId": "CHANNELS_WORKSPACE_ID",
	"channels:baseUrl": "CHANNELS_BASE_URL",
	"channels:dnsServers": "CHANNELS_DNS_SERVERS",
} as const;

type SettingKey = keyof typeof fallbacks;

const nonEmpty = (value: string | undefined) => (value?.trim() ? value.trim() : undefined);

/** What was read, or every problem with it; a problem never quotes a secret. */
export type Read<T> = { settings: T } | { problems: SettingsProblem[] };

/**
 * Reads the settings from the configuration, then from the environment.
 *
 * @param keys of the whole configuration, as far as they are known.
 */
export function readSettings(config: Get, env: Get, keys: Iterable<string> = []): Read<Settings> {
	const problems: SettingsProblem[] = [];
	const problem = complainTo(problems);
	const get = getter(config, env);
	const required = (key: SettingKey, command: string) => {
		const value = get(key);
		if (!value) {
			const reason = `is not set. Run \`${command}\`, or set ${fallbacks[key]}.`;
			problems.push({ setting: key, reason, missing: true });
		}
		return value ?? "";
	};

	const apiKey = required("channels:apiKey", "pulumi config set --secret channels:apiKey");
	if (/[^\x21-\x7e]/.test(apiKey)) problem("channels:apiKey", "has characters that no API key has.");
	const workspaceId = required("channels:workspaceId", "pulumi config set channels:workspaceId UUID");
	if (workspaceId) problem("channels:workspaceId", workspaceProblem(workspaceId));
	const baseUrl = get("channels:baseUrl") ?? DEFAULT_BASE_URL;
	problem("channels:baseUrl", baseUrlProblem(baseUrl));

	const network = readNetworkSettings(config, env, keys);
	if ("problems" in network) problems.push(...network.problems);
	return problems.length > 0 || "problems" in network
		? { problems }
		: { settings: { apiKey, workspaceId: workspaceId.toLowerCase(), baseUrl, ...network.settings } };
}

/** Of the settings, those that need no account of the API. */
export function readNetworkSettings(
	config: Get,
	env: Get,
	keys: Iterable<string> = [],
): Read<NetworkSettings> {
	const problems: SettingsProblem[] = [];
	const problem = complainTo(problems);
	let dnsServers: string[] | undefined;
	const servers = getter(config, env)("channels:dnsServers");
	try {
		if (servers) dnsServers = parseServers(servers);
	} catch (error) {
		problem("channels:dnsServers", (error as Error).message);
	}
	const { http, https } = environmentProxies(env);
	for (const proxy of [http, https]) {
		const reason = proxy && proxyProblem(proxy.value);
		if (reason) problem(proxy.setting, `${reason}.`);
	}
	const aws = readAwsSettings(config, problem, keys);
	return problems.length > 0 ? { problems } : { settings: { dnsServers, aws } };
}

const getter = (config: Get, env: Get) => (key: SettingKey) =>
	nonEmpty(config(key)) ?? nonEmpty(env(fallbacks[key]));

const complainTo = (problems: SettingsProblem[]) => (setting: string, reason: string | undefined) => {
	if (reason) problems.push({ setting, reason });
};

export const inWords = ({ setting, reason }: SettingsProblem): string => `${setting} ${reason}`;

export const codeOfSettings = (
	problems: readonly SettingsProblem[],
): "setting-missing" | "setting-invalid" =>
	problems.every(({ missing }) => missing) ? "setting-missing" : "setting-invalid";

/** What may stand in no message, whoever wrote it. */
export function secretsOf({ apiKey, aws }: Settings): string[] {
	const passwords = [aws.httpProxy, aws.httpsProxy].map(
		(proxy) => /:\/\/[^/@]*:([^/]*)@/.exec(proxy ?? "")?.[1],
	);
	return [apiKey, aws.secretKey, aws.token, aws.webIdentity?.token, ...passwords].filter(
		(secret) => secret !== undefined && secret !== "",
	) as string[];
}
