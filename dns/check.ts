import type { Ask, AuthoritativeServer } from "./delegation.js";
import { canonicalName } from "./names.js";
import type { Answer } from "./query.js";
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

/** Asks every server for a record. */
export async function checkAtServers(
	record: DnsRecord,
	servers: readonly AuthoritativeServer[],
	ask: Ask,
): Promise<RecordCheck> {
	const name = canonicalName(record.address);
	const checks = await Promise.all(
		servers.map(async (server): Promise<ServerCheck> => {
			let answer: Answer = { kind: "failed", reason: "its name resolves to no address" };
			for (const address of server.addresses.slice(0, ADDRESSES_PER_SERVER)) {
				answer = await ask(name, record.type, address);
				if (answer.kind !== "failed") break;
			}
			return { server: server.name, ...judge(record, answer) };
		}),
	);
	return recordCheck(record, { servers: checks });
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
	return found.some((value) => sameText(record.type, value, record.record))
		? undefined
		: { state: "different", reason: record.type === "TXT" ? "another text" : "another value" };
}
