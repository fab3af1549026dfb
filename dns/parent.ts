import type { Ask } from "./answer.js";
import { askEach, firstAnswer } from "./ask-servers.js";
import { ancestors, canonicalName } from "./names.js";
import type { LookupOptions, Lookups } from "./resolver.js";

/**
 * The name servers to which the zone above delegates a zone, as its own servers say: what the registrar has entered.
 * A resolver tells the NS set of the zone itself instead, once it has seen that (RFC 2181, 5.4.1).
 * @returns canonical and sorted; undefined where that cannot be seen, such as with servers given
 * @throws the signal's reason when it aborts, and LookupError
 */
export async function delegatedByParent(
	zone: string,
	lookups: Pick<Lookups, "delegation" | "query">,
	options: LookupOptions = {},
): Promise<string[] | undefined> {
	const [, above] = ancestors(zone);
	const parent = above === undefined ? undefined : await lookups.delegation(above, options);
	if (parent === undefined) return undefined;
	const ask: Ask = (name, type, server) =>
		lookups.query(name, type, { ...options, ...(server !== undefined && { server }) });
	const referrals = askEach(parent.nameServers, canonicalName(zone), "REFERRAL", ask);
	// After a change, one of them may have it before another.
	const found = referrals.map(async (each) => {
		const answer = await each;
		return answer?.kind === "found" ? answer : undefined;
	});
	const answer = await firstAnswer(found);
	return answer?.kind === "found" ? answer.values.map(canonicalName).sort() : undefined;
}
