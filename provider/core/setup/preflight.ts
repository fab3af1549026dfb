import { hasValue, isDmarc, isWithin, joinTxt, parseMx, sameName, toRecordSets } from "../../../dns/index.js";
import { defaults } from "../../arguments/description.js";
import type { RecordKind, WaitPurpose } from "../../arguments/inputs.js";
import type { DnsRecord, RecordSetState, ZoneSnapshot } from "../../shapes.js";
import { UserError } from "../errors.js";
import { desiredSets, type ResolvedRoute53Args } from "../inputs.js";
import { conflictError, keptButNeeded } from "../route53/conflicts.js";
import { locateZone } from "../route53/locate-zone.js";
import { type Conflict, planPublish } from "../route53/plan.js";
import type { Range } from "../route53/reader.js";
import { isPlain, kindOf } from "../route53/sets.js";
import { cutRanges, refuseCut } from "../route53/zone-cut.js";
import type { World } from "../world.js";
import { silencedWildcards, wildcardRanges } from "./wildcards.js";

export interface PreflightInput {
	domain: string;
	route53: ResolvedRoute53Args;
	/** What the setup's wait will need; undefined if nothing waits. */
	waitPurpose: WaitPurpose | WaitPurpose[] | undefined;
	/** The records, where the setup exists already. Before, only their names are known, but for DKIM. */
	records: DnsRecord[] | undefined;
	/** Records that will have gone by then. */
	going?: DnsRecord[];
	/** Id of the zone that has them already: what changed there is judged by who wrote it. */
	managed?: string | undefined;
}

/**
 * Looks before anything is registered or published: which zone, whether the internet asks it, and what
 * stands where the records will go.
 *
 * @returns what stood there, which decides ownership from then on.
 * @throws UserError when something is in the way.
 */
export async function preflight(
	world: Pick<World, "route53" | "lookups" | "progress" | "stop">,
	plans: PreflightInput,
): Promise<ZoneSnapshot> {
	const { domain, route53, records } = plans;
	const zones = await world.route53(route53);
	const zone = await locateZone(world, zones, domain, route53, world.progress, world.stop);

	world.progress.show(`reading what stands in ${zone.name}`);
	const places = mailRanges(domain, route53.records);
	const names = [...places, ...(records ?? []).map(({ address }) => ({ name: address }))].map(
		({ name }) => name,
	);
	const standing = await zones.read(zone.id, [
		...places,
		...cutRanges(names, zone),
		...wildcardRanges(domain, zone.name),
	]);
	refuseCut(standing, names, zone);
	const found = withoutRecords(
		standing.filter((set) => concernsAny(set, domain, route53.records)),
		plans.going ?? [],
	);
	const snapshot = { id: zone.id, name: zone.name, nameServers: zone.nameServers, found };
	if (zone.id !== plans.managed) {
		for (const warning of silencedWildcards(names, standing, zone.name)) world.progress.warn(warning);
	}
	if (records) {
		await refuseConflicts(world, snapshot, { ...plans, records }, nothingDone);
	} else {
		const { certain, possible } = foreseeConflicts(domain, found);
		// Who is refused anyway learns at once what else may be.
		if (refused(certain, route53).length > 0)
			throw conflictError(zone, refused([...certain, ...possible], route53), nothingDone);
		refuseUselessWait(certain.filter(cannotServe), plans, nothingDone);
	}
	return snapshot;
}

const nothingDone = "Nothing was registered or changed.";

/**
 * Compares the records of a setup with what stands in the zone, and with what is served where that is kept.
 *
 * @param consequence what became of the setup, in a sentence.
 * @throws UserError with both values, where the policy refuses to go on or the wait could never end.
 */
export async function refuseConflicts(
	world: Pick<World, "lookups" | "stop">,
	zone: ZoneSnapshot,
	plans: PreflightInput & { records: DnsRecord[] },
	consequence: string,
): Promise<void> {
	const { conflicts } = planPublish({
		desired: desiredSets(plans.records, plans.route53),
		current: zone.found,
		ttl: plans.route53.ttl,
		policies: allErrors,
		owned: [],
		before: zone.found,
	});
	const errors = zone.id === plans.managed ? [] : refused(conflicts, plans.route53);
	if (errors.length > 0) throw conflictError(zone, errors, consequence);
	if (plans.waitPurpose === undefined) return;
	const kept = conflicts.filter(({ kind }) => plans.route53.onConflict[kind] === "keep");
	refuseUselessWait(await notServed(world, kept, plans.records), plans, consequence);
}

/** Those in whose place something else is served, or nothing. Routed sets and aliases may serve the very value. */
async function notServed(
	{ lookups, stop }: Pick<World, "lookups" | "stop">,
	kept: readonly Conflict[],
	records: readonly DnsRecord[],
): Promise<Conflict[]> {
	const at = ({ name, type }: Conflict) =>
		records.filter((record) => record.type === type && sameName(record.address, name));
	const checks = await lookups.checkAll(kept.flatMap(at), { signal: stop });
	// Where nobody answers, nobody can say so.
	const lacking = checks.filter(({ lacks, uncovered }) => lacks.length > 0 || uncovered);
	return kept.filter((conflict) =>
		at(conflict).some((record) => lacking.some((check) => check.record === record)),
	);
}

/** Mail exchangers of others, whatever the setup will ask for. */
const cannotServe = ({ type, found }: Conflict) =>
	type === "MX" && found.every((set) => set.type === "MX" && isPlain(set));

const refused = (conflicts: Conflict[], { onConflict }: ResolvedRoute53Args) =>
	conflicts.filter(({ kind }) => onConflict[kind] === "error");

/** A wait for a record that is kept from being published would never end. */
function refuseUselessWait(
	conflicts: Conflict[],
	{ route53, waitPurpose }: PreflightInput,
	consequence: string,
): void {
	const kept = conflicts.filter(({ kind }) => route53.onConflict[kind] === "keep");
	const needed = waitPurpose && keptButNeeded(kept, waitPurpose, consequence);
	if (needed) throw new UserError(needed);
}

/** What stands in a zone, but for these records. */
export function withoutRecords(
	sets: readonly RecordSetState[],
	records: readonly DnsRecord[],
): RecordSetState[] {
	const gone = toRecordSets(records, defaults.ttl);
	return sets
		.map((set) => {
			const own = gone.find(({ name, type }) => isPlain(set) && name === set.name && type === set.type);
			return own ? { ...set, values: set.values.filter((value) => !hasValue(own, value)) } : set;
		})
		.filter((set) => !isPlain(set) || set.values.length > 0);
}

const allErrors = { dmarc: "error", mx: "error", other: "error" } as const;

/** Where records of these kinds stand: at the domain, at `_dmarc`, and below `_domainkey`. */
export function mailRanges(domain: string, kinds: readonly RecordKind[]): Range[] {
	const ranges: Record<RecordKind, Range> = {
		mx: { name: domain },
		dmarc: { name: `_dmarc.${domain}` },
		dkim: { name: `_domainkey.${domain}`, below: true },
	};
	return kinds.map((kind) => ranges[kind]);
}

/** At the domain itself only MX and CNAME matter; all else there is none of our business. */
const concerns: Record<RecordKind, (set: RecordSetState, domain: string) => boolean> = {
	mx: (set, domain) => set.name === domain && (set.type === "MX" || set.type === "CNAME"),
	dmarc: (set, domain) => set.name === `_dmarc.${domain}`,
	dkim: (set, domain) => isWithin(set.name, `_domainkey.${domain}`),
};

/** Whether records of one of these kinds have to do with a set. */
export const concernsAny = (set: RecordSetState, domain: string, kinds: readonly RecordKind[]): boolean =>
	kinds.some((kind) => concerns[kind](set, domain));

/**
 * Before the registration neither the DKIM names nor the wanted values are known. What no new setup asks for is a
 * conflict for certain; what one may ask for is compared once it has.
 */
function foreseeConflicts(
	domain: string,
	found: RecordSetState[],
): { certain: Conflict[]; possible: Conflict[] } {
	const conflict = (name: string, type: string, sets: RecordSetState[]): Conflict[] =>
		sets.length === 0
			? []
			: [{ kind: kindOf({ name, type }, sets), name, type, wanted: undefined, found: sets }];
	const dmarcName = `_dmarc.${domain}`;
	const atDomain = found.filter((set) => set.name === domain);
	const atDmarc = found.filter((set) => set.name === dmarcName);
	const isPolicy = (set: RecordSetState) =>
		set.type === "TXT" && isPlain(set) && set.values.some((value) => isDmarc(joinTxt(value)));
	return {
		certain: [
			...conflict(
				domain,
				"MX",
				atDomain.filter((set) => !hasInboundSes(set)),
			),
			...conflict(
				dmarcName,
				"TXT",
				atDmarc.filter(
					(set) => set.type === "CNAME" || set.type === "NS" || (set.type === "TXT" && !isPlain(set)),
				),
			),
		],
		possible: conflict(dmarcName, "TXT", atDmarc.filter(isPolicy)),
	};
}

/** An exchanger that SES itself asks for may well be the very value to come. */
function hasInboundSes(set: RecordSetState): boolean {
	return (
		set.type === "MX" &&
		isPlain(set) &&
		set.values.some((value) => /^inbound-smtp\.[a-z0-9-]+\.amazonaws\.com$/.test(parseMx(value)?.host ?? ""))
	);
}
