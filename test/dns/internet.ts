import type { Ask } from "../../dns/answer.js";
import { createLookups, type Lookups, type LookupsOptions } from "../../dns/index.js";
import { a, ns, type Question, type Reply, startDnsServer, type TestDnsServer, zone } from "./server.js";

type Sets = Parameters<typeof zone>[0];
type Content = Sets | "silence" | ((question: Question) => Reply);

const serve = (content: Content) => {
	if (typeof content === "function") return startDnsServer(content);
	return startDnsServer(content === "silence" ? () => "silence" : zone(content));
};

/** A name server that answers nothing and listens nowhere. */
const NOWHERE = "127.0.0.1:1";

/**
 * A small internet: a recursive resolver, and authoritative servers at the addresses that the look-ups
 * believe to be 192.0.2.n, each a real server on loopback. The one at `*` is at every other address.
 */
export async function internet(
	recursive: Content,
	authoritative: Record<string, Content>,
	options: LookupsOptions = {},
) {
	const resolver = await serve(recursive);
	const servers = new Map<string, TestDnsServer>();
	for (const [address, sets] of Object.entries(authoritative))
		servers.set(`${address}:53`, await serve(sets));
	const sockets = createLookups({ timeoutMs: 300, tries: 1 });
	const network: NonNullable<LookupsOptions["ask"]> = (name, type, { server, signal }) => {
		const target = server === undefined ? resolver : (servers.get(server) ?? servers.get("*:53"));
		return sockets.query(name, type, { server: target?.address ?? NOWHERE, signal });
	};
	const lookups: Lookups = createLookups({ ...options, ask: network });
	const ask: Ask = (name, type, server) => lookups.query(name, type, server === undefined ? {} : { server });
	return {
		ask,
		lookups,
		/** The way to all of these servers, for look-ups made elsewhere. */
		network,
		resolver,
		/** Those at the addresses, in the order given. */
		servers: [...servers.values()],
		async [Symbol.asyncDispose]() {
			for (const server of [resolver, ...servers.values()]) await server[Symbol.asyncDispose]();
		},
	};
}

/** What a server was asked, as `NAME TYPE`. */
export const asked = (server: TestDnsServer) => server.questions.map(({ name, type }) => `${name} ${type}`);

/** What the resolver knows of the top-level domain, whose server is 192.0.2.1. */
export const com: Sets = {
	"com NS": [ns("com", "a.gtld.test")],
	"a.gtld.test A": [a("a.gtld.test", "192.0.2.1")],
};

/** What the resolver knows of a domain whose servers are 192.0.2.2 and 192.0.2.3. */
export const acme: Sets = {
	...com,
	"acme.com NS": [ns("acme.com", "ns2.acme.test"), ns("acme.com", "NS1.acme.test")],
	"ns1.acme.test A": [a("ns1.acme.test", "192.0.2.2")],
	"ns2.acme.test A": [a("ns2.acme.test", "192.0.2.3")],
};

/** What the top-level domain's server says. */
export const gtld: Sets = { "acme.com NS": { referral: [ns("acme.com", "ns1.acme.test")] } };
