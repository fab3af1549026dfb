import { contains, hasValue, type RecordSet } from "../../../dns/index.js";
import { defaults } from "../../arguments/description.js";
import { desiredSets } from "../../arguments/record-kinds.js";
import { hasUnknown } from "../../arguments/unknown.js";
import { IncompleteError, lines, saying, UserError } from "../errors.js";
import { changesOf, type Difference, type Handler } from "../handler.js";
import {
	accessOf,
	domainOf,
	type RecordsInputs,
	type RecordsOutputs,
	type Route53Inputs,
	refuseAsked,
	resolveRoute53,
	sameJson,
} from "../inputs.js";
import { refuseWhileUsed } from "../setup/removal.js";
import { isHostError, rangesOf } from "../zones/host.js";
import { wantedOf } from "./decide.js";
import { leave } from "./leave.js";
import { existingAt, isAt, ledgerOf, nothingOurs, placesOf, settle } from "./ledger.js";
import { driftOf } from "./plan.js";
import { publish } from "./publish.js";

/** `Route53Records`: the records of one setup in one hosted zone, and nothing else in it. */
export const recordsHandler: Handler<RecordsInputs, RecordsOutputs> = {
	kind: "Route53Records",

	diff(world, _id, olds, news): Difference {
		if (olds.setupId !== news.setupId) return [{ property: "setupId", replaces: true, reason: otherSetup }];
		const update = (property: string, reason: string) => ({ property, replaces: false, reason });
		// What the state's policies left may be for those of the program to decide.
		const drift = [
			...olds.drift,
			...(olds.seen ? driftOf(ledgerOf(olds), olds.seen, resolveRoute53(news)) : []),
		];
		const changed = [...new Set(drift)].map((line) => ({
			...update("drift", `Changed in ${olds.zoneName} since it was published: ${line}`),
			isHidden: true,
		}));
		if (hasUnknown(news)) return [...changed, update("dnsRecords", "What it depends on is not known yet.")];
		const domain = domainOf(news);
		// A refresh compares as well, and changes nothing.
		if (world.claims.isDeclared(world.urn))
			refuseAsked(news.dnsRecords, domain, resolveRoute53(news).records);
		// Where nothing was left to others, nothing has to be decided anew.
		const decided = olds.kept.some(({ reason }) => reason === "conflict");
		const settings = (inputs: Route53Inputs) => {
			const { zoneId: _zone, delegationCheck: _check, onConflict, ...rest } = resolveRoute53(inputs);
			return { ...rest, ...(decided && { onConflict }) };
		};
		const former = olds.former ?? [];
		return [
			...changed,
			...changesOf(
				zoneIdOf(olds, news) !== olds.zoneId && update("zoneId", "The records move to another zone."),
				former.length > 0 &&
					update("zoneId", `The records are still to leave ${former.length} former zones.`),
				!isOf(olds, desiredSets(news.dnsRecords, domain, resolveRoute53(news))) &&
					update("dnsRecords", "The setup asks for other records."),
				!sameJson(settings(olds), settings(news)) &&
					update("records", "What is published, or how, has changed."),
			),
		];
	},

	async create(world, inputs) {
		const outputs = await publish(world, inputs, { ledger: nothingOurs, former: [] });
		return { id: inputs.setupId, outputs };
	},

	async update(world, _id, olds, news) {
		const { zoneId, zoneName, former = [] } = olds;
		const ledger = ledgerOf(olds);
		const target = zoneIdOf(olds, news);
		if (target === zoneId)
			return await publish(world, news, { ledger, zone: { id: zoneId, name: zoneName }, former });
		const { written, pending } = ledger;
		const left = {
			zoneId,
			zoneName,
			written: [...written],
			...(pending && { pending }),
			access: accessOf(olds),
		};
		const known = former.find((each) => each.zoneId === target);
		try {
			return await publish(world, news, {
				ledger: known ? ledgerOf(known) : nothingOurs,
				former: [...former, left].filter((each) => each.zoneId !== target),
			});
		} catch (error) {
			if (error instanceof IncompleteError || world.stop.aborted) throw error;
			const kept = `The records in ${zoneName} (${zoneId}) stand as they were.`;
			throw saying(lines(error as Error, kept), error);
		}
	},

	async read(world, _id, olds) {
		if (!olds.zoneId)
			throw new UserError(
				"get-unsupported",
				"Route53Records has no `get`: read the zone with aws.route53.getZone.",
			);
		const { seen: _seen, pending: _pending, formerlyWritten: _written, ...known } = olds as RecordsOutputs;
		const args = resolveRoute53(olds);
		const zones = await world.hosts.route53(args);
		const ledger = ledgerOf(olds);
		try {
			const places = placesOf(ledger);
			const current = await zones.read(olds.zoneId, rangesOf(places));
			const { written, kept, pending } = settle(ledger, current);
			const drift = [...(pending ? [notMade] : []), ...driftOf({ written, kept }, current, args)];
			const found = { ...known, written: [...written], kept: [...kept], ...(pending && { pending }), drift };
			// Another program may decide otherwise about what is not as it was written, and its preview is to show it.
			const isAsWritten = driftOf({ written, kept }, current, whateverIsWanted).length === 0;
			return drift.length > 0 || !isAsWritten ? { ...found, seen: existingAt(places, current) } : found;
		} catch (error) {
			if (!isHostError(error, "gone")) throw error;
			if (!olds.former?.length) return undefined;
			// What still stands in the zone that was left must not be forgotten.
			return { ...known, written: [], drift: [`hosted zone ${olds.zoneName} (${olds.zoneId}) is gone`] };
		}
	},

	async delete(world, _id, olds) {
		const { claims, cache } = world;
		const { setupId } = olds;
		if (!claims.inZone(olds).some(({ isOfSetup }) => isOfSetup)) {
			// Records that go without their setup leave nothing behind that could not be deleted.
			if (!claims.keepsSetup(setupId)) await refuseWhileUsed(world, setupId);
			cache.removed.add(setupId);
		}
		for (const zone of [...(olds.former ?? []), { ...olds, access: accessOf(olds) }])
			await leave(world, setupId, zone);
	},
};

/** No TTL is right then but the one that was written. */
const whateverIsWanted = { ttl: Number.NaN, onConflict: defaults.onConflict };

const otherSetup = "Another setup has records of its own.";

/** Completes "Changed in example.com since it was published: …". */
const notMade = "nothing, because the last change, to which no answer came, was not made";

/** Whether the ledger is of these sets, and no others. */
function isOf({ written, kept }: RecordsOutputs, desired: readonly RecordSet[]): boolean {
	const sets = [...written, ...kept];
	return (
		sets.length === desired.length &&
		desired.every((want) => {
			const set = sets.find(isAt(want));
			const wanted = set ? wantedOf(set) : [];
			const all = set && "others" in set ? [...wanted, ...set.others] : wanted;
			return (
				want.values.every((value) => contains(want.type, all, value)) &&
				wanted.every((value) => hasValue(want, value))
			);
		})
	);
}

/** Where the records belong now. Where nothing says so, they stay where they are. */
const zoneIdOf = (olds: RecordsOutputs, news: RecordsInputs): string =>
	news.zone?.id ?? resolveRoute53(news).zoneId ?? olds.zoneId;
