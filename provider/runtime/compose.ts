import { availableParallelism } from "node:os";
import { createLookups } from "../../dns/index.js";
import { ChannelsClient } from "../../sdk/index.js";
import { systemClock } from "./clock.js";
import { EngineLog } from "./engine.js";
import { operations } from "./operations.js";
import type { Route53Access } from "./route53/api.js";
import { connectRoute53 } from "./route53/client.js";
import { Zones } from "./route53/zones.js";
import type { Settings } from "./settings.js";
import { stopSignal } from "./stop.js";
import type { World } from "./world.js";

const env = (key: string) => process.env[key];

/** Where progress is shown, and what ends the work. */
export type Surroundings = Pick<World, "progress" | "stop">;

/** The real world: of a provider process that the engine started, unless other surroundings are given. */
export function composeWorld(
	settings: Settings,
	{ progress, stop }: Surroundings = startedByEngine(),
): World {
	// Pulumi runs four operations per core at once (`--parallel`).
	const slots = 4 * availableParallelism();
	const complete = () => operations.fill(slots);
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
				onBusy: progress(undefined).show,
			}).then((api) => new Zones(api, { clock: systemClock, random: Math.random, complete, stop }));
			zones.set(key, connected);
			connected.catch(() => zones.delete(key));
		}
		return connected;
	};

	return {
		clock: systemClock,
		random: Math.random,
		workspaceId: settings.workspaceId,
		channels: new ChannelsClient({
			apiKey: settings.apiKey,
			workspaceId: settings.workspaceId,
			baseUrl: settings.baseUrl,
		}),
		lookups: createLookups(settings.dnsServers ? { servers: settings.dnsServers } : {}),
		route53,
		progress,
		stop,
		slots,
	};
}

function startedByEngine(): Surroundings {
	// The engine starts the process as `node <launcher> … <engine address>`.
	const [, launcher] = process.argv;
	const address = process.argv.length > 2 ? process.argv.at(-1) : undefined;
	const log = new EngineLog(address, launcher);
	return { progress: (urn) => log.progress(urn), stop: stopSignal(address) };
}
