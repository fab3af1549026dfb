import { parseServers } from "../../dns/index.js";
import { baseUrlProblem, DEFAULT_BASE_URL, workspaceProblem } from "../../sdk/index.js";

/** The account and the surroundings that the provider works with; one set per provider process. */
export interface Settings {
	apiKey: string;
	workspaceId: string;
	baseUrl: string;
	/** `ip[:port]`; undefined: the system's resolvers, and authoritative servers at their own addresses. */
	dnsServers: string[] | undefined;
	/** The stack's `aws:*` configuration, keys without the prefix. */
	aws: AwsSettings;
}

export interface AwsSettings {
	region?: string;
	profile?: string;
	accessKey?: string;
	secretKey?: string;
	token?: string;
	/** In the order in which they are assumed. */
	assumeRoles?: AssumeRole[];
	endpoints?: { route53?: string; sts?: string };
	/** Paths of shared configuration files, where the stack names its own. */
	sharedConfigFile?: string;
	sharedCredentialsFile?: string;
}

export interface AssumeRole {
	roleArn: string;
	externalId?: string;
	sessionName?: string;
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
 * @returns the settings, or every problem with them; a problem never quotes a value.
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
	let aws: AwsSettings = {};
	try {
		aws = readAws(config);
	} catch (error) {
		problem("aws", (error as Error).message);
	}
	return problems.length > 0
		? { problems }
		: { settings: { apiKey, workspaceId: workspaceId.toLowerCase(), baseUrl, dnsServers, aws } };
}

/** The keys of the AWS provider's configuration that say who asks, and where. */
function readAws(config: Get): AwsSettings {
	const aws: AwsSettings = {};
	for (const key of ["region", "profile", "accessKey", "secretKey", "token"] as const) {
		const value = nonEmpty(config(`aws:${key}`));
		if (value) aws[key] = value;
	}
	const sharedConfig = jsonOf(config, "aws:sharedConfigFiles");
	if (Array.isArray(sharedConfig) && typeof sharedConfig[0] === "string")
		aws.sharedConfigFile = sharedConfig[0];
	const sharedCredentials = jsonOf(config, "aws:sharedCredentialsFiles");
	if (Array.isArray(sharedCredentials) && typeof sharedCredentials[0] === "string") {
		aws.sharedCredentialsFile = sharedCredentials[0];
	}
	const roles = [jsonOf(config, "aws:assumeRole"), jsonOf(config, "aws:assumeRoles")].flat().filter(isObject);
	if (roles.length > 0) {
		aws.assumeRoles = roles.map((role) => {
			const { roleArn, externalId, sessionName } = role;
			if (typeof roleArn !== "string") throw new Error("aws:assumeRole has no roleArn.");
			return {
				roleArn,
				...(typeof externalId === "string" && { externalId }),
				...(typeof sessionName === "string" && { sessionName }),
			};
		});
	}
	const endpoints = Object.assign({}, ...[jsonOf(config, "aws:endpoints")].flat().filter(isObject)) as {
		[service: string]: unknown;
	};
	for (const service of ["route53", "sts"] as const) {
		const url = endpoints[service];
		if (typeof url === "string" && url !== "") aws.endpoints = { ...aws.endpoints, [service]: url };
	}
	return aws;
}

const isObject = (value: unknown): value is { [key: string]: unknown } =>
	typeof value === "object" && value !== null && !Array.isArray(value);

/** Structured configuration reaches a provider as JSON text. */
function jsonOf(config: Get, key: string): unknown {
	const text = nonEmpty(config(key));
	if (text === undefined) return undefined;
	try {
		return JSON.parse(text);
	} catch {
		throw new Error(`${key} is not the object or list that the AWS provider takes.`);
	}
}
