import {
	addressesOf,
	canonicalName,
	type Delegation,
	delegatedByParent,
	findOwnServers,
	type Lookups,
	type Words,
} from "../../../dns/index.js";
import { lines } from "../errors.js";
import type { DelegatedZone, HostedZone } from "./host.js";

export type DelegationState =
	| { state: "delegated" }
	/** Some of those who ask are led here, and others elsewhere. */
	| { state: "partly"; message: Words }
	| { state: "elsewhere"; message: Words }
	/** Nobody answered, so nothing can be said. */
	| { state: "unknown"; message: string };

/**
 * Whether the internet asks this zone about the domain. A registrar that names other servers, or a zone cut
 * further down, means that no record of this zone is ever seen.
 *
 * @param covering zones of the account that cover the domain, one of which may be the live one.
 */
export async function checkDelegation(
	lookups: Lookups,
	zone: DelegatedZone,
	domain: string,
	signal: AbortSignal,
	covering: readonly HostedZone[] = [],
): Promise<DelegationState> {
	const options = { signal };
	let live: Delegation | undefined;
	let above: string[] | undefined;
	try {
		[live, above] = await Promise.all([
			lookups.delegation(domain, options),
			// What cannot be seen from here speaks neither for the zone nor against it.
			delegatedByParent(zone.name, lookups, options).catch(() => undefined),
		]);
	} catch (error) {
		signal.throwIfAborted();
		return { state: "unknown", message: (error as Error).message };
	}
	signal.throwIfAborted();
	const elsewhere: DelegationState = {
		state: "elsewhere",
		message: notAsked(zone, domain, { live, above, covering }),
	};
	if (live?.zone !== zone.name) return elsewhere;
	const isOwn = await findOwnServers(
		zone.nameServers,
		[...live.nameServers, ...(above ?? [])],
		lookups,
		options,
	);
	if (live.nameServers.some(isOwn)) {
		const others = [...new Set([...live.nameServers, ...(above ?? [])])].filter((server) => !isOwn(server));
		if (others.length > 0) return { state: "partly", message: alsoElsewhere(zone, others) };
		if (live.broken !== undefined) return { state: "partly", message: brokenBelow(zone, live.broken) };
		return { state: "delegated" };
	}
	if (!above?.some(isOwn)) return elsewhere;
	const apex = await apexServers(lookups, zone, signal);
	if (apex?.some(isOwn)) return { state: "partly", message: changedLately(zone, live) };
	return { state: "elsewhere", message: staleApex(zone, live, apex) };
}

interface Seen {
	live: Delegation | undefined;
	/** What the zone above says. */
	above: string[] | undefined;
	covering: readonly HostedZone[];
}

function notAsked(zone: DelegatedZone, domain: string, { live, above, covering }: Seen): string[] {
	const cut = live && live.zone !== zone.name && live.zone.length > zone.name.length;
	const liveOnes = covering
		.filter(({ id, name }) => name === live?.zone && id !== zone.id)
		.map(({ id }) => id);
	const choose =
		liveOnes.length > 0
			? `publish in ${live?.zone}, which this account has too, by route53.zoneId: ${liveOnes.join(" or ")}`
			: "choose the zone that is live by route53.zoneId";
	return lines(
		`Hosted zone ${zone.name} (${zone.id}) is not the one the internet asks about ${domain}.`,
		ownLine(zone),
		live
			? `  live for ${live.zone}: ${live.nameServers.join(", ")}`
			: `  live: nobody is delegated ${zone.name}`,
		live?.broken !== undefined && `  live for ${live.broken}: no answer (SERVFAIL)`,
		cut
			? `${live?.zone} is delegated on its own: publish there (route53.zoneId or another account by roleArn).`
			: `Set these name servers for ${zone.name} at its registrar or parent zone, or ${choose}.`,
		// A resolver tells the NS set of the zone, and so it may be this that is wrong, unless the zone above was seen.
		!cut &&
			live?.zone === zone.name &&
			above === undefined &&
			`Where they stand there already, correct the NS set at ${zone.name} in the zone itself.`,
		goOn,
	);
}

const ownLine = (zone: DelegatedZone) => `  the zone's name servers: ${zone.nameServers.join(", ")}`;

const goOn = 'To go on without this check, set route53.delegationCheck to "warn" or "off".';

const alsoElsewhere = (zone: DelegatedZone, others: readonly string[]) =>
	lines(
		`${zone.name} is delegated to name servers of hosted zone ${zone.id}, and to others as well: ${others.join(", ")}.`,
		ownLine(zone),
		"Whoever asks the others does not see what is published here. Leave the zone's own alone at its registrar or parent " +
			`zone, and in the NS set at ${zone.name} in the zone itself, or publish the records at the others too.`,
	);

const brokenBelow = (zone: DelegatedZone, broken: string) =>
	`The live DNS gives no answer for ${broken} (SERVFAIL), as where it is delegated to servers that do not serve it, or ` +
	`its DNSSEC is broken. While that lasts, nobody sees what hosted zone ${zone.name} (${zone.id}) has at or below it.`;

const changedLately = (zone: DelegatedZone, live: Delegation) =>
	`${zone.name} is delegated to hosted zone ${zone.id}, but resolvers still tell other name servers: ` +
	`${live.nameServers.join(", ")}, as where they remember a former delegation, for up to two days. Until they do not, they ` +
	"ask those servers.";

/** The zone above is right. Where the zone's own servers did not answer, what is wrong may be its NS set or a memory. */
function staleApex(zone: DelegatedZone, live: Delegation, apex: readonly string[] | undefined): string[] {
	const told = (apex ?? live.nameServers).join(", ");
	return lines(
		apex
			? `The NS set at ${zone.name} in hosted zone ${zone.id} names other servers than the zone's own.`
			: `${zone.name} is delegated to hosted zone ${zone.id}, but resolvers tell other name servers.`,
		ownLine(zone),
		`  ${apex ? "its NS set" : "live"}: ${told}`,
		"The delegation above it is right. Resolvers go by the NS set of the zone itself once they have seen it (RFC 2181, " +
			`5.4.1), and then ask the others. ${apex ? "Correct" : "Look at"} the NS set at ${zone.name} in the zone: it is to ` +
			`name ${zone.nameServers.join(", ")}.`,
		!apex && "Where it does, they remember a former delegation, for up to two days.",
		goOn,
	);
}

/** What the zone's own servers say of its name servers; undefined if none answers. */
async function apexServers(
	lookups: Lookups,
	zone: DelegatedZone,
	signal: AbortSignal,
): Promise<string[] | undefined> {
	const answers = await Promise.all(
		zone.nameServers.map(async (host) => {
			const [server] = await addresses(lookups, host, signal);
			return server ? lookups.query(zone.name, "NS", { signal, server }) : undefined;
		}),
	);
	return answers.find((answer) => answer?.kind === "found")?.values.map(canonicalName);
}

const addresses = (lookups: Lookups, host: string, signal: AbortSignal) =>
	addressesOf(host, (name, type) => lookups.query(name, type, { signal }));
