import {
	addressesOf,
	areReserved,
	canonicalName,
	type Delegation,
	delegatedByParent,
	findOwnServers,
	type Ground,
	groundOf,
	type Lookups,
	type OtherView,
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
	const ours = live?.zone === zone.name ? live : undefined;
	const isOwn = await findOwnServers(
		zone.nameServers,
		[...(ours?.nameServers ?? []), ...(above ?? [])],
		lookups,
		options,
	);
	const viewed = (view: OtherView) => otherView(lookups, zone, view, signal);
	if (ours?.nameServers.some(isOwn)) return asked(zone, ours, { above, isOwn, viewed });
	const isCut = live !== undefined && live.zone.length > zone.name.length;
	if (!isCut && above?.some(isOwn)) {
		if (!ours && live?.broken !== undefined)
			return { state: "partly", message: brokenBelow(zone, live.broken) };
		// The zone above has the delegation, and the way down did not show it.
		if (!ours) return { state: "partly", message: await viewed({ name: zone.name, told: [] }) };
		const apex = await apexServers(lookups, zone, signal);
		if (apex && !apex.some(isOwn)) return { state: "elsewhere", message: staleApex(zone, apex) };
		return { state: "partly", message: await viewed({ name: zone.name, told: ours.nameServers }) };
	}
	const depth = Math.max(zone.name.length, live?.zone.length ?? 0);
	// Further down there was only the resolver's word, which did not hold further up.
	if (live?.otherView?.above && live.otherView.name.length < depth)
		return { state: "unknown", message: await viewed(live.otherView) };
	if (live && areReserved(live.nameServers)) return { state: "unknown", message: privateAlone(zone, live) };
	return { state: "elsewhere", message: notAsked(zone, domain, { live, above, covering }) };
}

/** Some of the zone's own servers are among those that the internet asks. */
async function asked(
	zone: DelegatedZone,
	live: Delegation,
	{
		above = [],
		isOwn,
		viewed,
	}: {
		above: readonly string[] | undefined;
		isOwn: (server: string) => boolean;
		viewed: (view: OtherView) => Promise<string>;
	},
): Promise<DelegationState> {
	const others = [...new Set([...live.nameServers, ...above])].filter((server) => !isOwn(server));
	if (others.length > 0) return { state: "partly", message: alsoElsewhere(zone, others) };
	if (live.broken !== undefined) return { state: "partly", message: brokenBelow(zone, live.broken) };
	if (live.otherView) return { state: "partly", message: await viewed(live.otherView) };
	return { state: "delegated" };
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

/** This machine's view is private or old. What is delegated is right, and so nothing is to be changed. */
async function otherView(
	lookups: Lookups,
	zone: DelegatedZone,
	view: OtherView,
	signal: AbortSignal,
): Promise<string> {
	const { name, told, above } = view;
	const here = name === zone.name ? ` to hosted zone ${zone.id}` : "";
	const servers = told.join(", ");
	const differ =
		told.length === 0
			? `${name} is delegated${here}, but this machine's resolvers do not tell that.`
			: here
				? `${name} is delegated${here}, but this machine's resolvers still tell other name servers: ${servers}.`
				: `This machine's resolvers tell name servers for ${name} that the zone above does not: ${servers}.`;
	const ground = await groundOf(view, (host, type, server) =>
		lookups.query(host, type, { signal, ...(server !== undefined && { server }) }),
	);
	const unasked =
		above && ground !== "private"
			? ` The name servers of ${name} itself did not answer: if its NS set names the others, that is to be corrected.`
			: "";
	return `${differ} ${grounds[ground]}${unasked} ${instead}`;
}

const grounds: Record<Ground, string> = {
	negative:
		"They remember a former “no”, which passes (after 15 minutes where the zone above is in Route 53), or have a private " +
		"zone of this network.",
	former: "They remember a former delegation, for up to two days.",
	private: "They answer from a private zone of this network, of which the internet knows nothing.",
	unclear: "They have a private zone of this network, or remember a former delegation, for up to two days.",
};

const privateAlone = (zone: DelegatedZone, live: Delegation) =>
	`This machine's resolvers answer for ${live.zone} from a private zone of this network, and what the zone above says cannot ` +
	`be seen from here. So whether the internet asks hosted zone ${zone.name} (${zone.id}) is not known. To have servers asked ` +
	"that know it, name them by channels:dnsServers.";

const instead = "The zone above is believed. To have other servers asked, name them by channels:dnsServers.";

/** The zone above is right, and the NS set of the zone is not. */
const staleApex = (zone: DelegatedZone, apex: readonly string[]) =>
	lines(
		`The NS set at ${zone.name} in hosted zone ${zone.id} names other servers than the zone's own.`,
		ownLine(zone),
		`  its NS set: ${apex.join(", ")}`,
		"The delegation above it is right. Resolvers go by the NS set of the zone itself once they have seen it (RFC 2181, " +
			`5.4.1), and then ask the others. Correct the NS set at ${zone.name} in the zone: it is to name ` +
			`${zone.nameServers.join(", ")}.`,
		goOn,
	);

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
