import type { Command } from "commander";
import { composeDnsWorld, composeWorld, type Surroundings } from "../provider/core/compose.js";
import { Claims } from "../provider/core/run/claims.js";
import {
	codeOfSettings,
	readNetworkSettings,
	readSettings,
	type SettingsProblem,
} from "../provider/core/settings/settings.js";
import type { DnsWorld, World } from "../provider/core/world.js";
import { exitCodes, Failure } from "./command-failure.js";
import type { Terminal } from "./terminal.js";

export interface ConnectionOptions {
	workspace?: string;
	baseUrl?: string;
	dnsServers?: string;
}

/** The options of every command; each falls back to the environment. */
export function addConnectionOptions(command: Command): Command {
	return command
		.option("--workspace <uuid>", "the workspace; default CHANNELS_WORKSPACE_ID")
		.option("--base-url <url>", "of the Channels API; default CHANNELS_BASE_URL, then the hosted API")
		.option(
			"--dns-servers <list>",
			"ip[:port],… to ask instead of the system's; default CHANNELS_DNS_SERVERS",
		);
}

/** The same settings as the provider's, under the names that this command has for them. */
const spelling: Record<string, string> = {
	"channels:apiKey": "CHANNELS_API_KEY",
	"channels:workspaceId": "--workspace (or CHANNELS_WORKSPACE_ID)",
	"channels:baseUrl": "--base-url (or CHANNELS_BASE_URL)",
	"channels:dnsServers": "--dns-servers (or CHANNELS_DNS_SERVERS)",
};

/** Runs work in the world that the options and the environment describe. @throws Failure for a bad setting */
export async function withWorld<T>(
	edge: Terminal,
	options: ConnectionOptions,
	work: (world: World) => Promise<T>,
): Promise<T> {
	const settings = granted(readSettings(configOf(options), edge.env));
	const world = composeWorld(settings, surroundingsOf(edge));
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
		"channels:workspaceId": options.workspace,
		"channels:baseUrl": options.baseUrl,
		"channels:dnsServers": options.dnsServers,
	};
	return (key) => given[key];
}

function granted<T>(read: { settings: T } | { problems: SettingsProblem[] }): T {
	if ("settings" in read) return read.settings;
	throw new Failure(
		codeOfSettings(read.problems),
		read.problems.map(
			({ setting, reason, missing }) => `${spelling[setting] ?? setting} ${missing ? "is not set." : reason}`,
		),
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
