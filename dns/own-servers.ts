import { MAX_SERVERS } from "./bounds.js";
import { addressesOf } from "./delegation.js";
import { canonicalName } from "./names.js";
import type { LookupOptions, Lookups } from "./resolver.js";

/** A loopback address is that of every machine, and tells none from another. */
const isSomebodys = (address: string) => !/^(?:127\.|\[::1\])/.test(address);

/**
 * Which of these name servers are a zone's own, by name or by address: vanity name servers have other names for the
 * same machines. Of others it is found out by address for the first 13.
 * @param own the zone's name servers.
 * @throws the signal's reason when it aborts
 */
export async function findOwnServers(
	own: readonly string[],
	servers: readonly string[],
	lookups: Pick<Lookups, "query">,
	options: LookupOptions = {},
): Promise<(server: string) => boolean> {
	const names = new Set(own.map(canonicalName));
	const others = [...new Set(servers.map(canonicalName))].filter((server) => !names.has(server));
	const addresses = async (host: string) =>
		(await addressesOf(host, (name, type) => lookups.query(name, type, options))).filter(isSomebodys);
	const theirs =
		others.length > 0 ? new Set((await Promise.all([...names].map(addresses))).flat()) : undefined;
	await Promise.all(
		others.slice(0, MAX_SERVERS).map(async (host) => {
			if ((await addresses(host)).some((address) => theirs?.has(address))) names.add(host);
		}),
	);
	return (server) => names.has(canonicalName(server));
}
