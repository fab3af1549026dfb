/** Whose the records are that stand in a zone when a setup is imported. Pure. */
import type { RecordSet } from "../../dns/index.js";
import { drift } from "../../provider/core/route53/drift.js";
import { type Conflict, type ConflictPolicies, planPublish } from "../../provider/core/route53/plan.js";
import { plainSet } from "../../provider/core/route53/sets.js";
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
	desired: readonly RecordSet[],
	current: readonly RecordSetState[],
	policies: ConflictPolicies,
	{ keepRecords, ttl }: { keepRecords: boolean; ttl: number },
): Standing {
	const plans = desired.map((want) =>
		planPublish({
			desired: [want],
			current,
			ttl: plainSet(current, want.name, want.type)?.ttl ?? ttl,
			policies,
			owned: [],
			before: keepRecords ? current : [],
		}),
	);
	const written = plans.flatMap((plan) => plan.written);
	const kept = plans.flatMap((plan) => plan.kept);
	return {
		written,
		kept,
		drift: drift(written, kept, current),
		conflicts: plans.flatMap(({ conflicts }) => conflicts),
	};
}
