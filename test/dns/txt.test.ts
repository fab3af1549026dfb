import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatTxt, formatZoneFileTxt, joinTxt, parseTxt, sameTxt } from "../../dns/index.js";
import { anyText } from "./texts.js";

const text = fc.oneof(
	fc.string({ unit: "grapheme", maxLength: 600 }),
	fc.string({ unit: fc.constantFrom('"', "\\", " ", "7", "é", "😀", "\n"), maxLength: 600 }),
);

describe("formatTxt", () => {
	it.each([
		["v=DMARC1; p=none", '"v=DMARC1; p=none"'],
		["", '""'],
		['say "hi"', '"say \\"hi\\""'],
		["back\\slash", '"back\\\\slash"'],
		["tab\there", '"tab\\011here"'],
		["é", '"\\303\\251"'],
	])("presents %j as %s", (plain, presentation) => {
		expect(formatTxt(plain)).toBe(presentation);
	});

	it("splits after 255 bytes", () => {
		expect(formatTxt("a".repeat(255))).toBe(`"${"a".repeat(255)}"`);
		expect(formatTxt("a".repeat(256))).toBe(`"${"a".repeat(255)}" "a"`);
	});

	it("gives back every text, in strings of at most 255 bytes", () => {
		fc.assert(
			fc.property(text, (plain) => {
				const presentation = formatTxt(plain);
				expect(presentation).toMatch(/^[ -~]*$/);
				expect(joinTxt(presentation)).toBe(plain);
				const chunks = parseTxt(presentation);
				expect(chunks.join("")).toBe(plain);
				for (const chunk of chunks) expect(Buffer.byteLength(chunk)).toBeLessThanOrEqual(255);
			}),
			{ numRuns: 500 },
		);
	});

	it("writes decimal escapes for zone files", () => {
		expect(formatZoneFileTxt('é"')).toBe('"\\195\\169\\""');
	});
});

describe("parseTxt", () => {
	it.each([
		['"a" "b"', ["a", "b"]],
		['"a""b"', ["a", "b"]],
		["bare words", ["bare", "words"]],
		['bare"quoted"', ["bare", "quoted"]],
		['"a\\"b\\\\c"', ['a"b\\c']],
		['"\\101\\303\\251"', ["Aé"]],
		['""', [""]],
		["", []],
		['"never closed', ["never closed"]],
		['"ends in a backslash\\', ["ends in a backslash\\"]],
	])("reads %s", (presentation, chunks) => {
		expect(parseTxt(presentation)).toEqual(chunks);
	});

	it("joins a character that somebody split over two strings", () => {
		expect(joinTxt('"\\303" "\\251"')).toBe("é");
	});

	it("takes any text without throwing", () => {
		fc.assert(
			fc.property(anyText('"\\ 07\né'), (any) => {
				expect(joinTxt(any)).toBeTypeOf("string");
			}),
		);
	});
});

describe("sameTxt", () => {
	it("looks at the bytes, not at how they are split or escaped", () => {
		expect(sameTxt('"v=spf1 " "-all"', '"v=spf1 -all"')).toBe(true);
		expect(sameTxt('"\\141"', "a")).toBe(true);
		expect(sameTxt('"a"', '"A"')).toBe(false);
		expect(sameTxt('"\\351"', '"\\303\\251"')).toBe(false);
	});
});
