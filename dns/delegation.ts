import { ancestors, canonicalName } from "./names.js";
import type { Answer, QueryType } from "./query.js";
import { formatServer } from "./servers.js";

/** Asks one server (`ip:port`), or the resolvers at hand. */
export type Ask = (name: string, type: QueryType, server?: string) => Promise<Answer>;

/** The live zone that covers a name. */
export interface Delegation {
	/** Its apex. */
	zone: string;
	/** Host names of its servers, canonical and sorted. */
	nameServers: string[];
	/**
	 * The name at or above the one asked for, and below `zone`, at which the live DNS breaks off with SERVFAIL:
	 * usually delegated to servers that do not serve it (a zone made anew, the old name servers still at the
	 * registrar), else broken DNSSEC. Nothing at or below it is seen by anybody.
	 */
	broken?: string;
}

export interface AuthoritativeServer {
	name: string;
	/** `ip:port`, IPv4 first. Empty where its name resolves to nothing. */
	addresses: string[];
}

/** A look-up on which others depend had no answer, so that nothing can be said about the name. */
export class LookupError extends Error {
	override readonly name = "LookupError";
}

/** So many of a parent's servers are asked before the resolvers at hand. */
const PARENT_SERVERS = 2;

/**
 * Walks down from the top-level domain to the deepest zone cut above or at `name`.
 *
 * Downwards, and at the parent's own servers first, because a resolver remembers a "no" (900 s in Route 53's
 * default): asked from below for a name that is about to be published, it would go on denying it.
 * @param direct whether servers may be asked by address; otherwise `ask` without a server is all there is
 * @returns undefined if no zone covers the name
 * @throws LookupError if a level has no answer, or none but SERVFAIL
 */
export async function findDelegation(
	name: string,
	ask: Ask,
	direct: boolean,
): Promise<Delegation | undefined> {
	let cut: Delegation | undefined;
	let broken: string | undefined;
	for (const level of ancestors(name).reverse()) {
		const answer = await nameServersAt(level, cut, ask, direct);
		if (answer.kind === "found") {
			cut = { zone: level, nameServers: answer.values.map(canonicalName).sort() };
			broken = undefined;
		} else if (answer.kind === "none") {
			// Above the first zone a "no" may be that of the public root, before the name of a closed network.
			if (answer.reason === "NXDOMAIN" && cut !== undefined) break;
		} else if (answer.reason === "SERVFAIL") {
			broken ??= level;
		} else if (answer.reason !== "REFUSED" || direct) {
			throw new LookupError(
				`cannot find the zone of ${canonicalName(name)}: the look-up of the name servers of ${level} failed (${answer.reason})`,
			);
		}
	}
	if (broken === undefined) return cut;
	if (cut === undefined)
		throw new LookupError(`cannot find the zone of ${canonicalName(name)}: its look-up ends in SERVFAIL`);
	return { ...cut, broken };
}

async function nameServersAt(
	level: string,
	parent: Delegation | undefined,
	ask: Ask,
	direct: boolean,
): Promise<Answer> {
	for (const server of direct ? (parent?.nameServers.slice(0, PARENT_SERVERS) ?? []) : []) {
		const address = (await addressesOf(server, ask))[0];
		if (address === undefined) continue;
		const answer = await ask(level, "NS", address);
		if (answer.kind === "none" && answer.reason === "NXDOMAIN") return answer;
		// What Node shows as NODATA may be a referral as well. The name exists in both cases, and so the
		// resolvers can be asked without harm.
		if (answer.kind !== "failed") break;
	}
	const answer = await ask(level, "NS");
	// Behind an alias stand the name servers of somebody else's zone.
	if (answer.kind === "found" && (await ask(level, "CNAME")).kind === "found")
		return { kind: "none", reason: "NODATA" };
	return answer;
}

/** The addresses of a host as `ip:port`, IPv4 first; empty if it has none or cannot be looked up. */
export async function addressesOf(host: string, ask: Ask): Promise<string[]> {
	const answers = await Promise.all([ask(host, "A"), ask(host, "AAAA")]);
	return answers
		.flatMap((answer) => (answer.kind === "found" ? answer.values : []))
		.map((address) => formatServer(address));
}

/** The servers of a zone with their addresses. */
export async function findServers(delegation: Delegation, ask: Ask): Promise<AuthoritativeServer[]> {
	return Promise.all(
		delegation.nameServers.map(async (name) => ({ name, addresses: await addressesOf(name, ask) })),
	);
}
