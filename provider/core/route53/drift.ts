import { contains } from "../../../dns/index.js";
import type { KeptRecordSet, RecordSetState, WrittenRecordSet } from "../../shapes.js";
import { blockers, describeSet, newRivals, plainSet } from "./sets.js";

/**
 * What has changed of the records since they were published, in words; empty if all is well. What others
 * add beside ours is none of it, unless it makes ours worthless.
 */
export function drift(
	written: readonly WrittenRecordSet[],
	kept: readonly KeptRecordSet[],
	current: readonly RecordSetState[],
): string[] {
	return [
		...written.flatMap((set) => driftOf(set, current)),
		// Identical records of others serve the setup as well as its own would.
		...kept
			.filter(({ reason }) => reason === "identical")
			.flatMap(({ name, type, wanted, found }) =>
				driftOf({ name, type, values: wanted, others: found }, current),
			),
	];
}

function driftOf(
	written: Pick<WrittenRecordSet, "name" | "type" | "values" | "others"> & { ttl?: number },
	current: readonly RecordSetState[],
): string[] {
	const { name, type, ttl, values, others } = written;
	const set = plainSet(current, name, type);
	const missing = values.filter((value) => !contains(type, set?.values ?? [], value));
	if (missing.length > 0) {
		const standing = [...(set ? [set] : []), ...blockers(current, written)].flatMap(describeSet);
		return [`${type} ${name}: ${missing.join(", ")} is gone; found ${standing.join(", ") || "nothing"}`];
	}
	// Another mail exchanger may stand beside ours; a second DMARC policy voids both.
	const voiding = type === "MX" ? [] : newRivals(set, written);
	if (voiding.length > 0) return [`${type} ${name}: ${voiding.join(", ")} stands beside it`];
	const alone = others.length === 0 && set?.values.length === values.length;
	if (alone && ttl !== undefined && set.ttl !== ttl) {
		return [`${type} ${name}: the TTL is ${set.ttl} s instead of ${ttl} s`];
	}
	return [];
}
