import type { Answer, Ask } from "./answer.js";
import { askEach, firstAnswer } from "./ask-servers.js";
import { MAX_SERVERS, tooManyServers } from "./bounds.js";
import type { Memory } from "./memory.js";
import { ancestors, canonicalName } from "./names.js";
import { type OtherView, weigh } from "./other-view.js";
import { CUT_SHORT } from "./packets.js";
import { formatServer } from "./servers.js";

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
	/** What the resolver of this machine says otherwise, and is not believed. */
	otherView?: OtherView;
}

export interface AuthoritativeServer {
	name: string;
	/** `ip:port`, IPv4 first. Empty where its name resolves to nothing. */
	addresses: string[];
	/** Why that could not be found out, as a clause. */
	problem?: string;
}

/** A look-up on which others depend had no answer, so that nothing can be said about the name. */
export class LookupError extends Error {
	override readonly name = "LookupError";
	/** By which the troubleshooting page has it. */
	readonly code = "dns-unanswered";
}

/** How far the way from the top-level domain down to a name can be followed. */
interface Way {
	/** The deepest zone cut that was found. */
	cut: Delegation;
	/** The first level below it of which nobody could say whether another zone begins there. */
	open?: { level: string; reason: string } | undefined;
	/** The first level at which the resolver is contradicted. */
	otherView?: OtherView | undefined;
}

/**
 * Walks down from the top-level domain to the deepest zone cut above or at `name`.
 *
 * Downwards, and at the parent's own servers first, because a resolver remembers a "no" (900 s in Route 53's
 * default): asked from below for a name that is about to be published, it would go on denying it. Where the servers of
 * the zones contradict the resolver, they are believed: so does everybody else.
 * @param direct whether servers may be asked by address; otherwise `ask` without a server is all there is
 * @returns undefined if no zone covers the name
 * @throws LookupError if a level has no answer, none but SERVFAIL, or if not even the top-level domain has name servers
 */
export async function findDelegation(
	name: string,
	ask: Ask,
	direct: boolean,
): Promise<Delegation | undefined> {
	const way = await findWay(name, ask, direct);
	if (way === undefined) return undefined;
	const { cut, open, otherView } = way;
	if (open !== undefined && open.reason !== "SERVFAIL") throw noWay(name, open.level, open.reason);
	const above = otherView?.name === cut.zone ? otherView.above : undefined;
	return {
		zone: cut.zone,
		nameServers: above ?? cut.nameServers,
		...(open && { broken: open.level }),
		...(otherView && { otherView }),
	};
}

/**
 * The same, but what is {@link Way.open} below a zone that was found is left to who asks that zone's servers.
 * @param cuts those that are known by their apex, and need not be asked for; it takes in what is found
 */
export async function findWay(
	name: string,
	ask: Ask,
	direct: boolean,
	cuts?: Memory<Delegation>,
): Promise<Way | undefined> {
	let cut: Delegation | undefined;
	let open: Way["open"];
	let otherView: OtherView | undefined;
	let nobody = false;
	const levels = ancestors(name).reverse();
	for (const level of levels) {
		const known = cuts?.get(level);
		if (known !== undefined) {
			cut = known;
			open = undefined;
			continue;
		}
		const { answer, otherView: other } = await nameServersAt(level, cut, ask, direct);
		otherView ??= other;
		if (answer.kind === "found") {
			cut = { zone: level, nameServers: answer.values.map(canonicalName).sort() };
			cuts?.set(level, cut);
			open = undefined;
		} else if (answer.kind === "none") {
			// Above the first zone a "no" may be that of the public root, before the name of a closed network.
			if (answer.reason === "NXDOMAIN" && cut !== undefined) break;
			if (answer.reason === "NXDOMAIN") nobody = true;
		} else if (answer.reason === "REFUSED" && !direct) {
			nobody = true;
		} else {
			open ??= { level, reason: answer.reason };
			// Further down the same silence would be waited for again.
			if (answer.silent) break;
		}
	}
	if (cut !== undefined) return { cut, open, otherView };
	if (open?.reason === "SERVFAIL")
		throw new LookupError(`cannot find the zone of ${canonicalName(name)}: its look-up ends in SERVFAIL`);
	if (open !== undefined) throw noWay(name, open.level, open.reason);
	// Every domain exists below one that has name servers, so a resolver that knows of none keeps them to itself.
	if (!nobody)
		throw new LookupError(
			`cannot find the zone of ${canonicalName(name)}: the resolver says that no name has name servers, not even ` +
				`${levels[0]}, so it does not answer such questions`,
		);
	return undefined;
}

const noWay = (name: string, level: string, reason: string) =>
	new LookupError(
		`cannot find the zone of ${canonicalName(name)}: the look-up of the name servers of ${level} failed (${reason})`,
	);

async function nameServersAt(
	level: string,
	parent: Delegation | undefined,
	ask: Ask,
	direct: boolean,
): Promise<{ answer: Answer; otherView?: OtherView }> {
	const servers = direct ? (parent?.nameServers ?? []) : [];
	const referrals = askEach(servers, level, "REFERRAL", ask);
	const theirs = await firstAnswer(referrals);
	// Where the name exists, the resolvers can be asked without harm.
	if (theirs?.kind === "none" && theirs.reason === "NXDOMAIN") return { answer: theirs };
	// Some servers fail at questions for NS below the apex alone. Those that delegate a name answer them.
	if (theirs?.kind === "failed" && theirs.reason !== CUT_SHORT) {
		const apex = await firstAnswer(askEach(servers, level, "SOA", ask));
		if (apex?.kind === "none") return { answer: apex };
	}
	let answer = await ask(level, "NS");
	if (answer.kind === "failed" && !answer.silent && parent !== undefined) {
		// A zone has an SOA record at its apex (RFC 1034, 4.2.1): where there is none, no zone begins.
		const apex = await ask(level, "SOA");
		if (apex.kind === "none") answer = apex;
	}
	// Behind an alias stand the name servers of somebody else's zone. What is delegated is none.
	const isAlias = async () => theirs?.kind !== "found" && (await ask(level, "CNAME")).kind === "found";
	if (answer.kind === "found" && (await isAlias())) return { answer: { kind: "none", reason: "NODATA" } };
	if (theirs === undefined) return { answer };
	return weigh(level, answer, { servers, first: theirs, all: referrals }, ask);
}

/** The addresses of a host as `ip:port`, IPv4 first; empty if it has none or cannot be looked up. */
export async function addressesOf(host: string, ask: Ask): Promise<string[]> {
	return (await findServer(host, ask)).addresses;
}

async function findServer(name: string, ask: Ask): Promise<AuthoritativeServer> {
	const answers = await Promise.all([ask(name, "A"), ask(name, "AAAA")]);
	const addresses = answers
		.flatMap((answer) => (answer.kind === "found" ? answer.values : []))
		.map((address) => formatServer(address));
	if (addresses.length > 0) return { name, addresses };
	const failed = answers.find((answer) => answer.kind === "failed");
	return {
		name,
		addresses,
		...(failed && { problem: `its address could not be looked up (${failed.reason})` }),
	};
}

/** The servers of a zone with their addresses; those beyond {@link MAX_SERVERS} without. */
export async function findServers(delegation: Delegation, ask: Ask): Promise<AuthoritativeServer[]> {
	return Promise.all(
		delegation.nameServers.map((name, index) =>
			index < MAX_SERVERS ? findServer(name, ask) : { name, addresses: [], problem: tooManyServers },
		),
	);
}
