import type { Ask, AuthoritativeServer } from "./delegation.js";
import { canonicalName } from "./names.js";
import type { Answer } from "./query.js";
import { type DnsRecord, isDmarc, isNullMx, sameValue } from "./records.js";

/** What one authoritative server says of a record. */
export interface ServerCheck {
	/** The server's host name, or its `ip:port` where the servers are given. */
	server: string;
	state: "found" | "missing" | "different" | "failed";
	/** The values of the record's type that stand at its name there. */
	found: string[];
	/** Why it failed, or what is wrong with what was found. */
	reason?: string;
}

/** What all authoritative servers say of a record. */
export interface RecordCheck {
	record: DnsRecord;
	/**
	 * `found`: every server has it. `missing`, `different`: none has it (some server has another value).
	 * `partial`: some have it, others definitely not. `failed`: it is missing nowhere, but some server gave no answer.
	 */
	state: "found" | "missing" | "different" | "partial" | "failed";
	/** The values found instead or as well, each once. */
	found: string[];
	servers: ServerCheck[];
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
	return {
		record,
		state: overall(checks.map((check) => check.state)),
		found: [...new Set(checks.flatMap((check) => check.found))],
		servers: checks,
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
	if (record.type === "TXT") {
		// Two policies are as good as none (RFC 7489, 6.6.3); other texts at the name do not count.
		const rivals = isDmarc(record.record) ? found.filter(isDmarc) : found;
		if (isDmarc(record.record) && rivals.length === 0) return { state: "missing", reason: "no DMARC policy" };
		if (isDmarc(record.record) && rivals.length > 1)
			return { state: "different", reason: `${rivals.length} DMARC policies, of which receivers heed none` };
		return rivals.includes(record.record) ? undefined : { state: "different", reason: "another text" };
	}
	if (record.type === "MX" && found.some(isNullMx))
		return { state: "different", reason: "a null MX, which says that the domain takes no mail" };
	return found.some((value) => sameValue(record.type, value, record.record))
		? undefined
		: { state: "different", reason: "another value" };
}

function overall(states: readonly ServerCheck["state"][]): RecordCheck["state"] {
	const some = (state: ServerCheck["state"]) => states.includes(state);
	const lacking = some("missing") || some("different");
	if (some("found") && lacking) return "partial";
	if (some("different")) return "different";
	if (some("missing")) return "missing";
	return some("failed") || states.length === 0 ? "failed" : "found";
}
