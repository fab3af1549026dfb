import { parseServers } from "../../../dns/index.js";
import { environmentProxies, proxyProblem } from "../../../sdk/proxies.js";
import { type EmbeddedApi, type RemoteApi, readApi } from "./api.js";
import { nearest } from "./aws-names.js";
import { type AwsSettings, readAwsSettings } from "./aws-settings.js";
import { type SettingsProblem, Source, settingKeys } from "./source.js";

/** The account and the surroundings that the provider works with; one set per provider process. */
export interface Settings extends NetworkSettings {
	api: RemoteApi | EmbeddedApi;
}

/** How DNS and AWS are reached, which needs no account of the API. */
export interface NetworkSettings {
	/** `ip[:port]`; undefined: the system's resolvers, and authoritative servers at their own addresses. */
	dnsServers: string[] | undefined;
	aws: AwsSettings;
}

type Get = (key: string) => string | undefined;

/** What was read, or every problem with it; a problem never quotes a secret. */
export type Read<T> = { settings: T } | { problems: SettingsProblem[] };

/**
 * Reads the settings from the configuration, then from the environment.
 *
 * @param keys of the whole configuration, as far as they are known: slips in names are found among them.
 */
export function readSettings(config: Get, env: Get, keys: Iterable<string> = []): Read<Settings> {
	const source = new Source(config, env);
	const all = [...keys];
	complainOfSlips(source, all);
	const network = readNetwork(source, config, env, all);
	const api = readApi(source, network.aws);
	return read(source, api && { ...network, api });
}

/** Of the settings, those that need no account of the API. */
export function readNetworkSettings(
	config: Get,
	env: Get,
	keys: Iterable<string> = [],
): Read<NetworkSettings> {
	const source = new Source(config, env);
	return read(source, readNetwork(source, config, env, keys));
}

const read = <T>({ problems }: Source, settings: T | undefined): Read<T> =>
	problems.length > 0 || settings === undefined ? { problems } : { settings };

/** Names of a few letters have too many neighbours: a project of the name `channels` has keys of its own there. */
const longKeys = settingKeys.filter((key) => key.length >= "channels:apiKey".length);

function complainOfSlips(source: Source, keys: readonly string[]): void {
	for (const key of keys.filter((each) => each.startsWith("channels:"))) {
		const meant = nearest(key, longKeys, settingKeys);
		source.complain(key, meant && `is no setting; did you mean ${meant}?`);
	}
}

function readNetwork(source: Source, config: Get, env: Get, keys: Iterable<string>): NetworkSettings {
	let dnsServers: string[] | undefined;
	const servers = source.get("channels:dnsServers");
	try {
		if (servers) dnsServers = parseServers(servers);
	} catch (error) {
		source.complain("channels:dnsServers", (error as Error).message);
	}
	const { http, https } = environmentProxies(env);
	for (const proxy of [http, https]) {
		const reason = proxy && proxyProblem(proxy.value);
		if (proxy) source.complain(proxy.setting, reason && `${reason}.`);
	}
	const aws = readAwsSettings(config, (setting, reason) => source.complain(setting, reason), keys);
	return { dnsServers, aws };
}

export const inWords = ({ setting, reason, remedy }: SettingsProblem): string =>
	[setting, reason, remedy].filter(Boolean).join(" ");

export const codeOfSettings = (
	problems: readonly SettingsProblem[],
): "setting-missing" | "setting-invalid" =>
	problems.every(({ missing }) => missing) ? "setting-missing" : "setting-invalid";

/** What may stand in no message, whoever wrote it. */
export function secretsOf({ api, aws }: Settings): string[] {
	const passwords = [aws.httpProxy, aws.httpsProxy].map(
		(proxy) => /:\/\/[^/@]*:([^/]*)@/.exec(proxy ?? "")?.[1],
	);
	const apiKey = api.kind === "remote" ? api.apiKey : undefined;
	return [apiKey, aws.secretKey, aws.token, aws.webIdentity?.token, ...passwords].filter(
		(secret) => secret !== undefined && secret !== "",
	) as string[];
}
