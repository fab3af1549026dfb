import type { Answer, Ask } from "./answer.js";
import { askEach, firstAddresses } from "./ask-servers.js";
import { canonicalName } from "./names.js";

/**
 * What the resolver of this machine says of a name, against the word of the zone above, or of the zone's own servers.
 * Nobody else need see that: it has a private zone of this network, or remembers what was.
 */
export interface OtherView {
	name: string;
	/** The name servers that the resolver tells. Empty where it denies that a zone begins there. */
	told: string[];
	/** The name servers that the zone above names, where it alone says otherwise: the zone's own did not answer. */
	above?: string[];
}

/** What the servers of the zone above said. */
interface Above {
	/** Their names. */
	servers: readonly string[];
	/** The answer that came first, and all of them. */
	first: Answer;
	all: readonly Promise<Answer | undefined>[];
}

/** Who serves a name, where the resolver and the servers of the zone above may differ about it. */
export async function weigh(
	name: string,
	resolver: Answer,
	above: Above,
	ask: Ask,
): Promise<{ answer: Answer; otherView?: OtherView }> {
	const { first } = above;
	if (resolver.kind === "none" && first.kind === "found")
		return { answer: first, otherView: { name, told: [] } };
	// What is broken for one resolver is so for others; one that is silent says nothing against the zone above.
	if (resolver.kind === "failed" && resolver.reason !== "SERVFAIL" && first.kind === "found")
		return { answer: first };
	if (resolver.kind !== "found" || first.kind === "failed") return { answer: resolver };
	const told = resolver.values.map(canonicalName).sort();
	const namesIn = (answer: Answer | undefined) =>
		answer?.kind === "found"
			? told.filter((server) => answer.values.map(canonicalName).includes(server))
			: [];
	const hasAll = (answer: Answer | undefined) => namesIn(answer).length === told.length;
	const all = () => Promise.all(above.all);
	// After a change, one of them may have it before another.
	const referral = first.kind === "found" ? first : (await all()).find((answer) => answer?.kind === "found");
	if (referral?.kind === "found") {
		if (hasAll(referral)) return { answer: resolver };
		// Resolvers go by the NS set of the zone itself once they have seen it (RFC 2181, 5.4.1).
		const own = await Promise.all(askEach(referral.values, name, "NS", ask));
		const answer = own.find((each) => each?.kind === "found");
		const isPartly = answer === undefined && namesIn(referral).length > 0;
		if (isPartly || own.some(hasAll) || (await all()).some(hasAll)) return { answer: resolver };
		if (answer) return { answer, otherView: { name, told } };
		return { answer: resolver, otherView: { name, told, above: referral.values.map(canonicalName).sort() } };
	}
	const isDenied = (await all()).some((answer) => answer?.kind === "none" && answer.authoritative);
	// What is on the same machines is asked for there, whichever zone it is in.
	if (!isDenied || (await sameMachines(above.servers, told, ask))) return { answer: resolver };
	return { answer: { kind: "none", reason: "NODATA" }, otherView: { name, told } };
}

async function sameMachines(some: readonly string[], others: readonly string[], ask: Ask): Promise<boolean> {
	const [ones, twos] = await Promise.all([firstAddresses(some, ask), firstAddresses(others, ask)]);
	return ones.some((address) => address !== undefined && twos.includes(address));
}
