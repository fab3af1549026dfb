import fc from "fast-check";

/** Any text at all, half a surrogate pair included, with many of the characters that matter to a parser. */
export const anyText = (special: string) =>
	fc.oneof(
		fc.string({ unit: "grapheme" }),
		fc.string({ unit: "binary-ascii" }),
		fc.string({ unit: fc.constantFrom(...special, "\ud800") }),
	);
