import { crowded } from "./alone.js";
import type { Answer, Ask } from "./answer.js";
import type { AuthoritativeServer } from "./delegation.js";
import { canonicalName } from "./names.js";
import type { DnsRecord } from "./records.js";
import { type Answers, answersOf, type Picture, pictureOf, type ServerCheck } from "./standing.js";
import { dmarcPolicies, isDmarc, isNullMx, sameText } from "./values.js";

/** What all authoritative servers say of a record. `standing.ts` has what follows from it for whom. */
export interface RecordCheck extends Answers {
	record: DnsRecord;
	/** {@link pictureOf} it. */
	state: Picture;
	/** The values found instead or as well, each once. */
	found: string[];
	/** Why no server could be asked. */
	reason?: string;
}

/** So many addresses of one server are tried before it counts as failed. */
const ADDRESSES_PER_SERVER = 3;

interface Place {
	/** The zone that these servers are to serve; undefined for servers that were given. */
	zone?: string;
	/** Why a "no" of theirs need not be one: another zone may begin between `zone` and the record. A clause. */
	doubt?: string | undefined;
}

/** Asks every server for a record. */
export async function checkAtServers(
	record: DnsRecord,
	servers: readonly AuthoritativeServer[],
	ask: Ask,
	{ zone, doubt }: Place = {},
): Promise<RecordCheck> {
	const name = canonicalName(record.address);
	const checks = await Promise.all(
		servers.map(async ({ name: server, addresses, problem }): Promise<ServerCheck> => {
			if (addresses.length === 0)
				return { server, state: "failed", found: [], reason: problem ?? "its name resolves to no address" };
			const [address, answer] = await askServer(name, record.type, addresses, ask);
			const hasNothing = answer.kind === "none" && answer.reason === "NODATA";
			if (hasNothing && doubt !== undefined) return { server, state: "failed", found: [], reason: doubt };
			const unfit = hasNothing && zone !== undefined ? await whyUnfit(zone, address, ask) : undefined;
			if (unfit !== undefined) return { server, state: "failed", found: [], reason: unfit };
			return { server, ...judge(record, answer) };
		}),
	);
	const checked = recordCheck(record, { servers: checks });
	// One reason, rather than the same from each server.
	return doubt !== undefined && checked.state === "failed" ? recordCheck(record, { reason: doubt }) : checked;
}

/** What a server says, at the first of its addresses that answers. The others are asked at once, to wait once. */
async function askServer(
	name: string,
	type: DnsRecord["type"],
	[first = "", ...others]: readonly string[],
	ask: Ask,
): Promise<[address: string, Answer]> {
	const answer = await ask(name, type, first);
	if (answer.kind !== "failed") return [first, answer];
	const more = others.slice(0, ADDRESSES_PER_SERVER - 1);
	const answers = await Promise.all(more.map(async (each) => [each, await ask(name, type, each)] as const));
	const [address, better] = answers.find(([, each]) => each.kind !== "failed") ?? [first, answer];
	return [address, better];
}

/**
 * Why a server that has nothing at a name says nothing by that: it may know nothing of the zone that it is to serve.
 * Node shows its referral elsewhere as NODATA; at the apex of a zone that it serves there are NS and SOA records (RFC
 * 1034, 4.2.1).
 */
async function whyUnfit(zone: string, address: string, ask: Ask): Promise<string | undefined> {
	const answers = await Promise.all([ask(zone, "SOA", address), ask(zone, "NS", address)]);
	if (answers.some(({ kind }) => kind === "found")) return undefined;
	for (const answer of answers) if (answer.kind === "failed" && answer.silent) return answer.reason;
	const knowsNothing = answers.every((answer) => answer.kind === "none" && answer.reason === "NODATA");
	return knowsNothing ? `it does not serve ${zone}` : undefined;
}

/** A check, from what each server said, or from why none could be asked. */
export function recordCheck(
	record: DnsRecord,
	{ servers = [], uncovered = false, reason }: Partial<Pick<RecordCheck, "servers" | "uncovered" | "reason">>,
): RecordCheck {
	const answers = answersOf(servers, uncovered);
	return {
		record,
		...answers,
		state: pictureOf(answers),
		found: [...new Set(servers.flatMap(({ found }) => found))],
		...(reason !== undefined && { reason }),
	};
}

/** Whether an answer has the record. */
export function judge(record: DnsRecord, answer: Answer): Omit<ServerCheck, "server"> {
	if (answer.kind === "failed") return { state: "failed", found: [], reason: answer.reason };
	if (answer.kind === "none") return { state: "missing", found: [], reason: answer.reason };
	const found = answer.values;
	const problem = mismatch(record, found);
	return problem === undefined ? { state: "found", found } : { ...problem, found };
}

function mismatch(
	record: DnsRecord,
	found: readonly string[],
): { state: "missing" | "different"; reason: string } | undefined {
	if (record.type === "TXT" && isDmarc(record.record)) {
		const policies = dmarcPolicies(found);
		if (policies.length === 0) return { state: "missing", reason: "no DMARC policy" };
		// Two policies are as good as none (RFC 7489, 6.6.3); other texts at the name do not count.
		if (policies.length > 1)
			return {
				state: "different",
				reason: `${policies.length} DMARC policies, of which receivers heed none`,
			};
	}
	if (record.type === "MX" && found.some(isNullMx))
		return { state: "different", reason: "a null MX, which says that the domain takes no mail" };
	const crowd = crowded(record, found);
	if (crowd !== undefined) return crowd;
	return found.some((value) => sameText(record.type, value, record.record))
		? undefined
		: { state: "different", reason: record.type === "TXT" ? "another text" : "another value" };
}
