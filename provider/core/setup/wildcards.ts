import { ancestors, isWithin } from "../../../dns/index.js";
import type { RecordSetState } from "../../shapes.js";
import type { Range } from "../zones/host.js";
import { describeSet } from "../zones/sets.js";

const within = (name: string, zone: string) =>
	ancestors(name).filter((ancestor) => ancestor.length >= zone.length);

/** Where wildcards stand that may answer for these names, or below them. */
export const wildcardRanges = (names: readonly string[], zone: string): Range[] =>
	[...new Set(names.flatMap((name) => within(name, zone)))].map((ancestor) => ({ name: `*.${ancestor}` }));

/**
 * Names for which a wildcard answers today, and no longer does once something stands at or below them: not for the
 * types that are published there, nor for any other (RFC 4592, 2.2.1).
 *
 * @param names where records will stand.
 * @param existing what stands at these names, between them and the apex, and in the {@link wildcardRanges}.
 * @param told a name of which this was told before, as of all above it.
 * @returns a warning for each wildcard.
 */
export function silencedWildcards(
	names: readonly string[],
	existing: readonly RecordSetState[],
	zone: string,
	told = zone,
): string[] {
	const wildcards = existing.filter(({ name }) => name.startsWith("*."));
	const existingNames = new Set(
		existing.filter(({ name }) => !name.startsWith("*.")).flatMap(({ name }) => within(name, zone)),
	);
	for (const name of [zone, ...within(told, zone)]) existingNames.add(name);
	const silenced = new Map<string, string[]>();
	// A record makes every name above it exist.
	const made = new Set(
		names.flatMap((name) => within(name, zone)).filter((name) => !existingNames.has(name)),
	);
	for (const name of made) {
		// The closest name that exists decides which wildcard answers (RFC 4592, 3.3.1).
		const encloser = within(name, zone).find((ancestor) => existingNames.has(ancestor));
		const wildcard = `*.${encloser}`;
		if (wildcards.some((set) => set.name === wildcard)) {
			silenced.set(wildcard, [...(silenced.get(wildcard) ?? []), name]);
		}
	}
	return [...silenced].map(([wildcard, covered]) => {
		const values = wildcards.filter(({ name }) => name === wildcard).flatMap(describeSet);
		const highest = covered.filter((name) => !covered.some((each) => each !== name && isWithin(name, each)));
		return (
			`In hosted zone ${zone}, ${wildcard} (${values.join(", ")}) answers for ${highest.join(", ")} today, as far as the ` +
			"zone shows. Once records stand there or below it no longer does, for any type: publish there what is still " +
			"needed of it."
		);
	});
}
