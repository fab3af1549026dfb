import type { WrittenRecordSet } from "../../shapes.js";
import type { FormerZone } from "../inputs.js";
import { Route53Error } from "../route53/api.js";
import { rangesOf } from "../route53/reader.js";
import { planRemoval } from "../route53/removal-plan.js";
import { describeSet } from "../route53/sets.js";
import type { Progress, World } from "../world.js";

/**
 * Takes out of a zone what was written there. A zone that is gone has nothing left. Nothing waits until every name
 * server knows of it: nobody relies on a record that is to go.
 */
export async function remove(
	{ progress, route53 }: World,
	{ zoneId, zoneName, written, access }: FormerZone,
): Promise<void> {
	if (written.length === 0) return;
	progress.show(`removing ${written.length} record sets from ${zoneName}`);
	const zones = await route53(access);
	try {
		await zones.submit(zoneId, {
			ranges: rangesOf(written),
			plan(current, refusals) {
				// What was replaced cannot always come back, such as an alias whose target is gone.
				const putBack = refusals < 2;
				if (!putBack) warnOfLoss(written, zoneName, progress);
				return planRemoval(written, current, putBack);
			},
		});
		progress.show(`removed ${written.length} record sets from ${zoneName}`);
	} catch (error) {
		if (!isGone(error)) throw error;
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

export const isGone = (error: unknown) => error instanceof Route53Error && error.code === "NoSuchHostedZone";
