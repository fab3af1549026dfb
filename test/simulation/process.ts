import { createLookups } from "../../dns/index.js";
import { RemoteChannels } from "../../provider/core/channels/remote/remote.js";
import { type Route53Api, Route53Error } from "../../provider/core/hosts/route53/api.js";
import type { Change } from "../../provider/core/hosts/route53/changes.js";
import { route53Zones } from "../../provider/core/hosts/route53/host.js";
import { Throttling } from "../../provider/core/hosts/route53/throttling.js";
import { RunCache } from "../../provider/core/run/cache.js";
import { Claims } from "../../provider/core/run/claims.js";
import type { World } from "../../provider/core/world.js";
import { ChannelsClient, type HttpAnswer, type Transport } from "../../sdk/index.js";
import { TransportError } from "../../sdk/transport.js";
import type { Environment } from "./environment.js";
import { givenServer } from "./internet.js";
import type { Random } from "./random.js";

/** What becomes of a request on its way. */
type Fate =
	| "well"
	/** Nothing is done. */
	| "refused"
	| "busy"
	| "lost before"
	/** It is done. */
	| "lost after"
	| "broken after"
	/** It is done once its sender has given up. */
	| "late"
	/** It is done twice, and one of the answers comes back. */
	| "repeated";

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
	/** Right after one was made, whoever learns of it. */
	created(setupId: string): void;
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
			channels: new RemoteChannels(
				new ChannelsClient({
					apiKey: options.apiKey,
					workspaceId: options.workspaceId,
					baseUrl: "https://channels.test",
					transport: this.#transport(),
					clock,
					random: random.next,
					uuid: () => environment.newKey(),
				}),
			),
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

	#transport(): Transport {
		const { environment, options } = this;
		return {
			send: (request) => {
				const { method, url, signal, timeoutMs } = request;
				const path = `${url.pathname}${url.search}`;
				const deliver = async () => {
					const { wrongAddress, outageMs = 0 } = options.weather ?? {};
					if (wrongAddress) return page(404);
					if (environment.clock.now() - this.#began < outageMs) return page(503);
					if (method === "DELETE") options.observer.deleting(path.slice(path.lastIndexOf("/") + 1));
					const answer = await environment.api.answer(request);
					if (answer.status === 201) options.observer.created((JSON.parse(answer.body) as { id: string }).id);
					options.tell(() => `  ${method} ${path} → ${answer.status}`);
					return answer;
				};
				const time = environment.clock.sleep(timeoutMs).then((): never => {
					throw new TransportError("timeout", true, `no whole answer within ${timeoutMs / 1000} s`);
				});
				time.catch(() => {});
				const answer = this.#request(`${method} ${path}`, channelsWay, deliver, signal);
				return this.#alive(Promise.race([answer, time]));
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

const inWords = ({ action, set }: Change) =>
	`${action} ${set.name} ${set.type} ${set.ttl ?? ""} ${set.values.join(" | ")}`;

/** How one service fails: each throws or answers. */
interface Way<T> {
	readonly fates: readonly Exclude<Fate, "well">[];
	/** How long a request may be under way after its sender has given up. */
	readonly longestLateMs: number;
	refused(): T;
	busy(): T;
	lost(): T;
	broken(): T;
}

const fates = ["refused", "busy", "lost before", "lost after", "broken after", "late", "repeated"] as const;

const page = (status: number): HttpAnswer => ({
	status,
	headers: { "content-type": "text/html" },
	body: "<html>nginx</html>",
});

const channelsWay: Way<HttpAnswer> = {
	fates,
	// Longer than the provider asks again where every answer is lost.
	longestLateMs: 20_000,
	refused() {
		throw new TransportError("unreachable", false, "connect ECONNREFUSED", "ECONNREFUSED");
	},
	busy: () => ({
		status: 429,
		headers: { "content-type": "application/json", "retry-after": "2" },
		body: JSON.stringify({ detail: "Too many requests. Try again in 2 s." }),
	}),
	lost() {
		throw new TransportError("lost", true, "other side closed", "UND_ERR_SOCKET");
	},
	broken: () => page(502),
};

const unanswered = (code: string) =>
	new Route53Error(`Route 53 could not be heard (${code}).`, code, { unanswered: true });

const route53Way: Way<never> = {
	fates,
	// Nobody can tell what comes later than a whole next run.
	longestLateMs: 1_500,
	refused() {
		throw unanswered("ConnectionLost");
	},
	busy() {
		throw new Route53Error("Rate exceeded (Throttling).", "Throttling");
	},
	lost() {
		throw unanswered("ConnectionLost");
	},
	broken() {
		throw unanswered("ServiceUnavailable");
	},
};
