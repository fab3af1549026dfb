import { canonicalName } from "../../../dns/index.js";
import { hasUnknown } from "../../arguments/unknown.js";
import type { RecordSetState, WrittenRecordSet } from "../../shapes.js";
import { IncompleteError, lines, UserError } from "../errors.js";
import type { Difference, Handler } from "../handler.js";
import {
	accessOf,
	desiredSets,
	type FormerZone,
	type RecordsInputs,
	type RecordsOutputs,
	resolveRoute53,
	sameJson,
	sameRecords,
} from "../inputs.js";
import { Route53Error } from "../route53/api.js";
import { conflictError } from "../route53/conflicts.js";
import { drift } from "../route53/drift.js";
import { locateZone } from "../route53/locate-zone.js";
import { type PublishPlan, planPublish } from "../route53/plan.js";
import type { Submission } from "../route53/publisher.js";
import { rangesOf } from "../route53/reader.js";
import { planRemoval } from "../route53/removal-plan.js";
import { concerning, describeSet } from "../route53/sets.js";
import { cutRanges, refuseCut } from "../route53/zone-cut.js";
import { nameOf } from "../run.js";
import { tookDown } from "../setup/leftovers.js";
import { refuseWhileUsed } from "../setup/removal.js";
import type { Progress, World } from "../world.js";

/** `Route53Records`: the records of one setup in one hosted zone, and nothing else in it. */
export const recordsHandler: Handler<RecordsInputs, RecordsOutputs> = {
	kind: "Route53Records",

	diff(outset, _id, olds, news): Difference {
		if (olds.setupId !== news.setupId) return { changes: true, replaces: ["setupId"] };
		if (hasUnknown(news)) return { changes: true };
		// Where nothing was left to others, nothing has to be decided anew.
		const decided = olds.kept.some(({ reason }) => reason === "conflict");
		const wanted = (inputs: RecordsInputs) => {
			const { zoneId: _zone, delegationCheck: _check, onConflict, ...rest } = resolveRoute53(inputs);
			return { ...rest, ...(decided && { onConflict }) };
		};
		for (const line of olds.drift) outset.note(`Changed in ${olds.zoneName} since it was published: ${line}`);
		return {
			changes:
				zoneIdOf(olds, news) !== olds.zoneId ||
				olds.drift.length > 0 ||
				(olds.former ?? []).length > 0 ||
				!sameRecords(olds.dnsRecords, news.dnsRecords) ||
				!sameJson(wanted(olds), wanted(news)),
		};
	},

	async create(world, inputs) {
		const outputs = await publish(world, inputs, { owned: [], former: [] });
		return { id: inputs.setupId, outputs };
	},

	async update(world, _id, olds, news) {
		const { zoneId, zoneName, written, former = [] } = olds;
		const target = zoneIdOf(olds, news);
		if (target === zoneId) {
			const zone = { id: zoneId, name: zoneName };
			return await publish(world, news, { owned: written, drifted: olds, zone, former });
		}
		const left: FormerZone[] = [...former, { zoneId, zoneName, written, access: accessOf(olds) }];
		const owned = former.find((each) => each.zoneId === target)?.written ?? [];
		try {
			return await publish(world, news, {
				owned,
				former: left.filter((each) => each.zoneId !== target),
			});
		} catch (error) {
			if (error instanceof IncompleteError || world.stop.aborted) throw error;
			throw new UserError(
				lines((error as Error).message, `The records in ${zoneName} (${zoneId}) stand as they were.`),
				{
					cause: error,
				},
			);
		}
	},

	async read(world, _id, olds) {
		const { written = [], kept = [] } = olds;
		if (!olds.zoneId)
			throw new UserError("Route53Records has no `get`: read the zone with aws.route53.getZone.");
		const zones = await world.route53(resolveRoute53(olds));
		const { seen: _, ...known } = olds as RecordsOutputs;
		try {
			const current = await zones.read(olds.zoneId, rangesOf([...written, ...kept]));
			const found = drift(written, kept, current);
			const seen = [...written, ...kept].flatMap((set) => concerning(current, { ...set, values: [] }));
			return { ...known, drift: found, ...(found.length > 0 && { seen }) };
		} catch (error) {
			if (!isGone(error)) throw error;
			if (!olds.former?.length) return undefined;
			// What still stands in the zone that was left must not be forgotten.
			return { ...known, written: [], drift: [`hosted zone ${olds.zoneName} (${olds.zoneId}) is gone`] };
		}
	},

	async delete(world, _id, olds) {
		const { progress, run } = world;
		const heir = run.heirOfRecords(olds);
		if (heir !== undefined) {
			progress.warn(`The records in ${olds.zoneName} stay: ${nameOf(heir)} of this program has them now.`);
			return;
		}
		// Records that go without their setup leave nothing behind that could not be deleted.
		if (!run.keepsSetup(olds.setupId)) await refuseWhileUsed(world, olds.setupId, progress, world.stop);
		tookDown(world, olds.setupId);
		for (const former of olds.former ?? []) await remove(world, former);
		const change = await remove(world, { ...olds, access: accessOf(olds) });
		if (change) await (await world.route53(accessOf(olds))).inSync(change);
	},
};

/** Where the records belong now. Where nothing says so, they stay where they are. */
const zoneIdOf = (olds: RecordsOutputs, news: RecordsInputs): string =>
	news.zone?.id ?? resolveRoute53(news).zoneId ?? olds.zoneId;

/**
 * Takes out of a zone what was written there. A zone that is gone has nothing left.
 *
 * @returns the change's id, if there was one.
 */
async function remove(
	{ progress, route53 }: World,
	{ zoneId, zoneName, written, access }: FormerZone,
): Promise<string | undefined> {
	if (written.length === 0) return undefined;
	progress.show(`removing ${written.length} record sets from ${zoneName}`);
	const zones = await route53(access);
	try {
		const change = await zones.submit(zoneId, {
			ranges: rangesOf(written),
			plan(current, refusals) {
				// What was replaced cannot always come back, such as an alias whose target is gone.
				const putBack = refusals < 2;
				if (!putBack) warnOfLoss(written, zoneName, progress);
				return planRemoval(written, current, putBack);
			},
		});
		progress.show(`removed ${written.length} record sets from ${zoneName}`);
		return change;
	} catch (error) {
		if (isGone(error)) return undefined;
		throw error;
	}
}

function warnOfLoss(written: WrittenRecordSet[], zoneName: string, progress: Progress): void {
	const lost = written.flatMap(({ replaced = [] }) => replaced);
	if (lost.length === 0) return;
	progress.warn(
		`Route 53 does not take back into ${zoneName} what was replaced there; add it by hand: ` +
			lost.map((set) => `${set.name} ${describeSet(set).join(", ")}`).join("; "),
	);
}

interface Before {
	/** What state says that we wrote in the zone. */
	owned: WrittenRecordSet[];
	/** What a refresh found there. */
	drifted?: Pick<RecordsOutputs, "drift" | "seen">;
	/** The zone that the owned records are in. */
	zone?: { id: string; name: string };
	/** Zones to leave once everything stands in this one. */
	former: FormerZone[];
}

async function publish(
	world: World,
	inputs: RecordsInputs,
	{ owned, drifted, zone: usual, former }: Before,
): Promise<RecordsOutputs> {
	const progress = world.progress;
	const args = resolveRoute53(inputs);
	const zones = await world.route53(args);
	const known = usual ?? inputs.zone;
	const zone = known ?? (await locateZone(world, zones, mailDomain(inputs), args, progress, world.stop));
	progress.show(`publishing ${inputs.dnsRecords.length} records in ${zone.name}`);

	const desired = desiredSets(inputs.dnsRecords, args);
	let plan: PublishPlan | undefined;
	let firstSeen: RecordSetState[] | undefined;
	// Where the preflight of SesSetup has not looked, this is the first look at the zone.
	const unlooked = known ? [] : desired.map(({ name }) => name);
	const submission: Submission = {
		ranges: [...rangesOf([...desired, ...owned]), ...cutRanges(unlooked, zone)],
		plan(current) {
			refuseCut(current, unlooked, zone);
			// Without a look from before the registration, the first one in this operation tells what is not ours.
			firstSeen ??= current;
			plan = planPublish({
				desired,
				current,
				ttl: args.ttl,
				policies: args.onConflict,
				owned,
				before: inputs.zone?.found ?? firstSeen,
				// States of earlier versions do not say what stood there.
				seen: drifted?.drift.length ? (drifted.seen ?? current) : undefined,
			});
			if (plan.conflicts.length > 0) throw conflictError(zone, plan.conflicts, "Nothing was changed in it.");
			return plan.changes;
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
	const change = await zones.submit(zone.id, submission).catch((error: unknown) => {
		warnIfStopped();
		throw isGone(error) ? goneZone(zone, error) : error;
	});
	const outputs: RecordsOutputs = {
		...inputs,
		zoneId: zone.id,
		zoneName: zone.name,
		written: plan?.written ?? [],
		kept: plan?.kept ?? [],
		drift: [],
		...(former.length > 0 && { former }),
	};
	if (change) {
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
		const error = await remove(world, each).then(
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
	const left = outputs.kept.length > 0 ? `, ${outputs.kept.length} left as they stood` : "";
	progress.show(`${outputs.written.length} record sets stand in ${zone.name}${left}`);
	return outputs;
}

const isGone = (error: unknown) => error instanceof Route53Error && error.code === "NoSuchHostedZone";

function goneZone({ id, name }: { id: string; name: string }, cause: unknown): UserError {
	return new UserError(
		`hosted zone ${name} (${id}) is gone. Set route53.zoneId to the zone that has taken its place: then it is ` +
			"looked at anew, and the records are published there.",
		{ cause },
	);
}

/** The domain that the records are about: the shortest of their names, with the labels of mail taken off. */
function mailDomain({ dnsRecords }: RecordsInputs): string {
	const names = dnsRecords.map(({ address }) =>
		canonicalName(address).replace(/^([^.]+\._domainkey|_dmarc)\./, ""),
	);
	return names.sort((a, b) => a.length - b.length)[0] ?? "";
}
