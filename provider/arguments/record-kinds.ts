import type { Purpose, RecordKind, WaitPurpose } from "./inputs.js";

/** Which record is of which kind. */
const kinds: Record<string, RecordKind> = { CNAME: "dkim", MX: "mx", TXT: "dmarc" };

export const isOfKind = ({ type }: { type: string }, wanted: readonly RecordKind[]): boolean =>
	wanted.some((kind) => kinds[type] === kind);

const needs: Record<Purpose, readonly RecordKind[]> = {
	all: ["dkim", "mx", "dmarc"],
	sending: ["dkim"],
	receiving: ["mx"],
};

/** What a purpose needs, or all of several together. */
export const kindsFor = (purpose: WaitPurpose | readonly WaitPurpose[]): readonly RecordKind[] =>
	needs.all.filter((kind) =>
		[purpose].flat().some((each) => (needs[each as Purpose] ?? needs.all).includes(kind)),
	);

/** What a wait is for that names no purpose: where the program chooses the records, for what it publishes. */
export const purposeOfWait = <P>(
	purpose: P | undefined,
	route53: { records?: unknown } | undefined,
): P | "published" | "all" => purpose ?? (route53?.records ? "published" : "all");
