import { Resolver } from "node:dns/promises";
import type { Answer, QueryType } from "./answer.js";
import { askDirectly, askReferral, NO_NAME } from "./direct.js";
import { canonicalName } from "./names.js";
import { isPacketType } from "./packets.js";
import { decodeText } from "./txt.js";

export interface AskOptions {
	/** `ip:port` each, tried in order; the system's resolvers without it. */
	servers?: readonly string[] | undefined;
	/** Milliseconds for the first try at one server. */
	timeoutMs: number;
	/** Tries at each server. The whole look-up ends after `tries × timeoutMs`. */
	tries: number;
	signal?: AbortSignal | undefined;
}

const READERS: Record<
	Exclude<QueryType, "REFERRAL">,
	(resolver: Resolver, name: string) => Promise<string[]>
> = {
	A: (resolver, name) => resolver.resolve4(name),
	AAAA: (resolver, name) => resolver.resolve6(name),
	NS: (resolver, name) => resolver.resolveNs(name),
	CNAME: (resolver, name) => resolver.resolveCname(name),
	MX: async (resolver, name) =>
		(await resolver.resolveMx(name)).map(
			({ priority, exchange }) => `${priority} ${spaceless(exchange) || "."}`,
		),
	// Node gives one character per byte, whatever the encoding of the text.
	TXT: async (resolver, name) =>
		(await resolver.resolveTxt(name)).map((chunks) => decodeText(Buffer.from(chunks.join(""), "latin1"))),
	SOA: async (resolver, name) => {
		const { nsname, hostmaster, serial, refresh, retry, expire, minttl } = await resolver.resolveSoa(name);
		return [[nsname, hostmaster, serial, refresh, retry, expire, minttl].join(" ")];
	},
};

/** A space that is part of a name, as a zone file has it (RFC 1035, 5.1): unlike the one that ends the priority. */
const spaceless = (name: string) => name.replaceAll(" ", "\\032");

/** What Node's resolver takes in a name. */
const HOST_CHARACTERS = /^[a-z0-9_.*-]*$/;

/**
 * One look-up. Every outcome of DNS is an {@link Answer}.
 * @throws the signal's reason, within milliseconds of an abort; nothing else
 */
export async function ask(name: string, type: QueryType, options: AskOptions): Promise<Answer> {
	const { servers, timeoutMs, tries, signal } = options;
	signal?.throwIfAborted();
	if (type === "REFERRAL") {
		const [server] = servers ?? [];
		if (server === undefined) return { kind: "failed", reason: "no server to refer" };
		return askReferral(name, server, { timeoutMs, tries, signal });
	}
	if (!HOST_CHARACTERS.test(canonicalName(name))) {
		const [server] = servers ?? [];
		if (server === undefined || !isPacketType(type)) return NO_NAME;
		return askDirectly(name, type, server, { timeoutMs, tries, signal });
	}
	// A fresh one each time: several releases of Node cache answers, "no" among them, in a resolver (nodejs/node#57636).
	const resolver = new Resolver({ timeout: timeoutMs, tries });
	if (servers !== undefined) resolver.setServers([...servers]);
	const cancel = () => resolver.cancel();
	// The resolver's own timeouts grow with each try and add up over its servers.
	const deadline = setTimeout(cancel, timeoutMs * tries);
	signal?.addEventListener("abort", cancel, { once: true });
	try {
		const values = await READERS[type](resolver, name);
		return values.length > 0 ? { kind: "found", values } : { kind: "none", reason: "NODATA" };
	} catch (error) {
		signal?.throwIfAborted();
		return outcome(error, timeoutMs * tries);
	} finally {
		clearTimeout(deadline);
		signal?.removeEventListener("abort", cancel);
	}
}

function outcome(error: unknown, deadlineMs: number): Answer {
	const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
	switch (code) {
		case "ENOTFOUND":
			return { kind: "none", reason: "NXDOMAIN" };
		case "ENODATA":
			return { kind: "none", reason: "NODATA" };
		case "ETIMEOUT":
		case "ECANCELLED":
			return { kind: "failed", reason: `no answer within ${deadlineMs / 1000} s`, silent: true };
		case "ECONNREFUSED":
			return { kind: "failed", reason: "nothing listens there", silent: true };
		case "EBADNAME":
			return NO_NAME;
		default:
			return { kind: "failed", reason: code.replace(/^E/, "") };
	}
}
