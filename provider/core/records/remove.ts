import { isDeepStrictEqual } from "node:util";
import { isOfKind } from "../../arguments/record-kinds.js";
import type { RecordSetState, WrittenRecordSet } from "../../shapes.js";
import { lines } from "../errors.js";
import type { FormerZone } from "../inputs.js";
import { Route53Error } from "../route53/api.js";
import { rangesOf } from "../route53/reader.js";
import { planRemoval } from "../route53/removal-plan.js";
import { describeSet, withoutValues } from "../route53/sets.js";
import { nameOf } from "../run.js";
import type { Progress, World } from "../world.js";

/**
 * Takes out of a zone what a setup's records have written there, except what another resource of the program has now. A
 * zone that is gone has nothing left. Nothing waits until every name server knows of it: nobody relies on a record that
 * is to go.
 */
export async function remove(world: World, setupId: string, zone: FormerZone): Promise<void> {
	const { progress, route53 } = world;
	const { zoneId, zoneName, access } = zone;
	const written = leaving(world, setupId, zone);
	if (written.length === 0) return;
	let seen: RecordSetState[] = [];
	/** What stood there whenever Route 53 refused a change of it. */
	const refused: RecordSetState[][] = [];
	progress.show(`removing ${written.length} record sets from ${zoneName}`);
	const zones = await route53(access);
	try {
		await zones.submit(zoneId, {
			ranges: rangesOf(written),
			plan(current) {
				// What was replaced cannot always come back, such as an alias whose target is gone. A change of others meanwhile is
				// no reason to think so.
				const putBack = refused.filter((stood) => isDeepStrictEqual(stood, current)).length < 2;
				if (!putBack) warnOfLoss(written, zoneName, progress);
				seen = current;
				return planRemoval(written, current, putBack);
			},
			failed(unanswered) {
				if (!unanswered) refused.push(seen);
			},
		});
		progress.show(`removed ${written.length} record sets from ${zoneName}`);
	} catch (error) {
		if (!isGone(error)) throw error;
	}
}

/** What goes: the records of another resource may be the same, and live. */
function leaving(
	{ progress, run }: World,
	setupId: string,
	{ zoneId, zoneName, written }: FormerZone,
): WrittenRecordSet[] {
	const heir = run.heirOfRecords({ setupId, zoneId });
	if (heir !== undefined) {
		const rest = written.filter((set) => !isOfKind(set, heir.kinds));
		const what = rest.length > 0 ? "stay, as far as" : "stay:";
		const staying = written.filter((set) => !rest.includes(set));
		progress.warn(
			lines(
				`The records in ${zoneName} ${what} ${nameOf(heir.urn)} of this program has them now.`,
				notPutBack(staying),
			),
		);
		return rest;
	}
	// The MX and the policy of another setup of the domain are the same.
	return run.publishersIn(zoneId).reduce((left, { urn, sets }) => {
		const rest = withoutValues(left, sets);
		const staying = left.filter((set) => !rest.includes(set));
		if (staying.length > 0) {
			const names = staying.map(({ type, name }) => `${type} ${name}`).join(" and ");
			progress.warn(
				lines(
					`${names} stay in ${zoneName}: ${nameOf(urn)} of this program publishes the same now. What stood there before it ` +
						"came, it does not remove later.",
					notPutBack(staying),
				),
			);
		}
		return rest;
	}, written);
}

function notPutBack(staying: readonly WrittenRecordSet[]): string | undefined {
	const replaced = replacedBy(staying);
	return (
		replaced && `What was replaced there will not be put back; add it by hand once it is due: ${replaced}`
	);
}

function warnOfLoss(written: readonly WrittenRecordSet[], zoneName: string, progress: Progress): void {
	const replaced = replacedBy(written);
	if (replaced)
		progress.warn(
			`Route 53 does not take back into ${zoneName} what was replaced there; add it by hand: ${replaced}`,
		);
}

function replacedBy(written: readonly WrittenRecordSet[]): string | undefined {
	const sets = written.flatMap(({ replaced = [] }) => replaced);
	return sets.length > 0
		? sets.map((set) => `${set.name} ${describeSet(set).join(", ")}`).join("; ")
		: undefined;
}

export const isGone = (error: unknown) => error instanceof Route53Error && error.code === "NoSuchHostedZone";
