import { canonicalName, toRecordSets } from "../../../dns/index.js";
import { hasUnknown } from "../../arguments/unknown.js";
import type { RecordSetState, WrittenRecordSet } from "../../shapes.js";
import { IncompleteError, UserError } from "../errors.js";
import type { Difference, Handler } from "../handler.js";
import { type RecordsInputs, type RecordsOutputs, recordList, resolveRoute53, sameJson } from "../inputs.js";
import { Route53Error } from "../route53/api.js";
import { conflictError } from "../route53/conflicts.js";
import { drift } from "../route53/drift.js";
import { locateZone } from "../route53/locate-zone.js";
import { type PublishPlan, planPublish } from "../route53/plan.js";
import type { Submission } from "../route53/publisher.js";
import { rangesOf } from "../route53/reader.js";
import { planRemoval } from "../route53/removal-plan.js";
import { describeSet } from "../route53/sets.js";
import { cutRanges, refuseCut } from "../route53/zone-cut.js";
import { tookDown } from "../setup/leftovers.js";
import { refuseWhileUsed } from "../setup/removal.js";
import type { Progress, World } from "../world.js";

/** `Route53Records`: the records of one setup in one hosted zone, and nothing else in it. */
export const recordsHandler: Handler<RecordsInputs, RecordsOutputs> = {
	kind: "Route53Records",

	diff(_world, _id, olds, news): Difference {
		if (olds.setupId !== news.setupId) return { changes: true, replaces: ["setupId"] };
		if (hasUnknown(news)) return { changes: true };
		const given = resolveRoute53(news);
		// Records in another zone are other records: those in the old one go first.
		const target = news.zone?.id ?? given.zoneId;
		if (target !== undefined && target !== olds.zoneId) {
			return { changes: true, replaces: [news.zone ? "zone" : "zoneId"] };
		}
		const before = resolveRoute53({ ...olds, zoneId: "" });
		return {
			changes:
				olds.drift.length > 0 ||
				!sameJson(recordList(olds.dnsRecords), recordList(news.dnsRecords)) ||
				!sameJson(before, { ...given, zoneId: "" }),
		};
	},

	async create(world, inputs) {
		const outputs = await publish(world, inputs, { owned: [] });
		return { id: inputs.setupId, outputs };
	},

	update: (world, _id, olds, news) =>
		publish(world, news, { owned: olds.written, zone: { id: olds.zoneId, name: olds.zoneName } }),

	async read(world, _id, olds) {
		const { written = [], kept = [] } = olds;
		if (!olds.zoneId)
			throw new UserError("Route53Records has no `get`: read the zone with aws.route53.getZone.");
		const zones = await world.route53(resolveRoute53(olds));
		try {
			const current = await zones.read(olds.zoneId, rangesOf([...written, ...kept]));
			return { ...(olds as RecordsOutputs), drift: drift(written, kept, current) };
		} catch (error) {
			if (isGone(error)) return undefined;
			throw error;
		}
	},

	async delete(world, _id, olds) {
		const progress = world.progress;
		await refuseWhileUsed(world, olds.setupId, progress, world.stop);
		tookDown(world, olds.setupId);
		const { written, zoneId, zoneName } = olds;
		if (written.length === 0) return;
		progress.show(`removing ${written.length} record sets from ${zoneName}`);
		const zones = await world.route53(resolveRoute53(olds));
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
			if (change) await zones.inSync(change);
			progress.show(`removed ${written.length} record sets from ${zoneName}`);
		} catch (error) {
			if (isGone(error)) return;
			throw error;
		}
	},
};

function warnOfLoss(written: WrittenRecordSet[], zoneName: string, progress: Progress): void {
	const lost = written.flatMap(({ replaced = [] }) => replaced);
	if (lost.length === 0) return;
	progress.warn(
		`Route 53 does not take back into ${zoneName} what was replaced there; add it by hand: ` +
			lost.map((set) => `${set.name} ${describeSet(set).join(", ")}`).join("; "),
	);
}

interface Before {
	owned: WrittenRecordSet[];
	/** The zone that the owned records are in. */
	zone?: { id: string; name: string };
}

async function publish(
	world: World,
	inputs: RecordsInputs,
	{ owned, zone: usual }: Before,
): Promise<RecordsOutputs> {
	const progress = world.progress;
	const args = resolveRoute53(inputs);
	const zones = await world.route53(args);
	const known = usual ?? inputs.zone;
	const zone = known ?? (await locateZone(world, zones, mailDomain(inputs), args, progress, world.stop));
	progress.show(`publishing ${inputs.dnsRecords.length} records in ${zone.name}`);

	const desired = toRecordSets(inputs.dnsRecords, args.ttl);
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
