import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shown } from "../../dns/index.js";

describe("a line of ours in which others have written", () => {
	test.each([
		["a line break", "a\nb", "a\\u000ab"],
		["one of another kind", "a\r\u0085\u2028\u2029b", "a\\u000d\\u0085\\u2028\\u2029b"],
		["a tab", "a\tb", "a\\u0009b"],
		["a terminal's sequence", "\u001b[2J\u009b2J\u007f", "\\u001b[2J\\u009b2J\\u007f"],
		["text that is turned around", "\u202egro.\u2066", "\\u202egro.\\u2066"],
		["what is not seen", "a\u200bc\u00adm\ufe0fe\u{e0041}", "a\\u200bc\\u00adm\\ufe0fe\\udb40\\udc41"],
		["half a character", "\ud83d", "\\ud83d"],
		["a command of GitHub, where a line begins", "::error::x", "\\u003a:error::x"],
		["the same behind spaces", "   \u00a0::error::x", "   \u00a0\\u003a:error::x"],
		["one of GitHub's older kind", "x ##[error]y", "x \\u0023#[error]y"],
		["one of Azure", "x ##vso[task.complete]y", "x \\u0023#vso[task.complete]y"],
		["a colour of Pulumi", "x <{%fg 1%}>y", "x \\u003c{%fg 1%}\\u003ey"],
	])("has %s escaped", (_, line, escaped) => {
		expect(shown(line)).toBe(escaped);
	});

	test("is as it was where there is nothing of the kind", () => {
		const line = 'v=DMARC1; p=none "ü – 日本 👍" \\012 fe80::1 # ## [x] <{y}> %';
		expect(shown(line)).toBe(line);
	});
});

test("the line breaks between lines stay", () => {
	expect(shown(["a", "  b", "", "c\nd"])).toBe("a\n  b\n\nc\\u000ad");
});

const nasty = fc.string({
	unit: fc.oneof(fc.constantFrom(...'\n\r\t\u001b\u009b\u2028\u202e:#[]<{%}>\\"vso '.split("")), fc.string()),
});

test("twice is the same as once", () => {
	fc.assert(
		fc.property(nasty, (line) => {
			expect(shown(shown(line))).toBe(shown(line));
		}),
	);
});

test("a JSON document means the same", () => {
	fc.assert(
		fc.property(fc.dictionary(nasty, nasty), (value) => {
			const text = shown(JSON.stringify(value, undefined, 2).split("\n"));
			expect(JSON.parse(text)).toEqual(value);
			expect(text).not.toMatch(/[^\P{C}\n]/u);
		}),
	);
});
