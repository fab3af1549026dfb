import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ServiceError } from "../../sandbox/errors.js";
import {
	applyChanges,
	type Change,
	type RecordSets,
	type ResourceRecordSet,
	recordSetKey,
	sorted,
} from "../../sandbox/route53/record-sets.js";

const zone = { id: "Z1", name: "acme.com." };

function recordSet(name: string, type: "A" | "TXT" | "CNAME" | "MX", value: string): ResourceRecordSet {
	const values = {
		A: `192.0.2.${value}`,
		TXT: `"${value}"`,
		CNAME: `t${value}.test`,
		MX: `${value} mx.test`,
	};
	return { Name: name, Type: type, TTL: 300, ResourceRecords: [{ Value: values[type] }] };
}

const apex: RecordSets = new Map(
	[
		{ Name: zone.name, Type: "NS" as const, TTL: 1, ResourceRecords: [{ Value: "ns.test." }] },
		{ Name: zone.name, Type: "SOA" as const, TTL: 1, ResourceRecords: [{ Value: "a. b. 1 2 3 4 5" }] },
	].map((set) => [recordSetKey(set.Name, set.Type), set]),
);

// Few names, types and values, so that changes collide often.
const anySet = fc
	.record({
		name: fc.constantFrom("acme.com.", "a.acme.com.", "b.acme.com.", "_dmarc.acme.com.", "elsewhere.test."),
		type: fc.constantFrom("A", "TXT", "CNAME", "MX"),
		value: fc.constantFrom("1", "2"),
	})
	.map(({ name, type, value }) => recordSet(name, type as "A", value));
const anyChange: fc.Arbitrary<Change> = fc.record({
	Action: fc.constantFrom("CREATE", "DELETE", "UPSERT"),
	ResourceRecordSet: anySet,
});
const anyBatch = fc.array(anyChange, { minLength: 1, maxLength: 6 });

/** The zone after these batches, of which each applies or is refused. */
function zoneAfter(batches: readonly (readonly Change[])[]): RecordSets {
	return batches.reduce<RecordSets>((records, batch) => attempt(records, batch) ?? records, apex);
}

function attempt(records: RecordSets, batch: readonly Change[]): RecordSets | undefined {
	try {
		return applyChanges(zone, records, batch);
	} catch (error) {
		if (error instanceof ServiceError && error.code === "InvalidChangeBatch") return undefined;
		throw error;
	}
}

const text = (records: RecordSets) => JSON.stringify(sorted(records));

describe("a random change batch", () => {
	it("applies wholly or not at all", () => {
		fc.assert(
			fc.property(fc.array(anyBatch, { maxLength: 6 }), anyBatch, (history, batch) => {
				const before = zoneAfter(history);
				const untouched = text(before);
				const result = attempt(before, batch);
				expect(text(before)).toBe(untouched);
				if (!result) return;
				const last = new Map(
					batch.map(({ Action, ResourceRecordSet: set }) => [
						recordSetKey(set.Name, set.Type),
						Action === "DELETE" ? undefined : set,
					]),
				);
				for (const [key, expected] of last) expect(result.get(key)).toEqual(expected);
				for (const [key, set] of before) if (!last.has(key)) expect(result.get(key)).toBe(set);
				expect(result.size).toBe(
					new Set([...before.keys(), ...last.keys()].filter((key) => result.has(key))).size,
				);
			}),
			{ numRuns: 500 },
		);
	});

	it("never leaves a CNAME beside others, nor a zone without its NS and SOA", () => {
		fc.assert(
			fc.property(fc.array(anyBatch, { maxLength: 12 }), (history) => {
				const sets = sorted(zoneAfter(history));
				for (const { Name } of sets.filter(({ Type }) => Type === "CNAME")) {
					expect(sets.filter((set) => set.Name === Name)).toHaveLength(1);
				}
				expect(
					sets.filter(({ Name, Type }) => Name === zone.name && (Type === "NS" || Type === "SOA")),
				).toHaveLength(2);
			}),
			{ numRuns: 300 },
		);
	});

	it("is undone by the batch that deletes what it created and puts back what it deleted", () => {
		fc.assert(
			fc.property(fc.array(anyBatch, { maxLength: 6 }), anyBatch, (history, batch) => {
				const before = zoneAfter(history);
				const result = attempt(before, batch);
				if (!result) return;
				const keys = [...new Set([...before.keys(), ...result.keys()])].filter(
					(key) => before.get(key) !== result.get(key),
				);
				const undo: Change[] = [
					...keys.flatMap((key): Change[] => {
						const set = result.get(key);
						return set ? [{ Action: "DELETE", ResourceRecordSet: set }] : [];
					}),
					...keys.flatMap((key): Change[] => {
						const set = before.get(key);
						return set ? [{ Action: "CREATE", ResourceRecordSet: set }] : [];
					}),
				];
				expect(text(applyChanges(zone, result, undo))).toBe(text(before));
			}),
			{ numRuns: 300 },
		);
	});
});
