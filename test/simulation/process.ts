import { createLookups } from "../../dns/index.js";
import type { Channels } from "../../provider/core/channels/channels.js";
import { connect } from "../../provider/core/channels/embedded/connect.js";
import { EmbeddedChannels } from "../../provider/core/channels/embedded/embedded.js";
import { RemoteChannels } from "../../provider/core/channels/remote/remote.js";
import type { Clock } from "../../provider/core/clock.js";
import { type Route53Api, Route53Error } from "../../provider/core/hosts/route53/api.js";
import type { Change } from "../../provider/core/hosts/route53/changes.js";
import { route53Zones } from "../../provider/core/hosts/route53/host.js";
import { Throttling } from "../../provider/core/hosts/route53/throttling.js";
import { RunCache } from "../../provider/core/run/cache.js";
import { Claims } from "../../provider/core/run/claims.js";
import type { World } from "../../provider/core/world.js";
import { defaultAccount } from "../../sandbox/index.js";
import {
	ChannelsClient,
	type Clock as ClientClock,
	type HttpAnswer,
	type HttpRequest,
	type Transport,
} from "../../sdk/index.js";
import { TransportError } from "../../sdk/transport.js";
import type { Environment } from "./environment.js";
import { givenServer } from "./internet.js";
import type { Random } from "./random.js";
import { region, type SesCall, type SesModel } from "./ses-model.js";
import { channelsWay, type Fate, page, refusal, route53Way, sesWay, type Way } from "./ways.js";

/** How probable each is. */
export type Weather = Partial<Record<Exclude<Fate, "well">, number>> & {
	/** That a question to DNS stays unanswered. */
	silence?: number;
	/** Milliseconds that a request takes each way, at most. */
	slowness?: number;
	/** Whether something else answers in the place of the API, 404 to everything. */
	wrongAddress?: boolean;
	/** How long the API is away, in milliseconds from the run's begin on. */
	outageMs?: number;
	/** That somebody else writes in a zone right before a change of it arrives. */
	race?: number;
	/** That AWS denies a change of a zone, or to say what has become of one. */
	denied?: number;
};

export interface Kill {
	/** The how manieth thing that the process waits for. */
	readonly at: number;
	/** Whether what is under way then is still done. */
	readonly sent: boolean;
	/** The engine alone is killed; the process notices and winds up. */
	readonly engineOnly: boolean;
}

export interface ProcessOptions {
	readonly workspaceId: string;
	readonly apiKey: string;
	readonly weather?: Weather;
	readonly kill?: Kill | undefined;
	/** Whether `channels:dnsServers` is set. */
	readonly dnsServers?: boolean;
	readonly slots?: number;
	readonly observer: Observer;
	readonly tell: (text: () => string) => void;
}

/** Told of what a process changes. */
export interface Observer {
	/** Right before a setup is deleted. */
	deleting(setupId: string): void;
	/** Right after one was begun or made, whoever learns of it. */
	created(setupId: string): void;
	/** Right before a call of SES that changes something. */
	altering(operation: string): void;
	/** Where somebody else is faster. */
	raced(zoneId: string, changes: readonly Change[]): void;
	/** The process has heard that a change was made. */
	accepted(zoneId: string, changes: readonly Change[]): void;
	/** Right after a change was made, whoever learns of it. */
	changed(zoneId: string, changes: readonly Change[]): void;
}

/** How long the process takes to see that the engine is gone, and how long it may then take (`provider/dynamic/`). */
const noticeMs = 1_000;
const windUpMs = 4_000;

/** A provider process, on a network that may fail it, and which may end at any moment. */
export class SimulatedProcess {
	readonly world: World;
	readonly #killed = new AbortController();
	readonly #stop = new AbortController();
	readonly #began: number;
	#waits = 0;
	#isDead = false;

	constructor(
		private readonly environment: Environment,
		private readonly random: Random,
		private readonly options: ProcessOptions,
	) {
		this.#began = environment.clock.now();
		const clock = {
			now: () => environment.clock.now(),
			monotonic: () => environment.clock.monotonic(),
			sleep: (ms: number, signal: AbortSignal) => {
				this.#await();
				return this.#alive(environment.clock.sleep(ms, signal));
			},
		};
		const stop = this.#stop.signal;
		const zones = route53Zones(this.#route53(new Throttling(clock, random.next, () => {})), {
			clock,
			random: random.next,
			complete: () => false,
			stop,
		});
		const resolver = environment.internet.resolver();
		this.world = {
			clock,
			random: random.next,
			channels: environment.ses ? this.#embedded(environment.ses, clock) : this.#remote(clock),
			lookups: createLookups({
				...(options.dnsServers && { servers: [givenServer] }),
				now: clock.monotonic,
				ask: async (name, type, { server, signal }) => {
					this.#await();
					if (random.chance(options.weather?.silence ?? 0)) {
						await this.#alive(environment.clock.sleep(4_000, signal));
						return { kind: "failed", reason: "no answer within 4 s", silent: true };
					}
					return this.#alive(environment.internet.ask(resolver, name, type, server), signal);
				},
			}),
			hosts: { route53: async () => zones },
			progress: { show() {}, warn() {} },
			stop,
			slots: options.slots ?? 8,
			claims: new Claims(),
			cache: new RunCache(),
			urn: undefined,
		};
	}

	/** Aborts when the engine is killed. */
	get killed(): AbortSignal {
		return this.#killed.signal;
	}

	/** The engine ends its processes with itself. */
	end(): void {
		if (!this.#killed.signal.aborted) this.#isDead = true;
	}

	#await(): void {
		this.#waits += 1;
		const { kill } = this.options;
		if (kill && this.#waits === kill.at && !kill.sent) this.#end(kill);
	}

	#end({ engineOnly }: Kill): void {
		this.options.tell(() => (engineOnly ? "the engine is killed" : "engine and provider are killed"));
		this.#killed.abort();
		this.#isDead = !engineOnly;
		if (!engineOnly) return;
		const { clock } = this.environment;
		void clock
			.sleep(this.random.integer(0, noticeMs))
			.then(() => this.#stop.abort(new Error("The Pulumi engine is gone.")))
			.then(() => clock.sleep(windUpMs))
			.then(() => {
				this.#isDead = true;
			});
	}

	/** What comes of this, as long as the process lives; and the signal's reason, as soon as that aborts. */
	#alive<T>(work: Promise<T>, signal?: AbortSignal): Promise<T> {
		return new Promise((resolve, reject) => {
			const abort = () => {
				if (!this.#isDead) reject(signal?.reason);
			};
			if (signal?.aborted) abort();
			signal?.addEventListener("abort", abort, { once: true });
			const settle = (settled: () => void) => {
				signal?.removeEventListener("abort", abort);
				if (!this.#isDead) settled();
			};
			work.then(
				(value) => settle(() => resolve(value)),
				(error: unknown) => settle(() => reject(error)),
			);
		});
	}

	/** One request and its answer. */
	#request<T>(what: string, way: Way<T>, deliver: () => Promise<T>, signal?: AbortSignal): Promise<T> {
		this.#await();
		return this.#alive(this.#isDead ? new Promise<T>(() => {}) : this.#travel(what, way, deliver), signal);
	}

	async #travel<T>(what: string, way: Way<T>, deliver: () => Promise<T>): Promise<T> {
		const { kill, tell } = this.options;
		const number = this.#waits;
		const fate = this.#fate(way);
		if (fate !== "well") tell(() => `${what}: ${fate}`);
		await this.#hop();
		// A dead process has sent nothing any more.
		if (this.#isDead) return new Promise(() => {});
		const isLast = kill?.sent && number === kill.at;
		switch (fate) {
			case "refused":
				return way.refused();
			case "busy":
				return way.busy();
			case "lost before":
				return way.lost();
			case "late":
				void this.environment.clock
					.sleep(this.random.integer(1, way.longestLateMs))
					.then(deliver)
					.catch(() => {});
				return way.lost();
			default: {
				const done = deliver();
				done.catch(() => {});
				if (isLast) this.#end(kill);
				const again = fate === "repeated" ? this.#hop().then(deliver) : undefined;
				again?.catch(() => {});
				const answer = await (again && this.random.chance(0.5) ? again : done);
				await this.#hop();
				if (fate === "lost after") return way.lost();
				return fate === "broken after" ? way.broken() : answer;
			}
		}
	}

	#fate({ fates }: { fates: readonly Exclude<Fate, "well">[] }): Fate {
		const { weather = {} } = this.options;
		let left = this.random.next();
		for (const fate of fates) {
			left -= weather[fate] ?? 0;
			if (left < 0) return fate;
		}
		return "well";
	}

	#hop(): Promise<void> {
		return this.environment.clock.sleep(this.random.integer(1, this.options.weather?.slowness ?? 5));
	}

	#remote(clock: ClientClock): Channels {
		const { apiKey, workspaceId } = this.options;
		return new RemoteChannels(
			new ChannelsClient({
				...{ apiKey, workspaceId, clock, random: this.random.next },
				baseUrl: "https://channels.test",
				transport: this.#transport(),
				uuid: () => this.environment.newKey(),
			}),
		);
	}

	#embedded(ses: SesModel, clock: Clock): Channels {
		const { workspaceId } = this.options;
		const { dmarcPolicy, mailFrom } = this.environment;
		const { accessKeyId: accessKey, secretAccessKey: secretKey } = defaultAccount;
		const api = { kind: "embedded", workspaceId, region, mx: true } as const;
		return new EmbeddedChannels({
			...{ workspaceId, mailFrom, mx: true, dmarcPolicy, clock },
			newId: () => this.random.uuid(),
			connect: () =>
				connect({
					...{ api, clock, random: this.random.next, stop: this.#stop.signal },
					// The SDK would repeat on the machine's time.
					aws: { accessKey, secretKey, maxAttempts: 1 },
					env: () => undefined,
					connect: () => this.#sesTransport(ses),
				}),
		});
	}

	/** Whether the API is away or something else answers in its place. */
	#stray(): HttpAnswer | undefined {
		const { wrongAddress, outageMs = 0 } = this.options.weather ?? {};
		if (wrongAddress) return page(404);
		return this.environment.clock.now() - this.#began < outageMs ? page(503) : undefined;
	}

	/** A request with the time that its sender gives it. */
	#exchange(
		what: string,
		way: Way<HttpAnswer>,
		{ signal, timeoutMs }: Pick<HttpRequest, "signal" | "timeoutMs">,
		deliver: () => Promise<HttpAnswer>,
	): Promise<HttpAnswer> {
		const time = this.environment.clock.sleep(timeoutMs).then((): never => {
			throw new TransportError("timeout", true, `no whole answer within ${timeoutMs / 1000} s`);
		});
		time.catch(() => {});
		const answer = this.#request(what, way, async () => this.#stray() ?? (await deliver()), signal);
		return this.#alive(Promise.race([answer, time]));
	}

	#sesTransport(ses: SesModel): Transport {
		const { options } = this;
		const { observer } = options;
		return {
			send: (request) => {
				const call = ses.call(request);
				const { operation } = call;
				const isRead = /^(Get|List)/.test(operation);
				// What credentials may do does not change while a request is on its way, however often it arrives.
				const isDenied = this.random.chance((options.weather?.denied ?? 0) / (isRead ? 3 : 1));
				return this.#exchange(operation, sesWay, request, async () => {
					if (isDenied) return refusal(403, "AccessDeniedException", "Not authorized.");
					if (!isRead) observer.altering(operation);
					const going = ses.takenApartBy(call);
					if (going) observer.deleting(going.id);
					const before = ses.setups.map(({ id }) => id);
					const answer = await call.run();
					// Another process may have made one at the same time.
					const about = JSON.stringify(call.input);
					const isItsOwn = ({ id, tenantName, domain }: (typeof ses.setups)[number]) =>
						!before.includes(id) && [tenantName, domain].some((name) => about.includes(name));
					if (!isRead) for (const each of ses.setups) if (isItsOwn(each)) observer.created(each.id);
					options.tell(() => `  ${operation} ${inShort(call.input)} → ${answer.status}`);
					return answer;
				});
			},
			close: async () => {},
		};
	}

	#transport(): Transport {
		const { environment, options } = this;
		return {
			send: (request) => {
				const { method, url } = request;
				const path = `${url.pathname}${url.search}`;
				return this.#exchange(`${method} ${path}`, channelsWay, request, async () => {
					if (method === "DELETE") options.observer.deleting(path.slice(path.lastIndexOf("/") + 1));
					const answer = await environment.api.answer(request);
					if (answer.status === 201) options.observer.created((JSON.parse(answer.body) as { id: string }).id);
					options.tell(() => `  ${method} ${path} → ${answer.status}`);
					return answer;
				});
			},
			close: async () => {},
		};
	}

	#route53(patience: Throttling): Route53Api {
		const { environment, options } = this;
		const { route53 } = environment;
		const stop = this.#stop.signal;
		const call = <T>(what: string, repeatable: boolean, signal: AbortSignal, work: () => Promise<T>) =>
			patience.run(repeatable, signal, () =>
				this.#request<T>(what, route53Way as Way<T>, work, AbortSignal.any([signal, stop])),
			);
		return {
			listZonesByName: (start, signal) =>
				call("ListHostedZonesByName", true, signal, () => route53.listZonesByName(start)),
			getZone: (id, signal) => call("GetHostedZone", true, signal, () => route53.getZone(id)),
			listRecordSets: (id, start, signal) =>
				call("ListResourceRecordSets", true, signal, () => route53.listRecordSets(id, start)),
			change: async (zoneId, changes, signal) => {
				// What credentials may do does not change while a request is on its way, however often it arrives.
				let isDenied: boolean | undefined;
				const made = await call("ChangeResourceRecordSets", false, signal, async () => {
					const denied = this.random.chance(options.weather?.denied ?? 0);
					isDenied ??= denied;
					if (isDenied) throw new Route53Error("Not authorized (AccessDenied).", "AccessDenied");
					if (this.random.chance(options.weather?.race ?? 0)) options.observer.raced(zoneId, changes);
					const id = await route53.change(zoneId, [...changes]);
					options.tell(() => `  changed ${zoneId}: ${changes.map(inWords).join("; ")}`);
					options.observer.changed(zoneId, changes);
					return id;
				});
				options.observer.accepted(zoneId, changes);
				return made;
			},
			inSync: (id, signal) =>
				call("GetChange", true, signal, () => {
					if (this.random.chance((options.weather?.denied ?? 0) / 3))
						throw new Route53Error("Not authorized (AccessDenied).", "AccessDenied");
					return route53.inSync(id);
				}),
		};
	}
}

const inShort = ({ TenantName, EmailIdentity, ResourceArn = "" }: SesCall["input"]) =>
	[TenantName, EmailIdentity, ResourceArn.slice(ResourceArn.lastIndexOf(":") + 1)].filter(Boolean).join(" ");

const inWords = ({ action, set }: Change) =>
	`${action} ${set.name} ${set.type} ${set.ttl ?? ""} ${set.values.join(" | ")}`;
