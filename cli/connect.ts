import type { Command } from "commander";
import { composeDnsWorld, composeWorld, type Surroundings } from "../provider/core/compose.js";
import { Claims } from "../provider/core/run/claims.js";
import { codeOfSettings, readNetworkSettings, readSettings } from "../provider/core/settings/settings.js";
import type { SettingsProblem } from "../provider/core/settings/source.js";
import type { DnsWorld, World } from "../provider/core/world.js";
import { exitCodes, Failure } from "./command-failure.js";
import { present } from "./route53-options.js";
import type { Terminal } from "./terminal.js";

export interface ApiOptions {
	api?: string;
	workspace?: string;
	baseUrl?: string;
	sesRegion?: string;
	sesProfile?: string;
	sesRoleArn?: string;
	sesExternalId?: string;
	/** False with `--no-mx`. */
	mx?: boolean;
}

export interface ConnectionOptions extends ApiOptions {
	dnsServers?: string;
}

/** The options of every command; each falls back to the environment. */
export function addConnectionOptions(command: Command): Command {
	return command
		.option("--api <kind>", "remote or embedded; default CHANNELS_API, then remote")
		.option("--workspace <uuid>", "the workspace; default CHANNELS_WORKSPACE_ID")
		.option("--base-url <url>", "of the remote API; default CHANNELS_BASE_URL, then the hosted API")
		.option("--ses-region <region>", "embedded: of Amazon SES; default CHANNELS_SES_REGION, then AWS_REGION")
		.option("--ses-profile <name>", "embedded: of the shared AWS configuration; default CHANNELS_SES_PROFILE")
		.option("--ses-role-arn <arn>", "embedded: IAM role to assume; default CHANNELS_SES_ROLE_ARN")
		.option("--ses-external-id <id>", "embedded: for that role; default CHANNELS_SES_EXTERNAL_ID")
		.option(
			"--dns-servers <list>",
			"ip[:port],… to ask instead of the system's; default CHANNELS_DNS_SERVERS",
		);
}

/** Those of the API, for a command that may need none: each is undefined unless it was given. */
export const apiOptionsOf = (options: ApiOptions): ApiOptions => {
	const { api, workspace, baseUrl, sesRegion, sesProfile, sesRoleArn, sesExternalId } = options;
	return present({ api, workspace, baseUrl, sesRegion, sesProfile, sesRoleArn, sesExternalId });
};

/** For a command that reads the records of setups. */
export const addMxOption = (command: Command): Command =>
	command.option("--no-mx", "embedded: the stack has channels:mx false; default CHANNELS_MX");

/** The same settings as the provider's, under the names that this command has for them. */
const spelling: Record<string, string> = {
	"channels:api": "--api (or CHANNELS_API)",
	"channels:apiKey": "CHANNELS_API_KEY",
	"channels:workspaceId": "--workspace (or CHANNELS_WORKSPACE_ID)",
	"channels:baseUrl": "--base-url (or CHANNELS_BASE_URL)",
	"channels:sesRegion": "--ses-region (or CHANNELS_SES_REGION)",
	"channels:sesProfile": "--ses-profile (or CHANNELS_SES_PROFILE)",
	"channels:sesRoleArn": "--ses-role-arn (or CHANNELS_SES_ROLE_ARN)",
	"channels:sesExternalId": "--ses-external-id (or CHANNELS_SES_EXTERNAL_ID)",
	"channels:mailFrom": "CHANNELS_MAIL_FROM",
	"channels:mx": "--no-mx (or CHANNELS_MX)",
	"channels:dnsServers": "--dns-servers (or CHANNELS_DNS_SERVERS)",
};

const spelled = (text: string) => text.replace(/\bchannels:\w+/g, (setting) => spelling[setting] ?? setting);

/** What to do where nothing says which API there is. */
const firstSteps =
	"Set --api embedded to ask Amazon SES with your AWS credentials, or CHANNELS_API_KEY and CHANNELS_WORKSPACE_ID " +
	"(and CHANNELS_BASE_URL) for a Channels API of your own.";

/** Runs work in the world that the options and the environment describe. @throws Failure for a bad setting */
export async function withWorld<T>(
	edge: Terminal,
	options: ConnectionOptions,
	work: (world: World) => Promise<T>,
): Promise<T> {
	const settings = granted(readSettings(configOf(options), edge.env));
	const world = await composeWorld(settings, surroundingsOf(edge));
	try {
		return await work(world);
	} finally {
		await world.channels.close();
	}
}

/** The same for what asks DNS and Route 53 alone: no key is read, and no workspace. */
export const dnsWorld = (edge: Terminal, options: ConnectionOptions): DnsWorld =>
	composeDnsWorld(granted(readNetworkSettings(configOf(options), edge.env)), surroundingsOf(edge));

function configOf(options: ConnectionOptions): (key: string) => string | undefined {
	const given: Record<string, string | undefined> = {
		"channels:api": options.api,
		"channels:workspaceId": options.workspace,
		"channels:baseUrl": options.baseUrl,
		"channels:sesRegion": options.sesRegion,
		"channels:sesProfile": options.sesProfile,
		"channels:sesRoleArn": options.sesRoleArn,
		"channels:sesExternalId": options.sesExternalId,
		...(options.mx === false && { "channels:mx": "false" }),
		"channels:dnsServers": options.dnsServers,
	};
	return (key) => given[key];
}

function granted<T>(read: { settings: T } | { problems: SettingsProblem[] }): T {
	if ("settings" in read) return read.settings;
	throw new Failure(
		codeOfSettings(read.problems),
		read.problems.flatMap(({ setting, reason, missing }) => [
			spelled(`${setting} ${reason}`),
			...(setting === "channels:api" && missing ? [firstSteps] : []),
		]),
		exitCodes.usage,
	);
}

const surroundingsOf = (edge: Terminal): Surroundings => ({
	progress: {
		show: edge.status,
		warn(words) {
			const [first = "", ...more] = [words].flat();
			edge.err([`Warning: ${first}`, ...more]);
		},
	},
	stop: edge.stop,
	env: edge.env,
	slots: 1,
	claims: new Claims(),
	complete: () => true,
});
