import { isDmarc, isWithin, joinTxt, parseMx, toRecordSets } from "../../../dns/index.js";
import type { Purpose } from "../../arguments/inputs.js";
import type { DnsRecord, RecordSetState, ZoneSnapshot } from "../../shapes.js";
import { UserError } from "../errors.js";
import type { ResolvedRoute53Args } from "../inputs.js";
import { conflictError, keptButNeeded } from "../route53/conflicts.js";
import { locateZone } from "../route53/locate-zone.js";
import { type Conflict, planPublish } from "../route53/plan.js";
import type { Range } from "../route53/reader.js";
import { conflictKind, isPlain } from "../route53/sets.js";
import { cutRanges, refuseCut } from "../route53/zone-cut.js";
import type { Progress, World } from "../world.js";

export interface PreflightInput {
	domain: string;
	route53: ResolvedRoute53Args;
	/** What the setup's wait will need; undefined if nothing waits. */
	waitPurpose: Purpose | undefined;
	/** The records, where the setup exists already. Before, only their names are known, but for DKIM. */
	records: DnsRecord[] | undefined;
}

/**
 * Looks before anything is registered or published: which zone, whether the internet asks it, and what
 * stands where the records will go.
 *
 * @returns what stood there, which decides ownership from then on.
 * @throws UserError when something is in the way.
 */
export async function preflight(
	world: World,
	{ domain, route53, waitPurpose, records }: PreflightInput,
	progress: Progress,
	signal: AbortSignal,
): Promise<ZoneSnapshot> {
	const zones = await world.route53(route53);
	const zone = await locateZone(world, zones, domain, route53, progress, signal);

	progress.show(`reading what stands in ${zone.name}`);
	const places = mailRanges(domain);
	const names = [...places, ...(records ?? []).map(({ address }) => ({ name: address }))].map(
		({ name }) => name,
	);
	const standing = await zones.read(zone.id, [...places, ...cutRanges(names, zone)]);
	refuseCut(standing, names, zone);
	const found = standing.filter((set) => inMailRanges(set, domain));
	const conflicts = records
		? planPublish({
				desired: toRecordSets(records, route53.ttl),
				current: found,
				ttl: route53.ttl,
				policies: allErrors,
				owned: [],
				before: found,
			}).conflicts
		: foreseeConflicts(domain, found);
	const refused = conflicts.filter((conflict) => route53.onConflict[conflict.kind] === "error");
	if (refused.length > 0) throw conflictError(zone, refused, "Nothing was registered or changed.");
	const kept = conflicts.filter((conflict) => route53.onConflict[conflict.kind] === "keep");
	const needed = waitPurpose && keptButNeeded(kept, waitPurpose);
	if (needed) throw new UserError(needed);
	return { id: zone.id, name: zone.name, nameServers: zone.nameServers, found };
}

const allErrors = { dmarc: "error", mx: "error", other: "error" } as const;

/** Where the records of a mail setup stand: at the domain, at `_dmarc`, and below `_domainkey`. */
export function mailRanges(domain: string): Range[] {
	return [{ name: domain }, { name: `_dmarc.${domain}` }, { name: `_domainkey.${domain}`, below: true }];
}

/** At the domain itself only MX and CNAME matter; all else there is none of our business. */
function inMailRanges(set: RecordSetState, domain: string): boolean {
	if (set.name === domain) return set.type === "MX" || set.type === "CNAME";
	return set.name === `_dmarc.${domain}` || isWithin(set.name, `_domainkey.${domain}`);
}

/** Before the registration neither the DKIM names nor the wanted values are known, but most conflicts are. */
function foreseeConflicts(domain: string, found: RecordSetState[]): Conflict[] {
	const conflict = (name: string, type: string, sets: RecordSetState[]): Conflict[] =>
		sets.length === 0 ? [] : [{ kind: conflictKind(name, type), name, type, wanted: undefined, found: sets }];
	const dmarcName = `_dmarc.${domain}`;
	return [
		...conflict(
			domain,
			"MX",
			found.filter((set) => set.name === domain && !hasInboundSes(set)),
		),
		...conflict(
			dmarcName,
			"TXT",
			found.filter(
				(set) =>
					set.name === dmarcName &&
					(set.type === "CNAME" ||
						(set.type === "TXT" && (!isPlain(set) || set.values.some((value) => isDmarc(joinTxt(value)))))),
			),
		),
	];
}

/** An exchanger that SES itself asks for may well be the very value to come; it is compared when it is known. */
function hasInboundSes(set: RecordSetState): boolean {
	return (
		set.type === "MX" &&
		isPlain(set) &&
		set.values.some((value) => /^inbound-smtp\.[a-z0-9-]+\.amazonaws\.com$/.test(parseMx(value)?.host ?? ""))
	);
}
