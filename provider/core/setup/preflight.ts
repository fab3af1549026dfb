import { sameName, toRecordSets } from "../../../dns/index.js";
import { defaults } from "../../arguments/description.js";
import type { ConflictPolicy, RecordKind, WaitPurpose } from "../../arguments/inputs.js";
import { desiredSets } from "../../arguments/record-kinds.js";
import type { DnsRecord, RecordSetState, ZoneSnapshot } from "../../shapes.js";
import type { UserError } from "../errors.js";
import type { ResolvedRoute53Args } from "../inputs.js";
import { conflictError } from "../records/conflicts.js";
import type { Want } from "../records/decide.js";
import { nothingOurs } from "../records/ledger.js";
import { type Conflict, plan } from "../records/plan.js";
import { concernsAny, foreseenRanges, unlooked, withPlaces } from "../records/snapshot.js";
import type { World } from "../world.js";
import { type DelegatedZone, rangesOf } from "../zones/host.js";
import { locateZone } from "../zones/locate-zone.js";
import { isPlain, withoutValues } from "../zones/sets.js";
import { cutRanges, refuseCut } from "../zones/zone-cut.js";
import type { Zones } from "../zones/zones.js";
import { type Refusal, uselessWait } from "./useless-wait.js";
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
	world: Pick<World, "hosts" | "lookups" | "progress" | "stop">,
	plans: PreflightInput,
): Promise<ZoneSnapshot> {
	const { domain, route53 } = plans;
	const zones = await world.hosts.route53(route53);
	const zone = await locateZone(world, zones, domain, route53, world.progress, world.stop);
	const { snapshot, warnings, refusal } = await lookInto(world, zones, zone, plans);
	for (const warning of warnings) world.progress.warn(warning);
	if (refusal) throw refusal;
	return snapshot;
}

/** What a setup meets in a zone. */
export interface Prospect {
	/** What stands where its records will go. */
	snapshot: ZoneSnapshot;
	/** What it cannot stand beside; `onConflict` decides about it. */
	conflicts: readonly Conflict[];
	/** What may be in its way too, and is compared once its values are known. */
	possible: readonly Conflict[];
	warnings: string[];
	/** Why it may not be made, if something speaks against it. */
	refusal: UserError | undefined;
}

/**
 * Reads what stands in a zone where the records of a setup will go.
 *
 * @throws UserError when nothing that is published there would be seen.
 */
export async function lookInto(
	world: Pick<World, "lookups" | "progress" | "stop">,
	zones: Zones,
	zone: DelegatedZone,
	plans: PreflightInput,
): Promise<Prospect> {
	const { domain, route53, records } = plans;
	world.progress.show(`reading what stands in ${zone.name}`);
	const desired = records ? desiredSets(records, domain, route53) : [];
	const ranges = [...foreseenRanges(domain, route53.records), ...rangesOf(desired)];
	const names = ranges.map(({ name }) => name);
	const existing = await zones.read(zone.id, [
		...ranges,
		...cutRanges(names, zone),
		...wildcardRanges([domain], zone.name),
	]);
	refuseCut(existing, names, zone);
	const staying = withoutRecords(existing, plans.going ?? []);
	const found = staying.filter((set) => concernsAny(set, domain, route53.records));
	const look: ZoneSnapshot = { id: zone.id, name: zone.name, nameServers: zone.nameServers, found };
	const snapshot = withPlaces(look, unlooked(desired, look), staying);
	const warnings = zone.id === plans.managed ? [] : silencedWildcards(names, existing, zone.name);
	if (records) {
		const { refused: conflicts } = obstacles(snapshot, { ...plans, records });
		const refusal = await compare(world, snapshot, { ...plans, records });
		return { snapshot, conflicts, possible: [], warnings, refusal: refusal?.(nothingDone) };
	}
	const { refused: conflicts, undecided: possible } = obstacles(snapshot, { ...plans, records: undefined });
	return {
		snapshot,
		conflicts,
		possible,
		warnings,
		refusal: foreseeRefusal(zone, conflicts, possible, plans),
	};
}

function foreseeRefusal(
	zone: DelegatedZone,
	certain: readonly Conflict[],
	possible: readonly Conflict[],
	plans: PreflightInput,
): UserError | undefined {
	if (decided(certain, plans, "error").length > 0) {
		// Who is refused anyway learns at once what else may be.
		return conflictError(zone, decided([...certain, ...possible], plans, "error"), nothingDone);
	}
	const kept = decided(certain.filter(cannotServe), plans, "keep");
	return plans.waitPurpose && uselessWait(kept, plans.waitPurpose)?.(nothingDone);
}

const nothingDone = "Nothing was registered or changed.";

/**
 * Compares the records of a setup with what stands in the zone, and with what is served where that is kept.
 *
 * @returns the refusal, where the policy does not go on or the wait could never end.
 */
export async function compare(
	world: Pick<World, "lookups" | "stop">,
	zone: ZoneSnapshot,
	plans: PreflightInput & { records: DnsRecord[] },
): Promise<Refusal | undefined> {
	const { refused: conflicts } = obstacles(zone, plans);
	const errors = zone.id === plans.managed ? [] : decided(conflicts, plans, "error");
	if (errors.length > 0) return (consequence) => conflictError(zone, errors, consequence);
	if (plans.waitPurpose === undefined) return undefined;
	const kept = decided(conflicts, plans, "keep");
	return uselessWait(await notServed(world, kept, plans.records), plans.waitPurpose);
}

/**
 * Looks where records will stand of which only the setup tells, such as those of a custom MAIL FROM, and at what stands
 * there now.
 *
 * @throws UserError when nothing that is published there would be seen.
 */
export async function lookFurther(
	world: Pick<World, "hosts" | "progress">,
	zone: ZoneSnapshot,
	{ domain, route53, records }: PreflightInput & { records: DnsRecord[] },
): Promise<ZoneSnapshot> {
	const places = unlooked(desiredSets(records, domain, route53), zone);
	if (places.length === 0) return zone;
	const names = places.map(({ name }) => name);
	world.progress.show(`reading what stands at ${[...new Set(names)].join(", ")}`);
	const zones = await world.hosts.route53(route53);
	const existing = await zones.read(zone.id, [
		...rangesOf(places),
		...cutRanges(names, zone),
		...wildcardRanges(names, zone.name),
	]);
	refuseCut(existing, names, zone);
	// Of the domain, and of what stands above it, the look before the registration has told.
	for (const warning of silencedWildcards(names, existing, zone.name, domain)) world.progress.warn(warning);
	return withPlaces(zone, places, existing);
}

/** What keeps the records of a setup out of the zone, whatever the policy. */
const obstacles = ({ found }: ZoneSnapshot, { domain, route53, records }: PreflightInput) =>
	plan({
		ledger: nothingOurs,
		snapshot: found,
		current: found,
		desired: records ? desiredSets(records, domain, route53) : foreseen(domain, route53.records),
		ttl: route53.ttl,
		policies: allErrors,
	});

/** Before the registration neither the names of DKIM and MAIL FROM nor the values are known. */
const foreseen = (domain: string, kinds: readonly RecordKind[]): Want[] => {
	const places: Want[] = [
		{ kind: "mx", name: domain, type: "MX", values: undefined },
		{ kind: "dmarc", name: `_dmarc.${domain}`, type: "TXT", values: undefined },
	];
	return places.filter(({ kind }) => kinds.includes(kind));
};

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

const decided = (conflicts: readonly Conflict[], { route53 }: PreflightInput, policy: ConflictPolicy) =>
	conflicts.filter((conflict) => route53.onConflict[conflict.policy] === policy);

/** What stands in a zone, but for these records. */
export const withoutRecords = (
	sets: readonly RecordSetState[],
	records: readonly DnsRecord[],
): RecordSetState[] => withoutValues(sets, toRecordSets(records, defaults.ttl));

const allErrors = { dmarc: "error", mx: "error", mailFrom: "error", spf: "error", other: "error" } as const;
