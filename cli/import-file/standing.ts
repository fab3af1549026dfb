/** Whose the records are that stand in a zone when a setup is imported. Pure. */
import type { DesiredSet } from "../../provider/arguments/record-kinds.js";
import type { ConflictPolicies } from "../../provider/core/inputs.js";
import { nothingOurs } from "../../provider/core/records/ledger.js";
import { type Conflict, driftOf, plan } from "../../provider/core/records/plan.js";
import { plainSet } from "../../provider/core/zones/sets.js";
import type { KeptRecordSet, RecordSetState, WrittenRecordSet } from "../../provider/shapes.js";

export interface Standing {
	written: WrittenRecordSet[];
	kept: KeptRecordSet[];
	/** What the next `pulumi up` has to put right, in words. */
	drift: string[];
	/** What the policy `"error"` refuses. */
	conflicts: Conflict[];
}

/**
 * Plans the publication as the provider does, and takes what stands for what it wrote: whoever imports a setup
 * says that its records are the stack's. TTLs stay as they are.
 *
 * @param keepRecords whether what stands is somebody else's all the same, and survives destroy
 */
export function takeStanding(
	desired: readonly DesiredSet[],
	current: readonly RecordSetState[],
	policies: ConflictPolicies,
	{ keepRecords, ttl }: { keepRecords: boolean; ttl: number },
): Standing {
	const plans = desired.map((want) =>
		plan({
			ledger: nothingOurs,
			snapshot: keepRecords ? current : [],
			current,
			desired: [want],
			ttl: plainSet(current, want.name, want.type)?.ttl ?? ttl,
			policies,
		}),
	);
	const written = plans.flatMap((each) => each.written);
	const kept = plans.flatMap((each) => each.kept);
	return {
		written,
		kept,
		drift: driftOf({ written, kept }, current, { ttl, onConflict: policies }),
		conflicts: plans.flatMap(({ refused }) => refused),
	};
}
