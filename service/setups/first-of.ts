/** So many names are told at most. */
const namesTold = 10;

export function firstOf(names: readonly string[]): string {
	const rest = names.length - namesTold;
	return `${names.slice(0, namesTold).join(", ")}${rest > 0 ? ` and ${rest} more` : ""}`;
}
