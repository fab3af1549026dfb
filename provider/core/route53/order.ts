import { canonicalName } from "../../../dns/index.js";

/**
 * Route 53's order of names: ASCII order of the labels reversed, each followed by a dot, so that `a-b` comes
 * before `a` and everything below a name stands together right behind it (API reference,
 * ListResourceRecordSets, "Sort order").
 */
export function compareNames(a: string, b: string): number {
	const [x, y] = [sortKey(a), sortKey(b)];
	if (x === y) return 0;
	return x < y ? -1 : 1;
}

const sortKey = (name: string) =>
	canonicalName(name)
		.split(".")
		.filter(Boolean)
		.reverse()
		.map((label) => `${label}.`)
		.join("");
