import { ancestors, type Delegation, delegatedByParent, isWithin, type Lookups } from "../../../dns/index.js";
import { lines, UserError } from "../errors.js";
import { type DelegatedZone, type HostedZone, isHostError } from "./host.js";
import type { Zones } from "./zones.js";

/**
 * Chooses the hosted zone for a domain: the one of the argument, else the public zone with the longest name
 * that covers the domain. Of several with that name, the one that the internet asks.
 *
 * @throws UserError when none covers the domain, or when nothing decides between several.
 */
export async function chooseZone(
	lookups: Lookups,
	zones: Zones,
	domain: string,
	zoneId: string | undefined,
	signal: AbortSignal,
): Promise<DelegatedZone> {
	return (await findZone(lookups, zones, domain, zoneId, signal)).zone;
}

/** The same, with the public zones of the account that cover the domain; none where the zone is given. */
export async function findZone(
	lookups: Lookups,
	zones: Zones,
	domain: string,
	zoneId: string | undefined,
	signal: AbortSignal,
): Promise<{ zone: DelegatedZone; covering: HostedZone[] }> {
	if (zoneId !== undefined) return { zone: await givenZone(zones, domain, zoneId), covering: [] };

	const names = ancestors(domain).filter((name) => name.includes("."));
	const candidates = await zones.named(names);
	const covering = candidates.filter((zone) => !zone.private);
	const longest = covering.reduce((length, zone) => Math.max(length, zone.name.length), 0);
	const best = covering.filter((zone) => zone.name.length === longest);
	const [first, ...others] = best;
	if (!first) throw noZone(domain, names, candidates);
	const zone =
		others.length === 0 ? await zones.zone(first.id) : await delegatedAmong(lookups, zones, best, signal);
	return { zone, covering };
}

async function givenZone(zones: Zones, domain: string, zoneId: string): Promise<DelegatedZone> {
	const zone = await zones.zone(zoneId).catch((error: unknown) => {
		if (!isHostError(error, "gone")) throw error;
		throw new UserError(
			"zone-id-wrong",
			`route53.zoneId: no hosted zone has the id ${zoneId}. \`aws route53 list-hosted-zones\` lists those there ` +
				"are; leave zoneId out to have it found.",
			{ cause: error },
		);
	});
	if (zone.private) {
		throw new UserError(
			"zone-id-wrong",
			`route53.zoneId: hosted zone ${zone.name} (${zoneId}) is private, and nobody on the internet would see ` +
				"the records. Give the id of a public zone.",
		);
	}
	if (!isWithin(domain, zone.name)) {
		throw new UserError(
			"zone-id-wrong",
			`route53.zoneId: ${domain} does not lie in hosted zone ${zone.name} (${zoneId}). ` +
				"Give the id of a zone that covers it, or leave zoneId out to have it found.",
		);
	}
	return zone;
}

function noZone(domain: string, names: string[], candidates: HostedZone[]): UserError {
	const hidden = candidates.map((zone) => `${zone.name} (${zone.id})`).join(", ");
	return new UserError(
		"zone-not-found",
		lines(
			`No public hosted zone of this AWS account covers ${domain}; looked for ${names.join(", ")}.`,
			hidden !== "" && `Private zones are never chosen: ${hidden}.`,
			"Create the zone, name another account by route53.roleArn or route53.profile, or leave route53 out and " +
				"publish dnsRecords where the domain's DNS is.",
		),
	);
}

async function delegatedAmong(
	lookups: Lookups,
	zones: Zones,
	best: HostedZone[],
	signal: AbortSignal,
): Promise<DelegatedZone> {
	const all = await Promise.all(best.map((zone) => zones.zone(zone.id)));
	const [{ name } = { name: "" }] = all;
	let live: Delegation | undefined;
	let unknown: string | undefined;
	try {
		live = await lookups.delegation(name, { signal });
	} catch (error) {
		signal.throwIfAborted();
		unknown = (error as Error).message;
	}
	const servedBy = (servers: readonly string[]) =>
		all.filter((zone) => zone.nameServers.some((server) => servers.includes(server)));
	const told = live?.zone === name ? servedBy(live.nameServers) : [];
	// A stale NS set in the zone hides from resolvers to whom the zone above delegates it.
	const delegated = told.length > 0 ? told : servedBy(await entered(lookups, name, signal));
	const [only, ...more] = delegated;
	if (only && more.length === 0) return only;
	throw new UserError(
		"zone-ambiguous",
		lines(
			`${all.length} public hosted zones are called ${name}, and the live delegation does not say which one counts:`,
			...all.map((zone) => `  ${zone.id}  ${zone.nameServers.join(", ")}`),
			`Live name servers: ${unknown ? `not known: ${unknown}` : (live?.nameServers.join(", ") ?? "none found")}.`,
			"Name one by route53.zoneId, or delete the ones nobody uses.",
		),
	);
}

/** What the zone above has; empty where that cannot be seen. */
async function entered(lookups: Lookups, name: string, signal: AbortSignal): Promise<string[]> {
	const servers = await delegatedByParent(name, lookups, { signal }).catch(() => undefined);
	signal.throwIfAborted();
	return servers ?? [];
}
