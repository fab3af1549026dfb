import type { Answer, QueryType } from "./answer.js";
import { judge, type RecordCheck } from "./check.js";
import { type AuthoritativeServer, type Delegation, LookupError } from "./delegation.js";
import { type EnteredName, enteredNames, howToEnter } from "./entered-names.js";
import { likelyMistake, type Mistake, mistakeOf } from "./mistakes.js";
import { ancestors, besides, canonicalName, isWithin, sameName } from "./names.js";
import { findOwnServers } from "./own-servers.js";
import { delegatedByParent } from "./parent.js";
import type { DnsRecord } from "./records.js";
import type { LookupOptions, Lookups } from "./resolver.js";
import { parseMx } from "./values.js";

/** A likely reason why a record that was published is not seen. */
export interface Finding {
	kind:
		| "broken"
		| "undelegated"
		| "other-zone"
		| "other-servers"
		| "doubled-suffix"
		| "left-out"
		| "stray-characters"
		| "wildcard"
		| "alias"
		| "other-type";
	/** What is wrong and what to do, as a clause without a capital or full stop. */
	text: string;
}

/** The zone into which a record was, or is to be, published. */
export interface PublishedZone {
	name: string;
	/** Its own name servers, where they are known. */
	nameServers?: readonly string[];
}

/**
 * Why a record is not seen: the likely reasons, the gravest first, and the slip that its values show. What a wildcard
 * answers is no slip of anybody.
 * @param zone undefined where nobody knows it; then the values alone speak.
 */
export async function causesOf(
	check: RecordCheck,
	zone: PublishedZone | undefined,
	lookups: Lookups,
	options: LookupOptions = {},
): Promise<(Finding | Mistake)[]> {
	const findings = zone ? await diagnose(check.record, zone, lookups, { ...options, at: check.lacks }) : [];
	const mistake = findings.some(({ kind }) => kind === "wildcard") ? undefined : mistakeOf(check);
	return mistake ? [...findings, mistake] : findings;
}

/**
 * Looks for the usual reasons of a record that is missing, the gravest first; empty if it finds none or gets no
 * answer. Throws only on abort.
 * @param options.at names of the servers to ask; default: any of the authoritative ones
 */
export async function diagnose(
	record: DnsRecord,
	zone: PublishedZone,
	lookups: Lookups,
	options: LookupOptions & { at?: readonly string[] } = {},
): Promise<Finding[]> {
	const [misplaced, live] = await Promise.all([
		unlessUnknown(findMisplaced(record, zone, lookups, options), []),
		unlessUnknown(lookups.authoritative(record.address, options), undefined),
	]);
	if (live === undefined) return misplaced;
	const { at = [], signal } = options;
	const chosen = live.servers.filter(({ name }) => at.includes(name));
	const server = await responsive(chosen.length > 0 ? chosen : live.servers, record, lookups, signal);
	if (server === undefined) return misplaced;
	const ask = asking(lookups, server, signal);
	const found = await Promise.all([
		findAtOtherName(record, canonicalName(zone.name), ask),
		sameName(zone.name, live.zone)
			? unlessUnknown(findInZoneAbove(record, canonicalName(live.zone), lookups, options), [])
			: [],
		findInItsPlace(record, live.zone, ask),
	]);
	return [...misplaced, ...found.flat()];
}

/** Asks the server that was chosen. */
type Question = (name: string, type: QueryType) => Promise<Answer>;

/** Servers heed a limit of "no" answers for one asker (BIND's `nxdomains-per-second`) and then fall silent. */
const SILENCES = 2;

/** Asks a server until it has been silent so often; every further question fails at once. */
function asking(lookups: Lookups, server: string, signal: AbortSignal | undefined): Question {
	let silences = 0;
	return async (name, type) => {
		if (silences >= SILENCES) return { kind: "failed", reason: "it has fallen silent", silent: true };
		const answer = await lookups.query(name, type, { signal, server });
		if (answer.kind === "failed" && answer.silent) silences += 1;
		return answer;
	};
}

async function unlessUnknown<T>(outcome: Promise<T>, otherwise: T): Promise<T> {
	try {
		return await outcome;
	} catch (error) {
		if (error instanceof LookupError) return otherwise;
		throw error;
	}
}

/** The address of the server that answers first; undefined if none does. */
function responsive(
	servers: readonly AuthoritativeServer[],
	{ address, type }: DnsRecord,
	lookups: Lookups,
	signal: AbortSignal | undefined,
): Promise<string | undefined> {
	return new Promise((resolve, reject) => {
		const asking = servers.flatMap(({ addresses }) =>
			addresses.slice(0, 1).map(async (server) => {
				const answer = await lookups.query(canonicalName(address), type, { signal, server });
				if (answer.kind !== "failed") resolve(server);
			}),
		);
		Promise.all(asking).then(() => resolve(undefined), reject);
	});
}

async function findMisplaced(
	record: DnsRecord,
	zone: PublishedZone,
	lookups: Lookups,
	options: LookupOptions,
): Promise<Finding[]> {
	const name = canonicalName(zone.name);
	const live = await liveAt(record.address, name, lookups, options);
	if (live?.broken !== undefined && live.zone !== name) {
		const text = `the live DNS gives no answer for ${live.broken} (SERVFAIL), as where it is delegated to servers that do not serve it, or its DNSSEC is broken; compare its name servers and DS records at the registrar, or in the zone above, with those of ${name}`;
		return [{ kind: "broken", text }];
	}
	if (live === undefined || (live.zone !== name && isWithin(name, live.zone))) {
		const instead = live?.zone.includes(".") ? `; or publish the record in ${live.zone}, which is live` : "";
		const text = `${name} is not delegated: no server that was asked knows it; enter its name servers at the registrar, or as NS records in the zone above${instead}`;
		return [{ kind: "undelegated", text }];
	}
	if (live.zone !== name) {
		const text = `the live DNS answers for ${canonicalName(record.address)} from the zone ${live.zone} (${live.nameServers.join(", ")}), not from ${name}; publish the record there`;
		return [{ kind: "other-zone", text }];
	}
	return zone.nameServers ? findOtherServers(name, zone.nameServers, live, lookups, options) : [];
}

/** Where one of the servers above has a delegation so far, the others are about to have it. */
async function liveAt(
	address: string,
	zone: string,
	lookups: Lookups,
	options: LookupOptions,
): Promise<Delegation | undefined> {
	const live = await lookups.delegation(address, options);
	if (live !== undefined && (live.broken !== undefined || isWithin(live.zone, zone))) return live;
	const nameServers = await unlessUnknown(delegatedByParent(zone, lookups, options), undefined);
	return nameServers ? { zone, nameServers } : live;
}

async function findOtherServers(
	name: string,
	own: readonly string[],
	live: Delegation,
	lookups: Lookups,
	options: LookupOptions,
): Promise<Finding[]> {
	const told = live.otherView?.above && live.otherView.name === name ? live.otherView.told : [];
	const isOwn = await findOwnServers(own, [...live.nameServers, ...told], lookups, options);
	const others = live.nameServers.filter((server) => !isOwn(server));
	const these = `this zone's servers are ${own.map(canonicalName).join(", ")}`;
	if (others.length === 0) {
		if (told.length === 0) return [];
		const text = `${name} is delegated to this zone's servers, but the resolvers of this machine tell others (${told.join(", ")}): they have a private zone of this network, or remember a former delegation; only where the zone names the others, correct the NS set at ${name} in the zone itself: ${these}`;
		return [{ kind: "other-servers", text }];
	}
	if (others.length < live.nameServers.length) {
		const text = `${name} is delegated to ${others.join(", ")} as well, but ${these}; take the others out of the delegation and of the NS set at ${name}, or publish the record there too`;
		return [{ kind: "other-servers", text }];
	}
	const above = await unlessUnknown(delegatedByParent(name, lookups, options), undefined);
	const text = above?.some(isOwn)
		? `${name} is delegated to this zone's servers, but resolvers tell others (${others.join(", ")}); correct the NS set at ${name} in the zone itself, where it names them: ${these}`
		: `${name} is delegated to ${others.join(", ")}, but ${these}; correct the delegation, or publish the record where it leads`;
	return [{ kind: "other-servers", text }];
}

/** At the names to which a slip leads, as a form that appends the zone stores them. */
async function findAtOtherName(record: DnsRecord, zone: string, ask: Question): Promise<Finding[]> {
	const slips = await slipsThatStand(record, enteredNames(record, zone), ask);
	return slips.map(({ kind, slip, remedy }) => ({ kind, text: `${slip}; ${remedy}` }));
}

/** Whoever does not know that the subdomain is a zone of its own enters its records in the zone above. */
async function findInZoneAbove(
	record: DnsRecord,
	zone: string,
	lookups: Lookups,
	{ signal }: LookupOptions,
): Promise<Finding[]> {
	const [, above] = ancestors(zone);
	// A top-level domain has no form to fill in.
	if (!above?.includes(".")) return [];
	const parent = await lookups.authoritative(above, { signal });
	const server = parent && (await responsive(parent.servers, record, lookups, signal));
	if (!parent?.zone.includes(".") || server === undefined) return [];
	const ask = asking(lookups, server, signal);
	// What is below the delegation cannot be seen there.
	const names = enteredNames(record, canonicalName(parent.zone)).filter(({ name }) => !isWithin(name, zone));
	const slips = await slipsThatStand(record, names, ask);
	return slips.map(({ kind, slip }) => {
		const remedy = `that is in the zone ${parent.zone}, but ${zone} is a zone of its own: ${howToEnter(record, zone)}, and enter it there`;
		return { kind, text: `${slip}; ${remedy}` };
	});
}

/** The slips at whose name the record stands, and nothing at a made-up name beside it. */
async function slipsThatStand(
	record: DnsRecord,
	names: readonly EnteredName[],
	ask: Question,
): Promise<EnteredName[]> {
	const stands = await Promise.all(
		names.map(
			async ({ name }) =>
				(await standsAt(name, record, ask)) && !(await standsAt(besides(name), record, ask)),
		),
	);
	return names.filter((_, index) => stands[index]);
}

async function standsAt(name: string, record: DnsRecord, ask: Question): Promise<boolean> {
	const answer = await ask(name, record.type);
	if (judge(record, answer).state === "found") return true;
	const kind = answer.kind === "found" ? likelyMistake(record, answer.values)?.kind : undefined;
	return kind !== undefined && !["null-mx", "priority", "two-policies"].includes(kind);
}

const OTHER_TYPES = ["A", "AAAA", "TXT", "MX"] as const;

/** What stands at the name instead of the record, and whether it stands there at all. */
async function findInItsPlace(record: DnsRecord, zone: string, ask: Question): Promise<Finding[]> {
	const name = canonicalName(record.address);
	const standing = await findStanding(record, ask);
	if (standing.length === 0) return [];
	const made = name === canonicalName(zone) ? [] : await answersAt(besides(name), standing, ask);
	const real = standing.filter((set) => !made.some((each) => sameAnswer(each, set)));
	if (real.length === 0) return [wildcard(record, standing)];
	if (real.some(({ type }) => type === record.type)) return [];
	const entered = real.find(({ values }) => values.some((value) => isValueOf(record, value)));
	if (entered) {
		const text = `the value stands at ${name} in a record of type ${entered.type}; enter it as ${record.type}: ${record.record}`;
		return [{ kind: "other-type", text }];
	}
	const alias = real.find(({ type }) => type === "CNAME");
	if (alias) {
		const target = canonicalName(alias.values[0] ?? "");
		const text = `a CNAME to ${target} stands at ${name}, where no ${record.type} record can stand beside it; remove it, or publish the record at its target`;
		return [{ kind: "alias", text }];
	}
	const there = described(real);
	const addresses = real.some(({ type }) => type === "A" || type === "AAAA");
	const text =
		record.type === "CNAME" && addresses
			? `addresses stand at ${name} in place of the CNAME (${there}), as where the DNS host proxies or flattens it; set the record to “DNS only”, without proxy and flattening, so that the CNAME itself is served: ${record.record}`
			: `no ${record.type} record stands at ${name}, only ${there}; publish ${record.type} ${record.record} there`;
	return [{ kind: "other-type", text }];
}

interface Standing {
	type: QueryType;
	values: readonly string[];
}

/** What is at the record's name: a CNAME alone, else values of its own type, else those of others. */
async function findStanding(record: DnsRecord, ask: Question): Promise<Standing[]> {
	const name = canonicalName(record.address);
	const own = await ask(name, record.type);
	if (judge(record, own).state === "found") return [];
	const alias = record.type === "CNAME" ? own : await ask(name, "CNAME");
	// Other types are those of its target.
	if (alias.kind === "found" && !sameName(alias.values[0] ?? "", name))
		return [{ type: "CNAME", values: alias.values }];
	if (own.kind === "found") return [{ type: record.type, values: own.values }];
	if (own.kind === "none" && own.reason === "NXDOMAIN") return [];
	const others = OTHER_TYPES.filter((type) => type !== record.type).map((type) => ({ type, values: [] }));
	return answersAt(name, others, ask);
}

/** The values of these types at a name, where there are any. */
async function answersAt(name: string, sets: readonly Standing[], ask: Question): Promise<Standing[]> {
	const answers = await Promise.all(sets.map(async ({ type }) => ({ type, answer: await ask(name, type) })));
	return answers.flatMap(({ type, answer }) =>
		answer.kind === "found" ? [{ type, values: answer.values }] : [],
	);
}

const sameAnswer = (a: Standing, b: Standing) =>
	a.type === b.type && [...a.values].sort().join("\n") === [...b.values].sort().join("\n");

function wildcard(record: DnsRecord, standing: readonly Standing[]): Finding {
	const name = canonicalName(record.address);
	const text = `no record stands at ${name}: a wildcard answers there (${described(standing)}), as it does for a made-up name beside it; a record at the name wins over it, so leave it and publish ${record.type} ${record.record} at the name`;
	return { kind: "wildcard", text };
}

/** A CNAME's target or an exchanger, in a record of another type. */
function isValueOf({ type, record }: DnsRecord, value: string): boolean {
	if (type === "TXT") return sameName(value, record);
	const host = type === "MX" ? parseMx(record)?.host : record;
	return host !== undefined && [value, parseMx(value)?.host ?? value].some((each) => sameName(each, host));
}

const SHOWN_VALUES = 3;

/** `A 192.0.2.1, 192.0.2.2; TXT "hello"` */
const described = (sets: readonly Standing[]) =>
	sets
		.map(({ type, values }) => {
			const shown = values.slice(0, SHOWN_VALUES).map((value) => (type === "TXT" ? `“${value}”` : value));
			const more = values.length > SHOWN_VALUES ? ` and ${values.length - SHOWN_VALUES} more` : "";
			return `${type} ${shown.join(", ")}${more}`;
		})
		.join("; ");
