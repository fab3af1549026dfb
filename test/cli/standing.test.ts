import { describe, expect, test } from "vitest";
import { takeStanding } from "../../cli/import-file/standing.js";
import type { DesiredSet } from "../../provider/arguments/record-kinds.js";
import type { ConflictPolicies } from "../../provider/core/inputs.js";
import { withoutValues } from "../../provider/core/zones/sets.js";
import type { RecordSetState } from "../../provider/shapes.js";

const refuse: ConflictPolicies = {
	dmarc: "error",
	mx: "error",
	mailFrom: "error",
	spf: "error",
	other: "error",
};
const defaults = { keepRecords: false, ttl: 300 };

const dkim = { name: "t._domainkey.acme.test", type: "CNAME", values: ["t.dkim.example"] };
const dmarc = { name: "_dmarc.acme.test", type: "TXT", values: ['"v=DMARC1; p=none"'] };
const at = (set: { name: string; type: string; values: string[] }, ttl = 300): RecordSetState => ({
	...set,
	ttl,
});

const kinds = { CNAME: "dkim", MX: "mx", TXT: "dmarc" } as const;
const taking = (sets: Pick<DesiredSet, "name" | "type" | "values">[], ...more: Tail<typeof takeStanding>) =>
	takeStanding(
		sets.map((set) => ({ ...set, kind: kinds[set.type as keyof typeof kinds] })),
		...more,
	);
type Tail<Call> = Call extends (first: never, ...more: infer More) => unknown ? More : never;

describe("takeStanding", () => {
	test("takes what stands for what it wrote, with the TTL it has", () => {
		expect(taking([dkim], [at(dkim, 1800)], refuse, defaults)).toEqual({
			written: [{ ...dkim, ttl: 1800, others: [] }],
			kept: [],
			drift: [],
			conflicts: [],
		});
	});

	test("compares values as DNS does, whatever their spelling", () => {
		const spelled = { ...dkim, values: ["T.dkim.example."] };
		const { written, drift } = taking([dkim], [at(spelled)], refuse, defaults);
		expect(written).toEqual([{ ...dkim, ttl: 300, others: [] }]);
		expect(drift).toEqual([]);
	});

	test("leaves the values of others in a set to them", () => {
		const shared = { ...dmarc, values: ['"of another"', ...dmarc.values] };
		const { written, drift } = taking([dmarc], [at(shared, 60)], refuse, defaults);
		expect(written).toEqual([{ ...dmarc, ttl: 60, others: ['"of another"'] }]);
		expect(drift).toEqual([]);
	});

	test("with keepRecords, leaves everything that stands to others", () => {
		const { written, kept } = taking([dkim], [at(dkim)], refuse, { ...defaults, keepRecords: true });
		expect(written).toEqual([]);
		expect(kept).toEqual([
			{ name: dkim.name, type: "CNAME", wanted: dkim.values, found: dkim.values, reason: "identical" },
		]);
	});

	test("notes what is missing as drift, for the next up to put right", () => {
		const { written, drift } = taking([dkim, dmarc], [at(dkim)], refuse, defaults);
		expect(written.map(({ name }) => name)).toEqual([dkim.name, dmarc.name]);
		expect(drift).toEqual([expect.stringContaining("TXT _dmarc.acme.test")]);
	});

	test("finds the conflicts that the provider would", () => {
		const other = at({ ...dmarc, values: ['"v=DMARC1; p=reject"'] });
		expect(taking([dmarc], [other], refuse, defaults).conflicts).toMatchObject([
			{ kind: "dmarc", found: [other] },
		]);
		const keep: ConflictPolicies = { ...refuse, dmarc: "keep" };
		expect(taking([dmarc], [other], keep, defaults)).toMatchObject({
			written: [],
			kept: [{ reason: "conflict" }],
			drift: [],
			conflicts: [],
		});
		const overwrite: ConflictPolicies = { ...refuse, dmarc: "overwrite" };
		expect(taking([dmarc], [other], overwrite, defaults)).toMatchObject({
			written: [{ ...dmarc, replaced: [other] }],
			drift: [expect.stringContaining("p=reject")],
		});
	});
});

describe("withoutValues", () => {
	test("takes our values out of what stood before, and nothing else", () => {
		const routed = { ...at(dkim), rest: { SetIdentifier: "a", Weight: 1 } };
		const found = [at({ ...dmarc, values: ['"of another"', ...dmarc.values] }), at(dkim), routed];
		const written = [
			{ ...dmarc, ttl: 300, others: ['"of another"'] },
			{ ...dkim, ttl: 300, others: [] },
		];
		expect(withoutValues(found, written)).toEqual([at({ ...dmarc, values: ['"of another"'] }), routed]);
	});
});
