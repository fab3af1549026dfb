import { ancestors, canonicalName, dmarcTags, isDmarc, isDmarcName, joinTxt } from "../../../dns/index.js";
import type { DnsRecord, RecordSetState } from "../../shapes.js";
import type { World } from "../world.js";

/** From the most lenient to the strictest (RFC 7489, 6.3). */
const strictness = ["none", "quarantine", "reject"];

/**
 * Says when the DMARC policy to be published is weaker than the one that a domain above hands down today: the record
 * of a name comes before that of its organisational domain (RFC 7489, 6.6.3). What cannot be looked up stays unsaid.
 *
 * @returns a warning, or undefined.
 */
export async function weakerThanInherited(
	world: Pick<World, "lookups" | "stop">,
	records: readonly DnsRecord[],
): Promise<string | undefined> {
	const own = records.find(({ address, type }) => type === "TXT" && isDmarcName(address));
	if (!own) return undefined;
	const ours = dmarcTags(own.record).get("p") ?? "none";
	const inherited = await inheritedPolicy(world, canonicalName(own.address).replace(/^_dmarc\./, ""));
	if (!inherited || !isStricter(inherited.means, ours)) return undefined;
	return (
		`${inherited.sentence} The record to be published at ${own.address}, "${own.record}", takes its place and is weaker. ` +
		toKeepIt
	);
}

/** The same before the setup exists, when nobody knows yet what it will publish. */
export async function displacesInherited(
	world: Pick<World, "lookups" | "stop">,
	domain: string,
): Promise<string | undefined> {
	const inherited = await inheritedPolicy(world, domain);
	if (!inherited || !isStricter(inherited.means, "none")) return undefined;
	return (
		`${inherited.sentence} The record of the setup, at _dmarc.${domain}, takes its place; whether it is weaker is known ` +
		`once the setup exists, and \`pulumi up\` warns if it is. ${toKeepIt}`
	);
}

/** Whether something stands at a domain's own `_dmarc` that comes before what domains above hand down. */
export const hasOwnPolicy = (found: readonly RecordSetState[]): boolean =>
	found.some(
		(set) =>
			isDmarcName(set.name) && (set.type !== "TXT" || set.values.some((value) => isDmarc(joinTxt(value)))),
	);

const toKeepIt = 'To keep it, leave "dmarc" out of route53.records.';

const isStricter = (one: string, other: string) => strictness.indexOf(one) > strictness.indexOf(other);

async function inheritedPolicy(
	{ lookups, stop }: Pick<World, "lookups" | "stop">,
	domain: string,
): Promise<{ means: string; sentence: string } | undefined> {
	for (const parent of ancestors(domain)
		.slice(1)
		.filter((name) => name.includes("."))) {
		const answer = await lookups.query(`_dmarc.${parent}`, "TXT", { signal: stop });
		const policies = answer.kind === "found" ? answer.values.filter(isDmarc) : [];
		const [policy] = policies;
		if (policy === undefined || policies.length > 1) continue;
		const tags = dmarcTags(policy);
		const means = tags.get("sp") ?? tags.get("p") ?? "none";
		const sentence = `Today the DMARC policy of ${parent} holds for ${domain}: "${policy}", which means ${means} there.`;
		return { means, sentence };
	}
	return undefined;
}
