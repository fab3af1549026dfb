import type { Answer, Ask, QueryType } from "./answer.js";
import { askAtMost, askOnce, questionsFor } from "./bounds.js";
import { checkAtServers, type RecordCheck, recordCheck } from "./check.js";
import {
	type AuthoritativeServer,
	type Delegation,
	findDelegation,
	findServers,
	findWay,
	LookupError,
} from "./delegation.js";
import { createLimiter } from "./limiter.js";
import { Memory } from "./memory.js";
import { ancestors } from "./names.js";
import { ask as askNetwork } from "./query.js";
import { createReach } from "./reach.js";
import type { DnsRecord } from "./records.js";
import { parseServers, splitServer } from "./servers.js";

export interface LookupOptions {
	signal?: AbortSignal | undefined;
}

export interface CheckOptions extends LookupOptions {
	/** Ends what is still asked when it aborts: that then counts as no answer, and the check is what was answered. */
	until?: AbortSignal | undefined;
	/** A zone and its servers, to be asked in place of those that the live DNS names. Servers that are given come first. */
	at?: Delegation | undefined;
}

/** Why look-ups get no answer, whatever the name. */
export interface Blockage {
	/**
	 * `direct`: the name servers that were asked by their address are silent. `all`: the system's resolvers are.
	 * `given`: all servers that were given are.
	 */
	kind: "direct" | "all" | "given";
	/** A clause. */
	reason: string;
}

/** DNS look-ups. Each ends within its deadline and, with the signal's reason, within milliseconds of an abort. */
export interface Lookups {
	/**
	 * Set once several look-ups, of several servers where there are several, had no answer and none ever had one.
	 * Look-ups of that kind then fail at once; after 5 minutes they are tried anew.
	 */
	readonly blocked: Blockage | undefined;
	/** One look-up, at `server` (`ip[:port]`) or at the resolvers at hand. Throws only on abort. */
	query(name: string, type: QueryType, options?: LookupOptions & { server?: string }): Promise<Answer>;
	/**
	 * The live zone that covers a name, and its servers; undefined if there is none.
	 * @throws LookupError if that could not be found out
	 */
	delegation(name: string, options?: LookupOptions): Promise<Delegation | undefined>;
	/**
	 * Every authoritative server of a name: those of its {@link delegation}, or all that were given.
	 * Undefined if no zone covers the name.
	 * @throws LookupError if that could not be found out
	 */
	authoritative(
		name: string,
		options?: LookupOptions,
	): Promise<{ zone: string; servers: AuthoritativeServer[] } | undefined>;
	/**
	 * Asks every authoritative server for a record, 13 at most and with 61 questions at most, all told; servers that are
	 * given have no such bounds. Throws only on abort.
	 */
	check(record: DnsRecord, options?: CheckOptions): Promise<RecordCheck>;
	/**
	 * The same for several records, which share the search for their servers: 13 questions more for each further one. In
	 * the order given.
	 */
	checkAll(records: readonly DnsRecord[], options?: CheckOptions): Promise<RecordCheck[]>;
}

export interface Strangers {
	/**
	 * Why nothing may be asked at this IP address, which the DNS names for a name server; a clause. Undefined where it
	 * may be.
	 */
	refusal(address: string): string | undefined;
	/** How many checks are under way at once: none of them waits for the questions of another. */
	checksAtOnce: number;
}

export interface LookupsOptions {
	/**
	 * `ip[:port]` each. Where given, every look-up goes to them: plain ones to the first that answers, and
	 * "every authoritative server" is all of them. For closed networks and split horizons.
	 */
	servers?: readonly string[] | undefined;
	/** Milliseconds for the first try at a server. Default 2000. */
	timeoutMs?: number;
	/** Tries at each server; a look-up ends after `tries × timeoutMs`. Default 2. */
	tries?: number;
	/** Set where others choose the names that are looked up, and may mean harm: by a service. */
	strangers?: Strangers | undefined;
	/** In place of the network, for a DNS in this process: answers as `server`, or as the system's resolvers. */
	ask?: (name: string, type: QueryType, options: LookupOptions & { server?: string }) => Promise<Answer>;
	/** Milliseconds, of a clock that never goes back. Default Node's own. */
	now?: () => number;
}

/** So many look-ups are under way at once, of one check or of one user; more would look like a flood to a resolver. */
const MAX_IN_FLIGHT = 16;

/** Fewer might be the dead servers of one zone. */
const SILENT_SERVERS = 3;

const REASONS = {
	direct: `look-ups are blocked here: no name server that was asked directly has ever answered (${SILENT_SERVERS} tried)`,
	all: "look-ups are blocked here: the resolvers of this system do not answer",
	given: "the DNS servers given do not answer",
} as const;

/**
 * Look-ups with the resolvers of this system, or with the servers given.
 * @throws Error naming a server that is none
 */
export function createLookups(options: LookupsOptions = {}): Lookups {
	const { timeoutMs = 2_000, tries = 2, strangers, now = () => performance.now() } = options;
	const given = options.servers?.length ? parseServers(options.servers.join(",")) : undefined;
	const limited = createLimiter(MAX_IN_FLIGHT * (strangers?.checksAtOnce ?? 1));
	const plainKind = given === undefined ? "all" : "given";
	const reach = {
		plain: createReach(given ? new Set(given).size : 1, REASONS[plainKind], now),
		direct: createReach(SILENT_SERVERS, REASONS.direct, now),
	};
	/** Where a plain look-up begins: the server that answered last. */
	let first = 0;
	/**
	 * What checks of the same zones share: where they begin, their servers' addresses, and in which of them a name is. Not
	 * of strangers: each asks for what is there now, and none for what another has made of it.
	 */
	const known = strangers
		? undefined
		: {
				cuts: new Memory<Delegation>(now),
				addresses: new Memory<Answer>(now),
				ways: new Memory<KnownWay>(now),
			};

	const network: NonNullable<LookupsOptions["ask"]> = (name, type, { server, signal }) =>
		askNetwork(name, type, {
			servers: server === undefined ? undefined : parseServers(server),
			timeoutMs,
			tries,
			signal,
		});

	function askOne(
		name: string,
		type: QueryType,
		server: string | undefined,
		signal?: AbortSignal,
	): Promise<Answer> {
		const asking = (signal: AbortSignal | undefined) =>
			(options.ask ?? network)(name, type, { signal, ...(server !== undefined && { server }) });
		const isPlain = server === undefined || given?.includes(server) === true;
		// A stranger's dead domain must not pass for a network in which nothing is answered.
		if (isPlain && strangers) return limited(() => asking(signal));
		const way = isPlain ? reach.plain : reach.direct;
		return limited(() => way.ask(server ?? "", asking, signal));
	}

	/** Why a server may not be asked. Those that are given always may. */
	function refusal(server: string): Answer | undefined {
		if (strangers === undefined || given?.includes(server)) return undefined;
		const reason = strangers.refusal(splitServer(server).address);
		return reason === undefined ? undefined : { kind: "failed", reason, silent: true };
	}

	function blockage(): Blockage | undefined {
		const kind = reach.plain.blocked ? plainKind : reach.direct.blocked ? "direct" : undefined;
		return kind && { kind, reason: REASONS[kind] };
	}

	async function query(
		name: string,
		type: QueryType,
		server?: string,
		signal?: AbortSignal,
	): Promise<Answer> {
		// Servers that are given answer for everything: none above them is to be asked.
		if (type === "REFERRAL" && given !== undefined) return { kind: "failed", reason: "servers are given" };
		if (server !== undefined) return refusal(server) ?? askOne(name, type, server, signal);
		if (given === undefined) return askOne(name, type, server, signal);
		let answer: Answer = { kind: "failed", reason: "no server given", silent: true };
		const begin = first;
		for (let offset = 0; offset < given.length; offset += 1) {
			const index = (begin + offset) % given.length;
			const next = await askOne(name, type, given[index], signal);
			if (next.kind !== "failed") {
				first = index;
				return next;
			}
			// A server that is down takes nothing away from what another one answered.
			if (answer.kind === "failed" && (answer.silent || !next.silent)) answer = next;
		}
		return answer;
	}

	/** The questions of one check of so many records. Servers that are given were not named by whoever has the domain. */
	function asking({ signal, until }: CheckOptions, records = 1): Ask {
		const ownTurn = createLimiter(MAX_IN_FLIGHT);
		const ended = until === undefined ? signal : AbortSignal.any(signal ? [signal, until] : [until]);
		const plain: Ask = async (name, type, server) => {
			try {
				return await ownTurn(() => query(name, type, server, ended));
			} catch (error) {
				signal?.throwIfAborted();
				if (until?.aborted) return tooLate;
				throw error;
			}
		};
		return askOnce(given === undefined ? askAtMost(questionsFor(records), remembering(plain)) : plain);
	}

	function remembering(ask: Ask): Ask {
		return async (name, type, server) => {
			if (type !== "A" && type !== "AAAA") return ask(name, type, server);
			const key = JSON.stringify([name, type, server]);
			const answer = known?.addresses.get(key) ?? (await ask(name, type, server));
			if (answer.kind !== "failed") known?.addresses.set(key, answer);
			return answer;
		};
	}

	async function authoritative(name: string, ask: Ask) {
		const delegation = await findDelegation(name, ask, given === undefined);
		if (delegation === undefined) return undefined;
		if (delegation.broken !== undefined) throw new LookupError(lostBelow(delegation.broken, "SERVFAIL"));
		const servers = given === undefined ? await findServers(delegation, ask) : givenServers(given);
		return { zone: delegation.zone, servers };
	}

	async function checkAll(records: readonly DnsRecord[], ask: Ask, at?: Delegation): Promise<RecordCheck[]> {
		const before = blockage();
		const checks = await Promise.all(
			records.map((record) =>
				before ? recordCheck(record, { reason: before.reason }) : look(record, ask, at),
			),
		);
		const blocked = blockage();
		// One reason, rather than the same from each server.
		return checks.map((checked) =>
			blocked && checked.state === "failed"
				? recordCheck(checked.record, { reason: blocked.reason })
				: checked,
		);
	}

	async function look(record: DnsRecord, ask: Ask, at?: Delegation): Promise<RecordCheck> {
		if (given !== undefined) return checkAtServers(record, givenServers(given), ask);
		if (at) return checkAtServers(record, await findServers(at, ask), ask, { zone: at.zone });
		const start = cutAbove(record);
		const way = known?.ways.get(start);
		const checked = way && (await checkAtServers(record, way.servers, ask, { zone: way.zone }));
		if (checked && checked.state !== "failed") return checked;
		if (checked) forget();
		const anew = await lookFromAbove(record, start, ask);
		if (anew.state === "failed") forget();
		return anew;
	}

	/** Where nobody answers, the zone may have moved to other servers. */
	function forget() {
		known?.cuts.clear();
		known?.addresses.clear();
		known?.ways.clear();
	}

	async function lookFromAbove(record: DnsRecord, start: string, ask: Ask): Promise<RecordCheck> {
		try {
			const way = await findWay(start, ask, true, known?.cuts);
			if (way === undefined)
				return recordCheck(record, {
					uncovered: true,
					reason: `no zone in the live DNS covers ${record.address}`,
				});
			const { cut, open } = way;
			const doubt = open && lostBelow(open.level, open.reason);
			const servers = await findServers(cut, ask);
			if (doubt === undefined && servers.every(({ addresses }) => addresses.length > 0))
				known?.ways.set(start, { zone: cut.zone, servers });
			return await checkAtServers(record, servers, ask, { zone: cut.zone, doubt });
		} catch (error) {
			if (!(error instanceof LookupError)) throw error;
			return recordCheck(record, { reason: error.message });
		}
	}

	return {
		get blocked() {
			return blockage();
		},
		query: (name, type, { server, signal } = {}) => query(name, type, server, signal),
		delegation: (name, options = {}) => findDelegation(name, asking(options), given === undefined),
		authoritative: (name, options = {}) => authoritative(name, asking(options)),
		async check(record, options = {}) {
			const [checked] = await checkAll([record], asking(options), options.at);
			return checked as RecordCheck;
		},
		checkAll: (records, options = {}) => checkAll(records, asking(options, records.length), options.at),
	};
}

/** Where a way from the top-level domain down ended. */
interface KnownWay {
	zone: string;
	servers: readonly AuthoritativeServer[];
}

const tooLate: Answer = { kind: "failed", reason: "no answer while the check lasted", silent: true };

/**
 * The name at or above which the zone of a record begins. A CNAME record stands alone at its name (RFC 1034, 3.6.2), so
 * that no zone, which has records of its own there, begins at it.
 */
function cutAbove({ address, type }: DnsRecord): string {
	const [name = address, above = name] = ancestors(address);
	return type === "CNAME" ? above : name;
}

/** A clause. */
const lostBelow = (level: string, reason: string) =>
	reason === "SERVFAIL"
		? `the live DNS gives no answer for ${level} (SERVFAIL), as where a name is delegated to servers that do not serve ` +
			"it, or its DNSSEC is broken"
		: `the look-up of the name servers of ${level} failed (${reason})`;

function givenServers(given: readonly string[]): AuthoritativeServer[] {
	return given.map((server) => ({ name: server, addresses: [server] }));
}
