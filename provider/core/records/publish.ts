import { mailDomain, recordSetKey } from "../../../dns/index.js";
import type { RecordSetState, WrittenRecordSet } from "../../shapes.js";
import { IncompleteError, UserError } from "../errors.js";
import {
	desiredSets,
	type FormerZone,
	type RecordsInputs,
	type RecordsOutputs,
	resolveRoute53,
} from "../inputs.js";
import { conflictError } from "../route53/conflicts.js";
import { drift } from "../route53/drift.js";
import { locateZone } from "../route53/locate-zone.js";
import { type PublishPlan, planPublish } from "../route53/plan.js";
import type { Submission } from "../route53/publisher.js";
import { rangesOf } from "../route53/reader.js";
import { afterChanges, type Change, plainSet } from "../route53/sets.js";
import { cutRanges, refuseCut } from "../route53/zone-cut.js";
import type { World } from "../world.js";
import { type Attempt, type Ledger, settled, standingAt, unsettled, wasMade } from "./attempt.js";
import { handOn } from "./handed-on.js";
import { isGone, remove } from "./remove.js";

/** What there is already of the records. */
interface Before {
	/** What state says of the zone. */
	olds: Ledger;
	/** The zone that what was written is in. */
	zone?: { id: string; name: string };
	/** Zones to leave once everything stands in this one. */
	former: FormerZone[];
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
	{ olds, zone: usual, former }: Before,
): Promise<RecordsOutputs> {
	const progress = world.progress;
	const args = resolveRoute53(inputs);
	const zones = await world.route53(args);
	const known = usual ?? inputs.zone;
	const domain = mailDomain(inputs.dnsRecords.map(({ address }) => address)) ?? "";
	const zone = known ?? (await locateZone(world, zones, domain, args, progress, world.stop));

	const desired = desiredSets(inputs.dnsRecords, args);
	progress.show(`publishing ${desired.flatMap(({ values }) => values).length} records in ${zone.name}`);
	let plan: PublishPlan | undefined;
	let firstSeen: RecordSetState[] | undefined;
	let lastSeen: RecordSetState[] = [];
	/** The last change that has failed, until the zone is read again. */
	let attempt: Attempt | undefined;
	/** The last change to which no answer came: it may still be under way. */
	let lost: Attempt | undefined;
	/** What turned out to be written by a change to which no answer came. */
	let made: PublishPlan | undefined;
	let owned: readonly WrittenRecordSet[] = olds.written;
	// Where the preflight of SesSetup has not looked, this is the first look at the zone.
	const unlooked = known ? [] : desired.map(({ name }) => name);
	const submission: Submission = {
		ranges: [...rangesOf([...desired, ...olds.written]), ...cutRanges(unlooked, zone)],
		plan(current) {
			refuseCut(current, unlooked, zone);
			// Without a look from before the registration, the first one in this operation tells what is not ours.
			firstSeen ??= current;
			lastSeen = current;
			if (attempt && wasMade(attempt.plan.written, attempt.before, current)) {
				made = attempt.plan;
				lost = undefined;
			}
			attempt = undefined;
			const ledger = made ? { written: made.written, drift: [] } : settled(olds, current);
			owned = ledger.written;
			// What was left to others goes on being theirs, though state knows it as ours no more, and so does a TTL.
			const asWanted = made?.written.map((set) => (set.others.length > 0 ? set : { ...set, ttl: args.ttl }));
			const left = made?.kept.filter(({ reason }) => reason === "conflict") ?? [];
			plan = planPublish({
				desired: desired.filter((want) => !left.some((set) => recordSetKey(set) === recordSetKey(want))),
				current,
				ttl: args.ttl,
				policies: args.onConflict,
				owned: asWanted ?? owned,
				before: inputs.zone?.found ?? firstSeen,
				// States of earlier versions do not say what stood there.
				seen: ledger.drift.length > 0 ? (ledger.seen ?? current) : undefined,
			});
			plan.kept.push(...left);
			if (plan.conflicts.length > 0) {
				// What is in its way keeps out one that is under way as well.
				lost = undefined;
				throw conflictError(
					zone,
					plan.conflicts,
					made ? "The records were written, and are in the state." : "Nothing was changed in it.",
				);
			}
			// What stands already need not be everywhere yet, and only who makes a change can ask for that.
			const isAwaited = made !== undefined || former.length > 0;
			return plan.changes.length === 0 && isAwaited ? sameAgain(plan, current) : plan.changes;
		},
		failed(unanswered) {
			attempt = plan && { plan, before: lastSeen };
			if (unanswered) lost = attempt;
		},
	};
	// Told to stop, the engine records nothing any more, so no destroy would know of what was just written.
	const warnIfStopped = () => {
		if (!world.stop.aborted || !plan || plan.changes.length === 0) return;
		progress.warn(
			`The run was stopped while records were being written to ${zone.name}, and Pulumi has not recorded them. The ` +
				"next `pulumi up` takes over what stands there; do that before a `pulumi destroy`, too.",
		);
	};
	const { dnsRecords: _records, zone: _zone, waitForSync, ...settings } = inputs;
	const planned = (): RecordsOutputs => ({
		...settings,
		zoneId: zone.id,
		zoneName: zone.name,
		written: plan?.written ?? [],
		kept: plan?.kept ?? [],
		...(plan ? noticed(plan, lastSeen) : { drift: [] }),
		...(former.length > 0 && { former }),
	});
	const change = await zones.submit(zone.id, submission).catch((error: unknown) => {
		warnIfStopped();
		if (isGone(error)) throw goneZone(zone, error);
		const stands = plan?.changes.length === 0 && plan.conflicts.length === 0;
		if (!stands && !lost && !made) throw error;
		// State must know what stands, or may, whatever became of the rest.
		const outputs = planned();
		if (!stands && lost) Object.assign(outputs, unsettled(lost, owned));
		else if (!stands && made) Object.assign(outputs, { written: made.written, kept: made.kept });
		throw new IncompleteError(inputs.setupId, outputs, [(error as Error).message], { cause: error });
	});
	const outputs = planned();
	// What is in another zone may go only once everybody can see this one.
	if (change && waitForSync === false && former.length === 0) {
		// Asked from now on, so that one answer serves all whose waits have not begun yet.
		const inSync = zones.inSync(change, { byLater: true });
		handOn(world, inputs.setupId, { zoneName: zone.name, inSync });
	} else if (change) {
		progress.show(`waiting until every name server of ${zone.name} has the records`);
		try {
			await zones.inSync(change);
		} catch (error) {
			warnIfStopped();
			// The records are written: state must know them, whatever became of the wait.
			throw new IncompleteError(inputs.setupId, outputs, [(error as Error).message], { cause: error });
		}
	}
	// Resolvers go on asking the zone that was left for as long as they remember its NS set, so it goes last.
	for (const [index, each] of former.entries()) {
		const { zoneName, zoneId } = each;
		const error = await remove(world, inputs.setupId, each).then(
			() => undefined,
			(reason: unknown) => reason as Error,
		);
		if (!error) continue;
		const reason =
			`The records stand in ${zone.name} (${zone.id}), and those in ${zoneName} (${zoneId}) could not be removed: ` +
			`${error.message} The next \`pulumi up\` removes them.`;
		const kept = { ...outputs, former: former.slice(index) };
		throw new IncompleteError(inputs.setupId, kept, [reason], { cause: error });
	}
	delete outputs.former;
	if (plan && plan.gone.length > 0) {
		const names = plan.gone.map(({ type, name }) => `${type} ${name}`).join(" and ");
		progress.warn(
			`${names} ${plan.gone.length > 1 ? "are" : "is"} gone from ${zone.name}, which no preview has shown. The next one ` +
				"does, and its `pulumi up` publishes what is gone again.",
		);
	}
	const left = outputs.kept.length > 0 ? `, ${outputs.kept.length} left as they stood` : "";
	progress.show(`${outputs.written.length} record sets stand in ${zone.name}${left}`);
	return outputs;
}

/** What the next preview shows, so that the `up` after it may put it back, and nothing that goes later. */
function noticed(
	plan: PublishPlan,
	current: readonly RecordSetState[],
): Pick<RecordsOutputs, "drift" | "seen"> {
	if (plan.gone.length === 0) return { drift: [] };
	return {
		drift: drift(plan.gone, [], current),
		seen: standingAt(plan, afterChanges(current, plan.changes)),
	};
}

/**
 * A change that changes nothing: once it is everywhere, so is all that was changed before it. It may be of what another
 * resource has just written, which stands there as that of others.
 */
function sameAgain({ written, kept }: PublishPlan, current: readonly RecordSetState[]): Change[] {
	const identical = kept.filter(({ reason }) => reason === "identical");
	const [set] = [...written, ...identical].flatMap(({ name, type }) => plainSet(current, name, type) ?? []);
	return set
		? [
				{ action: "DELETE", set },
				{ action: "CREATE", set },
			]
		: [];
}

function goneZone({ id, name }: { id: string; name: string }, cause: unknown): UserError {
	return new UserError(
		`hosted zone ${name} (${id}) is gone. Set route53.zoneId to the zone that has taken its place: then it is ` +
			"looked at anew, and the records are published there.",
		{ cause },
	);
}
