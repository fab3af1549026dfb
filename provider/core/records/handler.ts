import { contains, hasValue, mailDomain, type RecordSet, recordSetKey } from "../../../dns/index.js";
import { hasUnknown } from "../../arguments/unknown.js";
import { IncompleteError, lines, UserError } from "../errors.js";
import type { Difference, Handler } from "../handler.js";
import {
	accessOf,
	desiredSets,
	type FormerZone,
	type RecordsInputs,
	type RecordsOutputs,
	type Route53Inputs,
	resolveRoute53,
	sameJson,
} from "../inputs.js";
import { drift } from "../route53/drift.js";
import { rangesOf } from "../route53/reader.js";
import { tookDown } from "../setup/leftovers.js";
import { refuseWhileUsed, refuseWhileWanted } from "../setup/removal.js";
import { type Ledger, settled, standingAt } from "./attempt.js";
import { publish } from "./publish.js";
import { isGone, remove } from "./remove.js";

/** `Route53Records`: the records of one setup in one hosted zone, and nothing else in it. */
export const recordsHandler: Handler<RecordsInputs, RecordsOutputs> = {
	kind: "Route53Records",

	diff(outset, _id, olds, news): Difference {
		if (olds.setupId !== news.setupId) return { changes: true, replaces: ["setupId"] };
		if (hasUnknown(news)) return { changes: true };
		// Where nothing was left to others, nothing has to be decided anew.
		const decided = olds.kept.some(({ reason }) => reason === "conflict");
		const wanted = (inputs: Route53Inputs) => {
			const { zoneId: _zone, delegationCheck: _check, onConflict, ...rest } = resolveRoute53(inputs);
			return { ...rest, ...(decided && { onConflict }) };
		};
		for (const line of olds.drift) outset.note(`Changed in ${olds.zoneName} since it was published: ${line}`);
		return {
			changes:
				zoneIdOf(olds, news) !== olds.zoneId ||
				olds.drift.length > 0 ||
				(olds.former ?? []).length > 0 ||
				!isPublished(olds, desiredSets(news.dnsRecords, resolveRoute53(news))) ||
				!sameJson(wanted(olds), wanted(news)),
		};
	},

	async create(world, inputs) {
		const outputs = await publish(world, inputs, { olds: unwritten, former: [] });
		return { id: inputs.setupId, outputs };
	},

	async update(world, _id, olds, news) {
		const { zoneId, zoneName, written, former = [] } = olds;
		const target = zoneIdOf(olds, news);
		if (target === zoneId) {
			const zone = { id: zoneId, name: zoneName };
			return await publish(world, news, { olds, zone, former });
		}
		const left: FormerZone[] = [...former, { zoneId, zoneName, written, access: accessOf(olds) }];
		const known = former.find((each) => each.zoneId === target);
		try {
			return await publish(world, news, {
				olds: { ...unwritten, ...(known && { written: known.written }) },
				former: left.filter((each) => each.zoneId !== target),
			});
		} catch (error) {
			if (error instanceof IncompleteError || world.stop.aborted) throw error;
			const kept = `The records in ${zoneName} (${zoneId}) stand as they were.`;
			throw new UserError(lines((error as Error).message, kept), { cause: error });
		}
	},

	async read(world, _id, olds) {
		const { written = [], kept = [] } = olds;
		if (!olds.zoneId)
			throw new UserError("Route53Records has no `get`: read the zone with aws.route53.getZone.");
		const zones = await world.route53(resolveRoute53(olds));
		const { seen: _seen, formerlyWritten: _written, ...known } = olds as RecordsOutputs;
		try {
			const current = await zones.read(olds.zoneId, rangesOf([...written, ...kept]));
			const { written: ours, toDo = [] } = settled({ drift: [], ...olds, written }, current);
			const found = [...toDo, ...drift(ours, kept, current)];
			const seen = standingAt({ written: ours, kept }, current);
			return { ...known, written: ours, drift: found, ...(found.length > 0 && { seen }) };
		} catch (error) {
			if (!isGone(error)) throw error;
			if (!olds.former?.length) return undefined;
			// What still stands in the zone that was left must not be forgotten.
			return { ...known, written: [], drift: [`hosted zone ${olds.zoneName} (${olds.zoneId}) is gone`] };
		}
	},

	async delete(world, _id, olds) {
		const { progress, run, stop } = world;
		const { setupId } = olds;
		if (run.heirOfRecords(olds) === undefined) {
			const domain = mailDomain(olds.written.map(({ name }) => name));
			if (domain !== undefined) await refuseWhileWanted(world, setupId, domain);
			// Records that go without their setup leave nothing behind that could not be deleted.
			if (!run.keepsSetup(setupId)) await refuseWhileUsed(world, setupId, progress, stop);
			tookDown(world, setupId);
		}
		for (const zone of [...(olds.former ?? []), { ...olds, access: accessOf(olds) }])
			await remove(world, setupId, zone);
	},
};

const unwritten: Ledger = { written: [], drift: [] };

/** Whether these sets, and no others, are what was written or left as it stood. */
function isPublished({ written, kept }: RecordsOutputs, desired: readonly RecordSet[]): boolean {
	const standing = [
		...written.map((set) => ({ ...set, ours: set.values, all: [...set.values, ...set.others] })),
		...kept.map((set) => ({ ...set, ours: set.wanted, all: set.wanted })),
	];
	const at = (set: Pick<RecordSet, "name" | "type">) =>
		standing.find((each) => recordSetKey(each) === recordSetKey(set));
	return (
		standing.length === desired.length &&
		desired.every((want) => {
			const set = at(want);
			return (
				set !== undefined &&
				want.values.every((value) => contains(want.type, set.all, value)) &&
				set.ours.every((value) => hasValue(want, value))
			);
		})
	);
}

/** Where the records belong now. Where nothing says so, they stay where they are. */
const zoneIdOf = (olds: RecordsOutputs, news: RecordsInputs): string =>
	news.zone?.id ?? resolveRoute53(news).zoneId ?? olds.zoneId;
