import { UserError } from "../errors.js";
import type { ResolvedRoute53Args } from "../inputs.js";
import type { Progress, World } from "../world.js";
import type { DelegatedZone } from "./api.js";
import { checkDelegation } from "./delegation.js";
import { findZone } from "./zone-choice.js";
import type { Zones } from "./zones.js";

/**
 * Finds the hosted zone for a domain, and makes sure that the internet asks it, as far as `delegationCheck`
 * wants.
 *
 * @throws UserError when there is none, when nothing decides between several, or when another one is live.
 */
export async function locateZone(
	world: Pick<World, "lookups">,
	zones: Zones,
	domain: string,
	{ zoneId, delegationCheck }: Pick<ResolvedRoute53Args, "zoneId" | "delegationCheck">,
	progress: Progress,
	signal: AbortSignal,
): Promise<DelegatedZone> {
	progress.show(`looking for the hosted zone of ${domain}`);
	const { zone, covering } = await findZone(world.lookups, zones, domain, zoneId, signal);
	if (delegationCheck === "off") return zone;
	progress.show(`checking that ${zone.name} is delegated to hosted zone ${zone.id}`);
	const delegation = await checkDelegation(world.lookups, zone, domain, signal, covering);
	if (delegation.state === "elsewhere" && delegationCheck === "error") {
		throw new UserError(delegation.message);
	}
	if (delegation.state !== "delegated") progress.warn(delegation.message);
	return zone;
}
