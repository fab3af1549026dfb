import type { Command } from "commander";
import { composeWorld } from "../provider/core/compose.js";
import { Run } from "../provider/core/run.js";
import { readSettings } from "../provider/core/settings/settings.js";
import type { World } from "../provider/core/world.js";
import type { Edge } from "./edge.js";
import { usageError } from "./failure.js";

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
	edge: Edge,
	options: ConnectionOptions,
	work: (world: World) => Promise<T>,
): Promise<T> {
	const given: Record<string, string | undefined> = {
		"channels:workspaceId": options.workspace,
		"channels:baseUrl": options.baseUrl,
		"channels:dnsServers": options.dnsServers,
	};
	const read = readSettings((key) => given[key], edge.env);
	if ("problems" in read) {
		throw usageError(
			read.problems
				.map(
					({ setting, reason, missing }) =>
						`${spelling[setting] ?? setting} ${missing ? "is not set." : reason}`,
				)
				.join("\n"),
		);
	}
	const world = composeWorld(read.settings, {
		progress: { show: edge.status, warn: (text) => edge.err(`Warning: ${text}\n`) },
		stop: edge.stop,
		env: edge.env,
		slots: 1,
		run: new Run(),
		complete: () => true,
	});
	try {
		return await work(world);
	} finally {
		await world.channels.close();
	}
}
