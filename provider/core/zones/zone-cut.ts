import { ancestors, canonicalName, isDmarcName } from "../../../dns/index.js";
import type { RecordSetState } from "../../shapes.js";
import { lines, UserError } from "../errors.js";
import type { HostedZone, Range } from "./host.js";

type Zone = Pick<HostedZone, "id" | "name">;

/** Where an NS set would take one of these names out of the zone: at the name, or between it and the apex. */
export function cutRanges(names: readonly string[], zone: Zone): Range[] {
	const levels = names.flatMap((name) => ancestors(name)).filter((name) => name.length > zone.name.length);
	return [...new Set(levels)].map((name) => ({ name }));
}

/**
 * Refuses to publish below a delegation: name servers never serve what stands there (RFC 1034, 4.2.1).
 *
 * @param existing what stands in the {@link cutRanges}, and maybe more.
 * @throws UserError
 */
export function refuseCut(existing: readonly RecordSetState[], names: readonly string[], zone: Zone): void {
	const levels = new Set(cutRanges(names, zone).map(({ name }) => name));
	// A DMARC vendor's name servers at `_dmarc` are a conflict that `onConflict` decides.
	const cut = existing.find(
		(set) => set.type === "NS" && levels.has(canonicalName(set.name)) && !isDmarcName(set.name),
	);
	if (!cut) return;
	throw new UserError(
		"zone-delegated-below",
		lines(
			`In hosted zone ${zone.name} (${zone.id}) the name ${cut.name} is delegated away, so records at or below it ` +
				"would never be seen there.",
			`  ${cut.name} NS ${cut.values.join(", ")}`,
			"Publish in the zone behind these name servers (route53.zoneId, or its account by route53.roleArn), or " +
				"remove the NS set.",
		),
	);
}
