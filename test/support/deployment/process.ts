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
import { channelsOperation, defaultAccount, Faults, type HttpRequest } from "../../../sandbox/index.js";
import { ChannelsClient } from "../../../sdk/index.js";
import { createHttpTransport, type HttpTransportOptions, type Transport } from "../../../sdk/transport.js";
import { HastyClock } from "../../provider/hasty-clock.js";
import type { Stage } from "../stage.js";

/** One for all processes of a speed: what one has read of the service's times, the next one reads the same. */
const clocks = new Map<number, HastyClock>();

function clockOf(speed: number): HastyClock {
	const clock = clocks.get(speed) ?? new HastyClock(speed);
	clocks.set(speed, clock);
	return clock;
}

/** Nothing listens there. */
export const nobody = "127.0.0.1:1";

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
	const { sandbox, service, baseUrl } = stage;
	const { dnsServer = sandbox.dns.authoritative, allowedAccountIds, speed = 10, callTimeoutMs } = options;
	const clock = clockOf(speed);
	/** A time of the service's clock, as it would be if that clock were as fast. */
	const asShown = (_: string, time: string) =>
		`"${new Date(clock.at(Date.parse(`${time}Z`))).toISOString()}"`;
	const stop = new AbortController().signal;
	const { random } = Math;
	const operationOf = (request: HttpRequest, origin: string) => {
		if (origin === baseUrl) return { service: "channels", operation: channelsOperation(request) };
		const { name, route } =
			[sandbox.sts, sandbox.ses, sandbox.route53].find(({ url }) => url === origin)?.service ??
			sandbox.route53.service;
		return { service: name, operation: route(request, "").operation };
	};
	const hasty = (transport: Transport): Transport => ({
		async send({ url, timeoutMs, ...request }) {
			const call = operationOf(asServed({ url, ...request }), url.origin);
			const isRefused = refused.hit({ ...call, input: undefined }).length > 0;
			const answer = await transport.send({
				...request,
				url: isRefused ? new URL(`${url.pathname}${url.search}`, `http://${nobody}`) : url,
				timeoutMs: timeoutMs / speed,
			});
			return { ...answer, body: answer.body.replaceAll(/"(\d{4}-\d\d-\d\dT[\d:.]+)(Z|\+00:00)"/g, asShown) };
		},
		close: () => transport.close(),
	});
	const ofAws = {
		aws: {
			accessKey: defaultAccount.accessKeyId,
			secretKey: defaultAccount.secretAccessKey,
			...(allowedAccountIds && { allowedAccountIds }),
			endpoints: { route53: sandbox.route53.url, sesv2: sandbox.ses.url, sts: sandbox.sts.url },
		},
		...{ env: () => undefined, clock, random, stop },
		connect: (options: HttpTransportOptions) => hasty(createHttpTransport(options)),
	};
	const zones = new Map<string, Promise<Zones>>();
	const connectZones = (access: Route53Access) =>
		connectRoute53({ ...ofAws, access, onBusy() {} }).then((api) =>
			route53Zones(api, { clock, random, complete: () => false, stop }),
		);
	const remote = () =>
		new RemoteChannels(
			new ChannelsClient({
				apiKey: service.apiKey,
				workspaceId: service.workspaceId,
				baseUrl,
				clock,
				timeoutMs: callTimeoutMs,
				attemptTimeoutMs: callTimeoutMs,
				transport: hasty(createHttpTransport()),
			}),
		);
	const embedded = () =>
		new EmbeddedChannels({
			...{ workspaceId: undefined, mailFrom: "bounce", mx: true, dmarcPolicy: "none", clock },
			newId: () => crypto.randomUUID(),
			connect: () =>
				connect({
					...ofAws,
					api: { kind: "embedded", workspaceId: undefined, region: "us-east-1", mx: true },
				}),
		});
	return {
		clock,
		random,
		channels: options.api === "embedded" ? embedded() : remote(),
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

/** What a server gets of what a transport sends. */
function asServed({
	method,
	url,
	headers,
	body = "",
}: Omit<Parameters<Transport["send"]>[0], "timeoutMs" | "maxBytes" | "signal">): HttpRequest {
	return {
		method,
		target: `${url.pathname}${url.search}`,
		path: url.pathname,
		query: url.searchParams,
		headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
		body,
	};
}
