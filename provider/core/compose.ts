import { randomUUID } from "node:crypto";
import { createLookups } from "../../dns/index.js";
import { ChannelsClient } from "../../sdk/index.js";
import { environmentProxies } from "../../sdk/proxies.js";
import { createHttpTransport } from "../../sdk/transport.js";
import type { Channels } from "./channels/channels.js";
import { RemoteChannels } from "./channels/remote/remote.js";
import { systemClock } from "./clock.js";
import type { Route53Access } from "./hosts/route53/api.js";
import { connectRoute53 } from "./hosts/route53/client.js";
import { route53Zones } from "./hosts/route53/host.js";
import { RunCache } from "./run/cache.js";
import type { EmbeddedApi, RemoteApi } from "./settings/api.js";
import type { NetworkSettings, Settings } from "./settings/settings.js";
import type { DnsWorld, World } from "./world.js";
import type { Zones } from "./zones/zones.js";

/** What a binding knows of its process, and the core does not. */
export interface Surroundings extends Pick<World, "progress" | "stop" | "lookForStop" | "slots" | "claims"> {
	readonly env: (key: string) => string | undefined;
	/** Whether nothing more can be set off until something ends. */
	readonly complete: () => boolean;
}

/**
 * The real world, in these surroundings. Its `progress` is for what concerns nobody in particular, and its `urn`
 * nobody's; a binding puts those of each operation in their place.
 */
export async function composeWorld(settings: Settings, surroundings: Surroundings): Promise<World> {
	const { api } = settings;
	const channels =
		api.kind === "remote" ? remote(api, surroundings) : await embedded(api, settings, surroundings);
	return { ...composeDnsWorld(settings, surroundings), channels };
}

const remote = (api: RemoteApi, { env }: Surroundings): Channels =>
	new RemoteChannels(
		new ChannelsClient({
			apiKey: api.apiKey,
			workspaceId: api.workspaceId,
			baseUrl: api.baseUrl,
			transport: createHttpTransport({ proxies: environmentProxies(env) }),
		}),
	);

/** Loaded for those alone who have it: it brings the AWS SDK of SES along. */
async function embedded(
	api: EmbeddedApi,
	{ aws }: NetworkSettings,
	{ env, stop }: Surroundings,
): Promise<Channels> {
	const { EmbeddedChannels } = await import("./channels/embedded/embedded.js");
	const { connect } = await import("./channels/embedded/connect.js");
	return new EmbeddedChannels({
		workspaceId: api.workspaceId,
		mailFrom: api.mailFrom ?? null,
		mx: api.mx,
		dmarcPolicy: "none",
		newId: randomUUID,
		clock: systemClock,
		connect: () => connect({ api, aws, env, stop, clock: systemClock, random: Math.random }),
	});
}

/** The same without an account of the API. */
export function composeDnsWorld(settings: NetworkSettings, surroundings: Surroundings): DnsWorld {
	const { progress, stop, lookForStop, slots, claims, env, complete } = surroundings;
	const zones = new Map<string, Promise<Zones>>();
	const route53 = (access: Route53Access) => {
		const { region, profile, roleArn, externalId } = access;
		const key = JSON.stringify([region, profile, roleArn, externalId]);
		let connected = zones.get(key);
		if (!connected) {
			connected = connectRoute53({
				access,
				aws: settings.aws,
				env,
				clock: systemClock,
				random: Math.random,
				stop,
				onBusy: progress.show,
			}).then((api) => route53Zones(api, { clock: systemClock, random: Math.random, complete, stop }));
			zones.set(key, connected);
			connected.catch(() => zones.delete(key));
		}
		return connected;
	};

	return {
		clock: systemClock,
		random: Math.random,
		lookups: createLookups(settings.dnsServers ? { servers: settings.dnsServers } : {}),
		hosts: { route53 },
		progress,
		stop,
		lookForStop,
		slots,
		claims,
		cache: new RunCache(),
		urn: undefined,
	};
}
