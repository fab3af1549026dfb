import type { Lookups } from "../../../dns/index.js";
import { lines } from "../errors.js";
import type { DelegatedZone } from "./api.js";

export type DelegationState =
	| { state: "delegated" }
	| { state: "elsewhere"; message: string }
	/** Nobody answered, so nothing can be said. */
	| { state: "unknown"; message: string };

/**
 * Whether the internet asks this zone about the domain. A registrar that names other servers, or a zone cut
 * further down, means that no record of this zone is ever seen.
 */
export async function checkDelegation(
	lookups: Lookups,
	zone: DelegatedZone,
	domain: string,
	signal: AbortSignal,
): Promise<DelegationState> {
	let live: { zone: string; nameServers: string[] } | undefined;
	try {
		live = await lookups.delegation(domain, { signal });
	} catch (error) {
		signal.throwIfAborted();
		return { state: "unknown", message: (error as Error).message };
	}
	if (live?.zone === zone.name && live.nameServers.some((server) => zone.nameServers.includes(server))) {
		return { state: "delegated" };
	}
	if (live?.zone === zone.name && (await shareAddress(lookups, live.nameServers, zone.nameServers, signal))) {
		return { state: "delegated" };
	}
	const cut = live && live.zone !== zone.name && live.zone.length > zone.name.length;
	return {
		state: "elsewhere",
		message: lines(
			`Hosted zone ${zone.name} (${zone.id}) is not the one the internet asks about ${domain}.`,
			`  the zone's name servers: ${zone.nameServers.join(", ")}`,
			live
				? `  live for ${live.zone}: ${live.nameServers.join(", ")}`
				: `  live: nobody is delegated ${zone.name}`,
			cut
				? `${live?.zone} is delegated on its own: publish there (route53.zoneId or another account by roleArn).`
				: `Set these name servers for ${zone.name} at its registrar or parent zone, or choose the zone that is live by ` +
						"route53.zoneId.",
			'To go on without this check, set route53.delegationCheck to "warn" or "off".',
		),
	};
}

/** Vanity name servers have other names for the same machines. */
async function shareAddress(
	lookups: Lookups,
	some: string[],
	others: string[],
	signal: AbortSignal,
): Promise<boolean> {
	const addresses = async (servers: string[]) => {
		const answers = await Promise.all(servers.map((server) => lookups.query(server, "A", { signal })));
		return answers.flatMap((answer) => (answer.kind === "found" ? answer.values : []));
	};
	const [a, b] = await Promise.all([addresses(some), addresses(others)]);
	return a.some((address) => b.includes(address));
}
