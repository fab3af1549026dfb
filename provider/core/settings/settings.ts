import { parseServers } from "../../../dns/index.js";
// Not the SDK's index: programs read the settings too, and load no HTTP client for that.
import { baseUrlProblem, DEFAULT_BASE_URL, workspaceProblem } from "../../../sdk/arguments.js";
import { type AwsSettings, readAwsSettings } from "./aws-settings.js";

/** The account and the surroundings that the provider works with; one set per provider process. */
export interface Settings {
	apiKey: string;
	workspaceId: string;
	baseUrl: string;
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

/**
 * Reads the settings from the configuration, then from the environment.
 *
 * @returns the settings, or every problem with them; a problem never quotes a secret.
 */
export function readSettings(
	config: Get,
	env: Get,
): { settings: Settings } | { problems: SettingsProblem[] } {
	const problems: SettingsProblem[] = [];
	const problem = (setting: string, reason: string | undefined) => {
		if (reason) problems.push({ setting, reason });
	};
	const get = (key: SettingKey) => nonEmpty(config(key)) ?? nonEmpty(env(fallbacks[key]));
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

	let dnsServers: string[] | undefined;
	const servers = get("channels:dnsServers");
	try {
		if (servers) dnsServers = parseServers(servers);
	} catch (error) {
		problem("channels:dnsServers", (error as Error).message);
	}
	const aws = readAwsSettings(config, problem);
	return problems.length > 0
		? { problems }
		: { settings: { apiKey, workspaceId: workspaceId.toLowerCase(), baseUrl, dnsServers, aws } };
}
