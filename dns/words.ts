/** What look-ups say, in words for people. Pure. */
import { canonicalName } from "./names.js";
import type { DnsRecord } from "./records.js";

/** Why a server has not a record, as a clause; undefined where it gave no reason. */
export function reasonInWords(
	type: string,
	{ reason }: { reason?: string | null | undefined },
): string | undefined {
	switch (reason) {
		case "NXDOMAIN":
			return "the name does not exist (NXDOMAIN)";
		case "NODATA":
			return `the name has no ${type} record (NODATA)`;
		case "SERVFAIL":
			return "it fails to answer (SERVFAIL)";
		case "REFUSED":
			return "it refuses to answer (REFUSED)";
		default:
			return reason ?? undefined;
	}
}

/** Stands for the token of a DKIM name where something is true of several. */
const ANY_TOKEN = "<token>";

/**
 * Texts about records, each once with all that it is about, in the order they came. What is said of several DKIM
 * records alike has `<token>` in place of theirs.
 */
export function sayOnce<Item extends { record: DnsRecord }>(
	said: readonly (readonly [item: Item, text: string])[],
): { items: Item[]; text: string }[] {
	const alike = new Map<string, { items: Item[]; text: string }>();
	for (const [item, text] of said) {
		const general = withoutToken(item.record, text);
		const group = alike.get(general);
		alike.set(general, { items: [...(group?.items ?? []), item], text: group ? general : text });
	}
	return [...alike.values()];
}

function withoutToken({ address, type }: DnsRecord, text: string): string {
	const [token = ""] = canonicalName(address).split(".");
	return type === "CNAME" && token !== "" ? text.replaceAll(token, ANY_TOKEN) : text;
}
