/** Which names of a zone a setup's records have to do with, and what a look at them has seen. */
import { isDeepStrictEqual } from "node:util";
import { canonicalName, isWithin } from "../../../dns/index.js";
import type { RecordKind } from "../../arguments/inputs.js";
import type { RecordSetState, ZoneSnapshot } from "../../shapes.js";
import type { Range } from "../zones/host.js";
import { concerning } from "../zones/sets.js";
import { isAt } from "./ledger.js";

/** Kinds whose places are known before the setup exists, and what stands there that has to do with them. */
const foreseeable: Partial<
	Record<RecordKind, [range: (domain: string) => Range, types?: readonly string[]]>
> = {
	// At the domain itself all else is none of our business.
	mx: [(domain) => ({ name: domain }), ["MX", "CNAME"]],
	dmarc: [(domain) => ({ name: `_dmarc.${domain}` })],
	dkim: [(domain) => ({ name: `_domainkey.${domain}`, below: true })],
};

/** Where records of these kinds will stand, as far as that is known before the setup exists. */
export const foreseenRanges = (domain: string, kinds: readonly RecordKind[]): Range[] =>
	kinds.flatMap((kind) => foreseeable[kind]?.[0](domain) ?? []);

/** Whether records of one of these kinds will have to do with a set. */
export const concernsAny = (set: RecordSetState, domain: string, kinds: readonly RecordKind[]): boolean =>
	kinds.some((kind) => {
		const [range, types] = foreseeable[kind] ?? [];
		if (!range || types?.includes(set.type) === false) return false;
		const { name, below } = range(domain);
		return below ? isWithin(set.name, name) : canonicalName(set.name) === name;
	});

interface Place {
	readonly name: string;
	readonly type: string;
	readonly kind: RecordKind;
}

/** Those of the places that a look before the setup existed could not know of, and no look since has been at. */
export const unlooked = <Of extends Place>(
	places: readonly Of[],
	{ places: looked = [] }: Pick<ZoneSnapshot, "places">,
): Of[] => places.filter((place) => !foreseeable[place.kind] && !looked.some(isAt(place)));

/** A look that has been at these places too: what stands there is not ours. */
export function withPlaces<Look extends Pick<ZoneSnapshot, "found" | "places">>(
	look: Look,
	places: readonly Place[],
	existing: readonly RecordSetState[],
): Look {
	if (places.length === 0) return look;
	const known = (set: RecordSetState) => look.found.some((each) => isDeepStrictEqual(each, set));
	const found = new Set(places.flatMap((place) => concerning(existing, place)));
	return {
		...look,
		found: [...look.found, ...[...found].filter((set) => !known(set))],
		places: [...(look.places ?? []), ...places.map(({ name, type }) => ({ name, type }))],
	};
}

/** What a look at a zone was for. */
interface Purpose {
	readonly domain: string;
	readonly kinds: readonly RecordKind[];
}

/**
 * What stood in a zone before we came decides ownership for ever, so a new look at it counts only for what the former one
 * was not for.
 */
export function grown(
	before: ZoneSnapshot,
	former: Purpose,
	looked: ZoneSnapshot,
	{ domain, kinds }: Purpose,
): ZoneSnapshot {
	const added = kinds.filter((kind) => !former.kinds.includes(kind));
	const isAdded = (set: RecordSetState) => concernsAny(set, domain, added);
	const places = (looked.places ?? []).filter((place) => !before.places?.some(isAt(place)));
	const found = [...before.found.filter((set) => !isAdded(set)), ...looked.found.filter(isAdded)];
	return withPlaces(
		{ ...before, found },
		places.map((place) => ({ ...place, kind: "other" })),
		looked.found,
	);
}
