import { UserError } from "../errors.js";
import type { ResolvedRoute53Args } from "../inputs.js";
import type { Progress, World } from "../world.js";
import { checkDelegation, type DelegationState } from "./delegation.js";
import type { DelegatedZone } from "./host.js";
import { findZone } from "./zone-choice.js";
import type { Zones } from "./zones.js";

/** A hosted zone, and whether the internet asks it. */
export interface Located {
	zone: DelegatedZone;
	/** Undefined where nobody looked. */
	delegation: DelegationState | undefined;
	/** Where another zone is live, and `delegationCheck` does not go on then. */
	refusal: UserError | undefined;
}

/**
 * Finds the hosted zone for a domain, and looks whether the internet asks it, as far as `delegationCheck` wants.
 *
 * @throws UserError when there is none, or when nothing decides between several.
 */
export async function lookForZone(
	world: Pick<World, "lookups">,
	zones: Zones,
	domain: string,
	{ zoneId, delegationCheck }: Pick<ResolvedRoute53Args, "zoneId" | "delegationCheck">,
	progress: Pick<Progress, "show">,
	signal: AbortSignal,
): Promise<Located> {
	progress.show(`looking for the hosted zone of ${domain}`);
	const { zone, covering } = await findZone(world.lookups, zones, domain, zoneId, signal);
	if (delegationCheck === "off") return { zone, delegation: undefined, refusal: undefined };
	progress.show(`checking that ${zone.name} is delegated to hosted zone ${zone.id}`);
	const delegation = await checkDelegation(world.lookups, zone, domain, signal, covering);
	const refused = delegation.state === "elsewhere" && delegationCheck === "error";
	return {
		zone,
		delegation,
		refusal: refused ? new UserError("zone-not-delegated", delegation.message) : undefined,
	};
}

/**
 * The same, and goes on with no zone that is refused.
 *
 * @throws UserError also when another zone is live.
 */
export async function locateZone(
	world: Pick<World, "lookups">,
	zones: Zones,
	domain: string,
	args: Pick<ResolvedRoute53Args, "zoneId" | "delegationCheck">,
	progress: Progress,
	signal: AbortSignal,
): Promise<DelegatedZone> {
	const { zone, delegation, refusal } = await lookForZone(world, zones, domain, args, progress, signal);
	if (refusal) throw refusal;
	if (delegation && delegation.state !== "delegated") progress.warn(delegation.message);
	return zone;
}
