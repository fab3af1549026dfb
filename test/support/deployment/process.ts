import { createLookups } from "../../../dns/index.js";
import { connect } from "../../../provider/core/channels/embedded/connect.js";
import { EmbeddedChannels } from "../../../provider/core/channels/embedded/embedded.js";
import { RemoteChannels } from "../../../provider/core/channels/remote/remote.js";
import type { Route53Access } from "../../../provider/core/hosts/route53/api.js";
import { connectRoute53 } from "../../../provider/core/hosts/route53/client.js";
import { route53Zones } from "../../../provider/core/hosts/route53/host.js";
import { RunCache } from "../../../provider/core/run/cache.js";
import { Claims } from "../../../provider/core/run/claims.js";
import type { World } from "../../../provider/core/world.js";
import type { Zones } from "../../../provider/core/zones/zones.js";
import { defaultAccount, Faults } from "../../../sandbox/index.js";
import { ChannelsClient } from "../../../sdk/index.js";
import { createHttpTransport, type HttpTransportOptions, type Transport } from "../../../sdk/transport.js";
import { HastyClock } from "../../provider/hasty-clock.js";
import type { Stage } from "../stage.js";
import { hastyTransports } from "./hasty-transport.js";

/** One for all processes of a speed: what one has read of the service's times, the next one reads the same. */
const clocks = new Map<number, HastyClock>();

function clockOf(speed: number): HastyClock {
	const clock = clocks.get(speed) ?? new HastyClock(speed);
	clocks.set(speed, clock);
	return clock;
}

export interface ProcessOptions {
	/** Calls that get no connection, whatever their effect; as for the sandbox's servers. */
	readonly refused?: Faults;
	/** `ip:port` of the provider's DNS server. Default: the sandbox's. */
	readonly dnsServer?: string;
	/** Where the Channels API is: a service, or in the provider, on the sandbox's SES. Default: a service. */
	readonly api?: "remote" | "embedded";
	readonly allowedAccountIds?: string[];
	/**
	 * So many of its seconds pass in one of the machine; the service's clock seems to run as fast. Default 10: deadlines
	 * of half a minute pass in three seconds, and answers still come in time on a machine that is busy.
	 */
	readonly speed?: number;
	/** How long a call of the Channels API may take, on that clock. Default: the client's own. */
	readonly callTimeoutMs?: number;
}

/** A provider process on a stage, but for Pulumi and the process: real clients, on real sockets. */
export function startProcess(stage: Stage, { refused = new Faults(), ...options }: ProcessOptions): World {
	const { sandbox } = stage;
	const { dnsServer = sandbox.dns.authoritative, speed = 10 } = options;
	const clock = clockOf(speed);
	const stop = new AbortController().signal;
	const { random } = Math;
	const hasty = hastyTransports(stage, { clock, speed, refused });
	const ofAws = {
		...{ aws: awsOf(stage, options), env: () => undefined, clock, random, stop },
		connect: (options: HttpTransportOptions) => hasty(createHttpTransport(options)),
	};
	const zones = new Map<string, Promise<Zones>>();
	const connectZones = (access: Route53Access) =>
		connectRoute53({ ...ofAws, access, onBusy() {} }).then((api) =>
			route53Zones(api, { clock, random, complete: () => false, stop }),
		);
	return {
		clock,
		random,
		channels:
			options.api === "embedded"
				? embedded(ofAws)
				: remote(stage, options, { clock, transport: hasty(createHttpTransport()) }),
		lookups: createLookups({ servers: [dnsServer], timeoutMs: 1_000 }),
		hosts: {
			route53(access) {
				const key = JSON.stringify([access.roleArn, access.externalId]);
				const known = zones.get(key) ?? connectZones(access);
				zones.set(key, known);
				return known;
			},
		},
		progress: { show() {}, warn() {} },
		stop,
		slots: 8,
		claims: new Claims(),
		cache: new RunCache(),
		urn: undefined,
	};
}

const awsOf = ({ sandbox }: Stage, { allowedAccountIds }: ProcessOptions) => ({
	accessKey: defaultAccount.accessKeyId,
	secretKey: defaultAccount.secretAccessKey,
	...(allowedAccountIds && { allowedAccountIds }),
	endpoints: { route53: sandbox.route53.url, sesv2: sandbox.ses.url, sts: sandbox.sts.url },
});

const remote = (
	{ service: { apiKey, workspaceId }, baseUrl }: Stage,
	{ callTimeoutMs }: ProcessOptions,
	{ clock, transport }: { clock: HastyClock; transport: Transport },
) =>
	new RemoteChannels(
		new ChannelsClient({
			...{ apiKey, workspaceId, baseUrl, clock, transport },
			timeoutMs: callTimeoutMs,
			attemptTimeoutMs: callTimeoutMs,
		}),
	);

function embedded(ofAws: Omit<Parameters<typeof connect>[0], "api">) {
	const api = { kind: "embedded", workspaceId: undefined, region: "us-east-1", mx: true } as const;
	return new EmbeddedChannels({
		...{ workspaceId: undefined, mailFrom: "bounce", mx: true, dmarcPolicy: "none", clock: ofAws.clock },
		newId: () => crypto.randomUUID(),
		connect: () => connect({ ...ofAws, api }),
	});
}
