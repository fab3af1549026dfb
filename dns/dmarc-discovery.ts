/**
 * Whose DMARC policy holds for a domain that has none of its own: that of its organisational domain, which receivers find
 * in two ways. RFC 9989, which took the place of RFC 7489 in May 2026, walks up the names and takes the record with the
 * fewest labels, or what a `psd` tag points to (4.10). RFC 7489 takes the domain right below one of a list of public
 * suffixes, and asks no other (3.2, 6.6.3). There are receivers of both, so both are answers here. They mostly agree: in
 * both, a policy between the organisational domain and this one is for its own name alone. Pure.
 */
import { ancestors } from "./names.js";
import { dmarcPolicies, dmarcTags } from "./values.js";

/** From the most lenient to the strictest (RFC 9989, 4.7). */
export const dmarcDemands = ["none", "quarantine", "reject"] as const;
export type DmarcDemand = (typeof dmarcDemands)[number];

/** The texts at `_dmarc` of a domain; undefined where nobody answered. */
interface DmarcAnswer {
	domain: string;
	texts: readonly string[] | undefined;
}

interface DmarcPolicy {
	domain: string;
	policy: string;
}

/** What receivers of one RFC take for a domain; undefined where they find no policy. */
export interface InheritedPolicy {
	rfc: "RFC 7489" | "RFC 9989";
	source: DmarcPolicy | undefined;
}

/** The domains above one whose policies may count for it, the nearest first: seven at most (RFC 9989, 4.10). */
export const domainsAbove = (domain: string): string[] => ancestors(domain).slice(1).slice(-7);

/**
 * @param above of each of {@link domainsAbove}, in that order
 * @param registered the domain below a public suffix: its own name, or one above; undefined if there is none
 * @returns what is known for sure: nothing that hangs on a name at which nobody answered
 */
export function inheritedPolicies(
	above: readonly DmarcAnswer[],
	registered: string | undefined,
): InheritedPolicy[] {
	const ways = { "RFC 7489": atRegistered(above, registered), "RFC 9989": byTreeWalk(above) };
	return (["RFC 7489", "RFC 9989"] as const).flatMap((rfc) => {
		const source = ways[rfc];
		return source === "unknown" ? [] : [{ rfc, source }];
	});
}

type Source = DmarcPolicy | "unknown" | undefined;

const atRegistered = (above: readonly DmarcAnswer[], registered: string | undefined): Source =>
	policyAt(above.find(({ domain }) => domain === registered));

/** RFC 9989, 4.10.1 and 4.10.2, from the longest name to the shortest. */
function byTreeWalk(above: readonly DmarcAnswer[]): Source {
	let last: DmarcPolicy | undefined;
	for (const [index, answer] of above.entries()) {
		const found = policyAt(answer);
		if (found === "unknown") return found;
		if (found === undefined) continue;
		const psd = dmarcTags(found.policy).get("psd");
		if (psd === "n") return found;
		// The organisational domain is then the one right below, and this policy is for those that have none.
		if (psd === "y") return policyAt(above[index - 1]) ?? found;
		last = found;
	}
	return last;
}

/** Several policies at one name count as none (RFC 9989, 4.10; RFC 7489, 6.6.3). */
function policyAt(answer: DmarcAnswer | undefined): Source {
	if (answer === undefined) return undefined;
	if (answer.texts === undefined) return "unknown";
	const [policy, ...more] = dmarcPolicies(answer.texts);
	return policy === undefined || more.length > 0 ? undefined : { domain: answer.domain, policy };
}

/**
 * What a policy asks receivers to do with mail of its own domain, or of those below that have no policy. One that is not
 * valid asks for nothing (RFC 9989, 4.10.1). `np` has no say here: a domain that has records of a setup exists.
 */
export function dmarcDemand(policy: string, who: "itself" | "below"): DmarcDemand {
	const tags = dmarcTags(policy);
	const itself = demand(tags.get("p"));
	const below = tags.has("sp") ? demand(tags.get("sp")) : itself;
	return (itself && below && { itself, below }[who]) ?? "none";
}

const demand = (value: string | undefined) => dmarcDemands.find((each) => each === value);
