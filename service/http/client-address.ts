import { isIP, isIPv4, SocketAddress } from "node:net";

/**
 * The address of the client behind a request. Each proxy adds to X-Forwarded-For who it has the request from, so of
 * that list and the peer the last ones are told by trusted proxies, and all before them by anybody (MDN,
 * "X-Forwarded-For", "Selecting an IP address").
 * @param peer who the connection is from
 * @param trustedProxies how many proxies there are before the service; 0 believes nobody
 */
export function clientAddress(
	peer: string,
	forwardedFor: string | undefined,
	trustedProxies: number,
): string {
	const path = [...(forwardedFor ?? "").split(",").map(withoutPort), peer];
	const told = path.at(-1 - trustedProxies) ?? path[0];
	return told !== undefined && isIP(told) !== 0 ? told : peer;
}

/** Some proxies add a port, and brackets to an IPv6 address. */
function withoutPort(text: string): string {
	const trimmed = text.trim();
	return /^\[(.+)\](?::\d+)?$/.exec(trimmed)?.[1] ?? /^([\d.]+):\d+$/.exec(trimmed)?.[1] ?? trimmed;
}

/**
 * Whose an address is: a subscriber has all of an IPv6 network of 64 bits (RFC 4291, section 2.5.1), and can come from
 * another address of it every time.
 */
export function subscriberOf(address: string): string {
	const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
	if (mapped !== undefined) return mapped;
	if (isIPv4(address)) return address;
	const groups = new SocketAddress({ family: "ipv6", address: address.split("%")[0] }).address.split("::");
	const [head = [], tail = []] = groups.map((part) => part.split(":").filter(Boolean));
	const zeros = groups.length === 2 ? Array(8 - head.length - tail.length).fill("0") : [];
	return `${[...head, ...zeros, ...tail].slice(0, 4).join(":")}::/64`;
}
