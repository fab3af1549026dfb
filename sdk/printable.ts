/** What steers a terminal or turns text around, line breaks included, and halves of characters. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * Somebody else's text as it may stand in a message: on one line, harmless to a terminal, and not longer than `max`
 * UTF-16 units, beyond which it says how long it was.
 */
export function printable(text: string, max: number): string {
	const cut = text.slice(0, max);
	const shown = cut.replace(/\s+/g, " ").replace(unprintable, "\uFFFD");
	return cut === text ? shown : `${shown}… (${text.length} characters in all)`;
}
