import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
	addValues,
	diffValues,
	formatTxt,
	hasValue,
	type RecordSet,
	recordSetKey,
	removeValues,
} from "../../dns/index.js";

/** The same few texts over and over, in different spellings, so that values often meet. */
const value = fc
	.tuple(fc.constantFrom("a", "b", "c", 'quo"te', "long ".repeat(60)), fc.boolean())
	.map(([text, split]) => (split ? `${formatTxt("")}${formatTxt(text)}` : formatTxt(text)));
const values = fc.array(value, { minLength: 1, maxLength: 6 });
const set =
	(ttl: number) =>
	(all: string[]): RecordSet => ({ name: "x.example", type: "TXT", ttl, values: all });
const current = fc.option(values.map(set(77)), { nil: undefined });
const ours = values.map(set(300));

describe("addValues", () => {
	it("keeps foreign values byte for byte, in order, with the TTL that was there", () => {
		fc.assert(
			fc.property(current, ours, (before, wanted) => {
				const after = addValues(before, wanted);
				expect(after.values.slice(0, before?.values.length ?? 0)).toEqual(before?.values ?? []);
				expect(after.ttl).toBe(before?.ttl ?? wanted.ttl);
				for (const each of wanted.values) expect(hasValue(after, each)).toBe(true);
			}),
		);
	});

	it("changes nothing the second time", () => {
		fc.assert(
			fc.property(current, ours, (before, wanted) => {
				const after = addValues(before, wanted);
				expect(addValues(after, wanted)).toBe(after);
			}),
		);
	});
});

describe("removeValues", () => {
	it("undoes an addition exactly", () => {
		fc.assert(
			fc.property(current, ours, (before, wanted) => {
				const added = diffValues(before, wanted).missing;
				const after = removeValues(addValues(before, wanted), added);
				expect(after).toEqual(before);
			}),
		);
	});

	it("leaves a set alone that holds none of the values", () => {
		const before = set(60)(['"theirs"']);
		expect(removeValues(before, ['"ours"'])).toBe(before);
	});

	it("leaves nothing when every value was ours", () => {
		expect(removeValues(set(60)(['"ou" "rs"']), ['"ours"'])).toBeUndefined();
	});
});

describe("diffValues", () => {
	it("puts every value in exactly one place", () => {
		fc.assert(
			fc.property(current, ours, (before, wanted) => {
				const { present, missing, foreign } = diffValues(before, wanted);
				expect([...present, ...foreign].sort()).toEqual([...(before?.values ?? [])].sort());
				for (const each of wanted.values)
					expect(hasValue(set(0)(present), each)).toBe(!hasValue(set(0)(missing), each));
				for (const each of foreign) expect(hasValue(wanted, each)).toBe(false);
			}),
		);
	});
});

describe("recordSetKey", () => {
	it("tells routed sets apart and sees through spelling", () => {
		const key = recordSetKey({ name: "*.Example.com.", type: "A" });
		expect(recordSetKey({ name: "\\052.example.com", type: "A" })).toBe(key);
		expect(recordSetKey({ name: "*.example.com", type: "AAAA" })).not.toBe(key);
		expect(recordSetKey({ name: "*.example.com", type: "A", setIdentifier: "" })).not.toBe(key);
	});
});
