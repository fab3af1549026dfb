import { canonicalName, parentName } from "../route53/names.js";
import { type HostedZone, nameServerDomain, type ZoneObserver } from "../route53/zones.js";

/** As much of a hosted zone as name servers need. */
export type ServedZone = Pick<HostedZone, "name" | "nameServers" | "isPrivate" | "publishedAt">;

/**
 * What the registries above the sandbox's zones delegate, as a registrar's account sets it. The first public zone
 * that is made for a name is delegated by itself, unless a zone above is hosted here: then the delegation is the
 * NS record set in that zone.
 */
export class Registrar implements ZoneObserver {
	/** By canonical name; `byZone` is set where it came with a zone and goes with it. */
	readonly #delegations = new Map<string, { nameServers: readonly string[]; byZone?: HostedZone }>([
		[`${nameServerDomain}.`, { nameServers: [`ns.${nameServerDomain}`] }],
	]);

	/** Delegates a name to these servers, as a change at the registrar does; it stays whatever zones come and go. */
	delegate(name: string, nameServers: readonly string[]): void {
		this.#delegations.set(canonicalName(name), {
			nameServers: nameServers.map((host) => host.replace(/\.$/, "")),
		});
	}

	/** Takes a delegation away: the name is registered no longer. */
	undelegate(name: string): void {
		this.#delegations.delete(canonicalName(name));
	}

	/** The registered name at or nearest above `name` (canonical), and the servers it is delegated to. */
	registered(name: string): { name: string; nameServers: readonly string[] } | undefined {
		for (let level = name; level !== ""; level = parentName(level)) {
			const delegation = this.#delegations.get(level);
			if (delegation) return { name: level, nameServers: delegation.nameServers };
		}
		return undefined;
	}

	zoneCreated(zone: HostedZone): void {
		if (zone.isPrivate || this.registered(zone.name)) return;
		this.#delegations.set(zone.name, { nameServers: zone.nameServers, byZone: zone });
	}

	zoneDeleted(zone: HostedZone): void {
		if (this.#delegations.get(zone.name)?.byZone === zone) this.#delegations.delete(zone.name);
	}
}
