import { defaults } from "../../arguments/description.js";
import type { WrittenRecordSet } from "../../shapes.js";
import { lines } from "../errors.js";
import type { FormerZone } from "../inputs.js";
import { nameOf } from "../run/claims.js";
import type { World } from "../world.js";
import { isHostError, rangesOf } from "../zones/host.js";
import { describeSet } from "../zones/sets.js";
import { drive } from "./drive.js";
import { ledgerOf } from "./ledger.js";
import { type Plan, plan } from "./plan.js";

/**
 * Takes out of a zone what a setup's records have written there, except what another resource of the program has now. A
 * zone that is gone has nothing left. Nothing waits until every name server knows of it: nobody relies on a record that
 * is to go.
 *
 * @param except the URN of a resource whose own claims do not count.
 */
export async function leave(world: World, setupId: string, zone: FormerZone, except?: string): Promise<void> {
	const { zoneId, zoneName, access } = zone;
	const ledger = ledgerOf(zone);
	const all = [...ledger.written, ...(ledger.pending?.written ?? [])];
	const claims = world.claims.inZone({ setupId, zoneId }, except);
	const nothing = { desired: [], snapshot: [], ttl: 0, policies: defaults.onConflict, claims };
	const foreseen = plan({ ledger: { written: all, kept: [] }, current: [], ...nothing });
	warnOfYielded(world, zoneName, foreseen);
	const going = all.filter((set) => !foreseen.yielded.some((each) => each.set === set));
	if (going.length === 0) return;
	world.progress.show(`removing ${going.length} record sets from ${zoneName}`);
	const zones = await world.hosts.route53(access);
	const { look, error } = await drive(zones, {
		...{ zoneId, ledger, ranges: rangesOf(all) },
		plan: (each) => plan({ ...each, ...nothing }),
	});
	if (error && isHostError(error, "gone")) return;
	if (error) throw error;
	const lost = look?.canRestore === false && replacedBy(going);
	if (lost)
		world.progress.warn(
			`${zones.title} does not take back into ${zoneName} what was replaced there; add it by hand: ${lost}`,
		);
	world.progress.show(`removed ${going.length} record sets from ${zoneName}`);
}

/** Says what stays, because another resource of the program publishes or holds it. */
export function warnOfYielded({ progress }: World, zoneName: string, { yielded }: Plan): void {
	for (const claim of new Set(yielded.map((each) => each.claim))) {
		const staying = yielded.filter((each) => each.claim === claim).map(({ set }) => set);
		const names = staying.map(({ type, name }) => `${type} ${name}`).join(" and ");
		const replaced = replacedBy(staying);
		progress.warn(
			lines(
				`${names} stay in ${zoneName}: ${nameOf(claim.urn)} of this program publishes them now.`,
				!claim.isOfSetup && "What stood there before it came, it does not remove later.",
				replaced &&
					`What was replaced there will not be put back; add it by hand once it is due: ${replaced}`,
			),
		);
	}
}

function replacedBy(written: readonly WrittenRecordSet[]): string | undefined {
	const sets = written.flatMap(({ replaced = [] }) => replaced);
	const words = sets.map((set) => `${set.name} ${describeSet(set).join(", ")}`);
	return words.length > 0 ? words.join("; ") : undefined;
}
