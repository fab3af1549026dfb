/**
 * What the answers of several servers mean, for each who asks: who has the record, who lacks it, who did not answer.
 */
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

/** Who has a record, who lacks it, and who did not say. */
export interface Answers {
	/** In the order in which they were named. */
	servers: readonly ServerCheck[];
	/** Names of the servers that have it. */
	has: string[];
	/** Those that have no such record, or another value. */
	lacks: string[];
	/** Those that gave no usable answer. */
	silent: string[];
	/** No zone in the live DNS covers the name: nobody has the record, and there is no server to ask. */
	uncovered: boolean;
}

/**
 * `found`: some server has it, and none that answers lacks it. `missing`, `different`: none has it, and some lack it
 * (some server has another value). `partial`: some have it, others definitely not. `failed`: nobody answered. Servers
 * that did not answer take nothing away from those that did: resolvers pass them over (RFC 1035, 7.2), and so does
 * Amazon SES.
 */
export type Picture = "found" | "missing" | "different" | "partial" | "failed";

export function answersOf(servers: readonly ServerCheck[], uncovered = false): Answers {
	const named = (...states: ServerCheck["state"][]) =>
		servers.filter(({ state }) => states.includes(state)).map(({ server }) => server);
	return {
		servers,
		has: named("found"),
		lacks: named("missing", "different"),
		silent: named("failed"),
		uncovered,
	};
}

/** For a wait, before the API is asked: some server has it, and none that answers lacks it. */
export function isFound({ has, lacks }: Answers): boolean {
	return has.length > 0 && lacks.length === 0;
}

/** For a wait that cannot see: nobody answered. */
export function isUnknown({ has, lacks, uncovered }: Answers): boolean {
	return has.length === 0 && lacks.length === 0 && !uncovered;
}

/** For the service's flag; undefined leaves it as it was. */
export function isPublished(check: Answers): boolean | undefined {
	return isUnknown(check) ? undefined : isFound(check);
}

/** For a person who is told what is wrong: `channels doctor`, and the reasons of a wait. */
export function pictureOf(check: Answers): Picture {
	if (isFound(check)) return "found";
	if (isUnknown(check)) return "failed";
	if (check.has.length > 0) return "partial";
	return check.servers.some(({ state }) => state === "different") ? "different" : "missing";
}
