import { addressesOf, firstAnswer } from "./delegation.js";
import { ancestors, canonicalName } from "./names.js";
import type { LookupOptions, Lookups } from "./resolver.js";

/** So many of its servers are asked at once. */
const PARENT_SERVERS = 3;

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
	const answer = await firstAnswer(
		parent.nameServers.slice(0, PARENT_SERVERS).map(async (host) => {
			const [server] = await addressesOf(host, (name, type) => lookups.query(name, type, options));
			return server === undefined
				? undefined
				: lookups.query(canonicalName(zone), "REFERRAL", { ...options, server });
		}),
	);
	return answer?.kind === "found" ? answer.values.map(canonicalName).sort() : undefined;
}
