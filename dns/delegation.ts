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

/** So many of a parent's servers are asked, at once, before the resolvers at hand. */
const PARENT_SERVERS = 3;

/**
 * Walks down from the top-level domain to the deepest zone cut above or at `name`.
 *
 * Downwards, and at the parent's own servers first, because a resolver remembers a "no" (900 s in Route 53's
 * default): asked from below for a name that is about to be published, it would go on denying it.
 * @param direct whether servers may be asked by address; otherwise `ask` without a server is all there is
 * @returns undefined if no zone covers the name
 * @throws LookupError if a level has no answer, none but SERVFAIL, or if not even the top-level domain has name servers
 */
export async function findDelegation(
	name: string,
	ask: Ask,
	direct: boolean,
): Promise<Delegation | undefined> {
	let cut: Delegation | undefined;
	let broken: string | undefined;
	let nobody = false;
	const levels = ancestors(name).reverse();
	for (const level of levels) {
		const answer = await nameServersAt(level, cut, ask, direct);
		if (answer.kind === "found") {
			cut = { zone: level, nameServers: answer.values.map(canonicalName).sort() };
			broken = undefined;
		} else if (answer.kind === "none") {
			// Above the first zone a "no" may be that of the public root, before the name of a closed network.
			if (answer.reason === "NXDOMAIN" && cut !== undefined) break;
			if (answer.reason === "NXDOMAIN") nobody = true;
		} else if (answer.reason === "SERVFAIL") {
			broken ??= level;
		} else if (answer.reason === "REFUSED" && !direct) {
			nobody = true;
		} else {
			throw new LookupError(
				`cannot find the zone of ${canonicalName(name)}: the look-up of the name servers of ${level} failed (${answer.reason})`,
			);
		}
	}
	// Every domain exists below one that has name servers, so a resolver that knows of none keeps them to itself.
	if (cut === undefined && broken === undefined && !nobody)
		throw new LookupError(
			`cannot find the zone of ${canonicalName(name)}: the resolver says that no name has name servers, not even ` +
				`${levels[0]}, so it does not answer such questions`,
		);
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
	const servers = direct ? (parent?.nameServers.slice(0, PARENT_SERVERS) ?? []) : [];
	const theirs = await firstAnswer(
		servers.map(async (server) => {
			const address = (await addressesOf(server, ask))[0];
			return address === undefined ? undefined : ask(level, "NS", address);
		}),
	);
	// What Node shows as NODATA may be a referral as well. The name exists in both cases, and so the resolvers can
	// be asked without harm.
	if (theirs?.kind === "none" && theirs.reason === "NXDOMAIN") return theirs;
	const answer = await ask(level, "NS");
	// Behind an alias stand the name servers of somebody else's zone.
	if (answer.kind === "found" && (await ask(level, "CNAME")).kind === "found")
		return { kind: "none", reason: "NODATA" };
	return answer;
}

/** The first that is no failure, as soon as it is there; undefined if none is. */
function firstAnswer(answers: readonly Promise<Answer | undefined>[]): Promise<Answer | undefined> {
	return new Promise((resolve, reject) => {
		for (const answer of answers) {
			answer.then((each) => {
				if (each !== undefined && each.kind !== "failed") resolve(each);
			}, reject);
		}
		Promise.all(answers).then(() => resolve(undefined), reject);
	});
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
