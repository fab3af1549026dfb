import { getDomain } from "tldts";
import {
	canonicalName,
	type DmarcDemand,
	dmarcDemand,
	dmarcDemands,
	domainsAbove,
	type InheritedPolicy,
	inheritedPolicies,
	isDmarc,
	isDmarcName,
	joinTxt,
} from "../../../dns/index.js";
import type { DnsRecord, RecordSetState } from "../../shapes.js";
import type { World } from "../world.js";

type PolicyWorld = Pick<World, "lookups" | "stop">;

/**
 * Says what changes for a domain's mail where its DMARC record is published in place of a policy that is handed down, or
 * goes and leaves the domain to that: a domain's own record comes first (RFC 9989, 4.10.1; RFC 7489, 6.6.3). What cannot
 * be looked up stays unsaid.
 *
 * @param before what stands published today, and `after` what will.
 * @returns a warning, or undefined.
 */
export async function policyChange(
	world: PolicyWorld,
	before: readonly DnsRecord[],
	after: readonly DnsRecord[],
): Promise<string | undefined> {
	const [going, coming] = [before.find(isPolicy), after.find(isPolicy)];
	if (going && !coming) return await withdrawn(world, going);
	return coming && !going ? await publishedFirst(world, coming) : undefined;
}

/** The same before the setup exists, when nobody knows yet what it will publish. */
export async function displacesInherited(world: PolicyWorld, domain: string): Promise<string | undefined> {
	const { stricter } = compare(await inheritance(world, domain), "none");
	if (!stricter) return undefined;
	return (
		`Today ${inWords(stricter)} The record of the setup, at _dmarc.${domain}, takes its place; whether it is weaker is ` +
		`known once the setup exists, and \`pulumi up\` warns if it is. ${toKeepIt}`
	);
}

/** Whether something stands at a domain's own `_dmarc` that comes before what domains above hand down. */
export const hasOwnPolicy = (found: readonly RecordSetState[]): boolean =>
	found.some(
		(set) =>
			isDmarcName(set.name) && (set.type !== "TXT" || set.values.some((value) => isDmarc(joinTxt(value)))),
	);

const isPolicy = ({ address, type }: DnsRecord) => type === "TXT" && isDmarcName(address);

async function publishedFirst(
	world: PolicyWorld,
	{ address, record }: DnsRecord,
): Promise<string | undefined> {
	const domain = domainOf(address);
	const inherited = await inheritance(world, domain);
	const demand = dmarcDemand(record, "itself");
	const { stricter, weaker } = compare(inherited, demand);
	const ours = `The record to be published at ${address}, "${record}",`;
	if (stricter) return `Today ${inWords(stricter)} ${ours} takes its place and is weaker. ${toKeepIt}`;
	if (!weaker) return undefined;
	// A registered domain's own policy is that of all below it which have none.
	const whose =
		weaker.isRegistered && dmarcDemand(record, "below") === demand
			? `${domain}, or from a domain below it without a policy of its own,`
			: domain;
	return (
		`Today ${inWords(weaker)} ${ours} is stricter: receivers are then to ${demand} mail from ${whose} that passes neither ` +
		"SPF nor DKIM for it. Where other services send such mail, set that up at them first, or leave " +
		'"dmarc" out of route53.records.'
	);
}

async function withdrawn(world: PolicyWorld, { address, record }: DnsRecord): Promise<string | undefined> {
	const { stricter, weaker } = compare(
		await inheritance(world, domainOf(address)),
		dmarcDemand(record, "itself"),
	);
	const next = stricter ?? weaker;
	if (!next) return undefined;
	return (
		`The record at ${address}, "${record}", is not published here any more. Unless it is published in another way, ` +
		`${inWords(next)} That is ${stricter ? "stricter" : "weaker"}.`
	);
}

const toKeepIt = 'To keep it, leave "dmarc" out of route53.records.';

interface Inherited extends InheritedPolicy {
	domain: string;
	/** Right below a public suffix. */
	isRegistered: boolean;
	means: DmarcDemand;
	/** Whether all that is known says the same. */
	isUndisputed: boolean;
}

async function inheritance({ lookups, stop }: PolicyWorld, domain: string): Promise<Inherited[]> {
	const above = await Promise.all(
		domainsAbove(domain).map(async (name) => {
			const answer = await lookups.query(`_dmarc.${name}`, "TXT", { signal: stop });
			const texts = { found: answer.kind === "found" ? answer.values : [], none: [], failed: undefined };
			return { domain: name, texts: texts[answer.kind] };
		}),
	);
	const registered = registeredDomain(domain);
	const policies = inheritedPolicies(above, registered);
	const isUndisputed = new Set(policies.map(({ source }) => source?.domain)).size === 1;
	return policies.map((policy) => ({
		...policy,
		...{ domain, isUndisputed, isRegistered: domain === registered },
		means: policy.source ? dmarcDemand(policy.source.policy, "below") : "none",
	}));
}

/**
 * The domain right below a public suffix. Suffixes of companies count, such as `github.io`: receivers go by the whole list
 * (mailauth has `allowPrivateDomains`, Mail::DMARC and OpenDMARC read all of the file). So does every top-level domain
 * that the list lacks, by its default rule.
 */
const registeredDomain = (domain: string): string | undefined =>
	getDomain(domain, { allowPrivateDomains: true, extractHostname: false }) ?? undefined;

/** The strictest that is stricter, and the most lenient that is weaker. */
function compare(inherited: readonly Inherited[], ours: DmarcDemand) {
	const rank = (demand: DmarcDemand) => dmarcDemands.indexOf(demand);
	const byRank = [...inherited].sort((a, b) => rank(a.means) - rank(b.means));
	return {
		stricter: byRank.findLast(({ means }) => rank(means) > rank(ours)),
		weaker: byRank.find(({ means }) => rank(means) < rank(ours)),
	};
}

/** Completes "Today …". */
function inWords({ domain, rfc, source, means, isUndisputed }: Inherited): string {
	const at = isUndisputed ? domain : `${domain} at receivers that follow ${rfc}`;
	if (!source) return `no DMARC policy holds for ${at}.`;
	return `the DMARC policy of ${source.domain} holds for ${at}: "${source.policy}", which means ${means} there.`;
}

const domainOf = (address: string) => canonicalName(address).replace(/^_dmarc\./, "");
