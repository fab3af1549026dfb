import { type DesiredSet, desiredSets, ofKinds } from "../../arguments/record-kinds.js";
import { codeOf, IncompleteError, lines, saying, UserError } from "../errors.js";
import {
	domainOf,
	type FormerZone,
	type RecordsInputs,
	type RecordsOutputs,
	type ResolvedRoute53Args,
	refuseAsked,
	resolveRoute53,
} from "../inputs.js";
import type { World } from "../world.js";
import { type AcceptedChange, HostError, isHostError, rangesOf } from "../zones/host.js";
import { afterIntents } from "../zones/intents.js";
import { locateZone } from "../zones/locate-zone.js";
import { untilServed } from "../zones/served.js";
import { cutRanges, refuseCut } from "../zones/zone-cut.js";
import type { Zones } from "../zones/zones.js";
import { conflictError } from "./conflicts.js";
import { type Driven, drive } from "./drive.js";
import { leave, warnOfYielded } from "./leave.js";
import { existingAt, isAt, type Ledger, nothingOurs, placesOf } from "./ledger.js";
import { plan } from "./plan.js";
import { unlooked as unlookedIn, withPlaces } from "./snapshot.js";

/** What there is already of the records. */
interface Before {
	ledger: Ledger;
	/** The zone that the ledger is of. */
	zone?: { id: string; name: string };
	/** Zones to leave once everything stands in this one. */
	former: readonly FormerZone[];
}

/**
 * Publishes the records in one atomic change, waits until every name server has them or leaves that to the wait for
 * verification, and then leaves the former zones.
 *
 * @throws UserError when nothing was changed; IncompleteError when the records are written and something is not.
 */
export async function publish(
	world: World,
	inputs: RecordsInputs,
	{ ledger, zone: usual, former }: Before,
): Promise<RecordsOutputs> {
	const args = resolveRoute53(inputs);
	const zones = await world.hosts.route53(args);
	const known = usual ?? inputs.zone;
	const domain = domainOf(inputs);
	refuseAsked(inputs.dnsRecords, domain, args.records);
	const zone = known ?? (await locateZone(world, zones, domain, args, world.progress, world.stop));
	const desired = desiredSets(inputs.dnsRecords, domain, args);
	const publication = { world, inputs, args, zones, zone, desired, former };
	// Where the preflight of SesSetup has not looked, this is the first look at the zone.
	const driven = await write(publication, ledger, known ? [] : desired.map(({ name }) => name));
	const outputs = outputsOf(publication, driven);
	try {
		if (driven.error) throw driven.error;
		await propagate(publication, driven);
		await leaveFormer(publication, outputs);
	} catch (error) {
		if (driven.plan && driven.plan.intents.length > 0) warnIfStopped(publication);
		if (driven.error && isHostError(error, "gone")) throw goneZone(zone, error);
		if (driven.error && !driven.unanswered) throw error;
		// State must know what stands, or may, whatever became of the rest.
		const reasons = [lines(error as Error)];
		throw new IncompleteError(codeOf(error), inputs.setupId, outputs, reasons, { cause: error });
	}
	const { written, kept, drift } = outputs;
	if (drift.length > 0)
		world.progress.warn(
			`${drift.join(". ")}, which no preview has shown. The next one does, and its \`pulumi up\` publishes what is gone ` +
				"again.",
		);
	const left = kept.length > 0 ? `, ${kept.length} left as they stood` : "";
	world.progress.show(`${written.length} record sets stand in ${zone.name}${left}`);
	return outputs;
}

interface Publication {
	readonly world: World;
	readonly inputs: RecordsInputs;
	readonly args: ResolvedRoute53Args;
	readonly zones: Zones;
	readonly zone: { id: string; name: string };
	readonly desired: readonly DesiredSet[];
	readonly former: readonly FormerZone[];
}

/** @param unlooked names at which nobody has looked whether they are delegated away. */
async function write(publication: Publication, ledger: Ledger, unlooked: readonly string[]): Promise<Driven> {
	const { world, inputs, args, zones, zone, desired } = publication;
	const { ttl, onConflict: policies } = args;
	const claims = world.claims.inZone({ setupId: inputs.setupId, zoneId: zone.id }, world.urn);
	world.progress.show(`publishing ${desired.flatMap(({ values }) => values).length} records in ${zone.name}`);
	const driven = await drive(zones, {
		...{ zoneId: zone.id, ledger },
		ranges: [...rangesOf([...desired, ...placesOf(ledger)]), ...cutRanges(unlooked, zone)],
		plan({ first, ...look }) {
			refuseCut(look.current, unlooked, zone);
			// Where nobody has looked before the registration, the first look tells what is not ours.
			const before = ledger.pending?.before ?? first;
			const looked = inputs.zone && withPlaces(inputs.zone, unlookedIn(desired, inputs.zone), before);
			return plan({ ...look, snapshot: looked?.found ?? before, desired, ttl, policies, claims });
		},
		refusal: ({ refused }, consequence) => conflictError(zone, refused, consequence),
	});
	if (driven.plan && !driven.error) warnOfYielded(world, zone.name, driven.plan);
	return driven;
}

/** What state says then: what was planned, or what was written, or may be, where that failed. */
function outputsOf(
	{ inputs, zones, zone, former }: Publication,
	{ plan: planned, look, unanswered, error }: Driven,
): RecordsOutputs {
	const { dnsRecords: _records, zone: _zone, waitForSync: _wait, ...settings } = inputs;
	const { written, kept, pending }: Ledger = (error ? unanswered : planned) ?? nothingOurs;
	const toShow = error ? [] : (planned?.toShow ?? []);
	const existing = () =>
		existingAt([...written, ...kept], afterIntents(look?.current ?? [], planned?.intents ?? []));
	return {
		...{ ...settings, zoneId: zone.id, zoneName: zone.name, written: [...written], kept: [...kept] },
		drift: pending ? [`nobody knows, because ${zones.title}'s answer got lost`] : toShow,
		...(pending && { pending }),
		...(toShow.length > 0 && { seen: existing() }),
		...(former.length > 0 && { former: [...former] }),
	};
}

/**
 * Waits until every name server has the records. Of what an earlier change has written, of one to which no answer came, and
 * where the host does not tell, only the servers can say so.
 */
async function propagate(publication: Publication, { change, plan, unanswered }: Driven): Promise<void> {
	const { world, inputs, args, zones, zone, former } = publication;
	const isAwaited = former.length > 0 || inputs.waitForSync !== false;
	if (change && !isAwaited) {
		// Asked from now on, so that one answer serves all whose waits have not begun yet.
		const inSync = Promise.resolve(zones.settled(change, { byLater: true }));
		world.cache.handOn(inputs.setupId, { zoneName: zone.name, inSync });
		return;
	}
	if (!change && !(isAwaited && (former.length > 0 || unanswered))) return;
	world.progress.show(`waiting until every name server of ${zone.name} has the records`);
	const left = (plan?.kept ?? []).filter(({ reason }) => reason === "conflict");
	const published = ofKinds(inputs.dnsRecords, domainOf(inputs), args.records).filter(
		({ address: name, type }) => !left.some(isAt({ name, type })),
	);
	try {
		if (change && (await isSettled(publication, change))) return;
		await untilServed(world, await zones.zone(zone.id), published);
	} catch (cause) {
		if (world.stop.aborted) throw cause;
		const stand = `The records stand in ${zone.name} (${zone.id}) and are in the state; the next \`pulumi up\` goes on with them.`;
		throw saying(`${(cause as Error).message} ${stand}`, cause);
	}
}

/** False where the host does not tell. */
async function isSettled({ world, zones, zone }: Publication, change: AcceptedChange): Promise<boolean> {
	const settled = zones.settled(change);
	try {
		await settled;
	} catch (error) {
		if (!(error instanceof HostError)) throw error;
		world.progress.warn(
			`The records stand in ${zone.name} and are in the state. Whether every name server has them, ${zones.title} does ` +
				`not tell, so the name servers are asked: ${error.message}`,
		);
		return false;
	}
	return settled !== undefined;
}

/** Resolvers go on asking the zone that was left for as long as they remember its NS set, so it goes last. */
async function leaveFormer(
	{ world, inputs, zone, former }: Publication,
	outputs: RecordsOutputs,
): Promise<void> {
	for (const [index, each] of former.entries()) {
		outputs.former = former.slice(index);
		await leave(world, inputs.setupId, each, world.urn).catch((cause: Error) => {
			const stand = `The records stand in ${zone.name} (${zone.id}), and those in ${each.zoneName} (${each.zoneId}) could not`;
			throw saying(
				`${stand} be removed: ${lines(cause).join(" ")} The next \`pulumi up\` removes them.`,
				cause,
			);
		});
	}
	delete outputs.former;
}

/** Told to stop, the engine records nothing any more, so no destroy would know of what was just written. */
function warnIfStopped({ world, zone }: Publication): void {
	if (!world.stop.aborted) return;
	world.progress.warn(
		`The run was stopped while records were being written to ${zone.name}, and Pulumi has not recorded them. The ` +
			"next `pulumi up` takes over what stands there; do that before a `pulumi destroy`, too.",
	);
}

function goneZone({ id, name }: { id: string; name: string }, cause: unknown): UserError {
	return new UserError(
		"zone-gone",
		`hosted zone ${name} (${id}) is gone. Set route53.zoneId to the zone that has taken its place: then it is ` +
			"looked at anew, and the records are published there.",
		{ cause },
	);
}
