import { shown } from "../dns/shown.js";

/**
 * Somebody else's text as it may stand in a message, and not longer than `max` UTF-16 units, beyond which it says how
 * long it was.
 */
export function printable(text: string, max: number): string {
	const cut = text.slice(0, max);
	return shown(cut === text ? cut : `${cut}… (${text.length} characters in all)`);
}
