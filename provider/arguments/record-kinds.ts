import type { Purpose, RecordKind } from "./inputs.js";

/** Which record is of which kind. */
const kinds: Record<string, RecordKind> = { CNAME: "dkim", MX: "mx", TXT: "dmarc" };

export const isOfKind = ({ type }: { type: string }, wanted: readonly RecordKind[]): boolean =>
	wanted.some((kind) => kinds[type] === kind);

/** What each purpose needs. */
export const needs: Record<Purpose, readonly RecordKind[]> = {
	all: ["dkim", "mx", "dmarc"],
	sending: ["dkim"],
	receiving: ["mx"],
};
