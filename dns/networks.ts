/** Which IP addresses a service may ask where strangers name them. Pure. */
import { BlockList, isIP } from "node:net";

/**
 * IPv4 that is not for the internet at large: the IANA IPv4 Special-Purpose Address Registry (RFC 6890), as far as its
 * blocks are not reachable globally, the deprecated anycast of 6to4 (RFC 7526), and multicast (RFC 5771).
 */
const SPECIAL_IPV4 = [
	"0.0.0.0/8",
	"10.0.0.0/8",
	"100.64.0.0/10",
	"127.0.0.0/8",
	"169.254.0.0/16",
	"172.16.0.0/12",
	"192.0.0.0/24",
	"192.0.2.0/24",
	"192.88.99.0/24",
	"192.168.0.0/16",
	"198.18.0.0/15",
	"198.51.100.0/24",
	"203.0.113.0/24",
	"224.0.0.0/4",
	"240.0.0.0/4",
];

/**
 * All global unicast addresses of IPv6 (RFC 4291, 2.4; IANA Internet Protocol Version 6 Address Space). Outside are
 * loopback, link-local, unique-local and multicast addresses, and those that stand for IPv4 ones: mapped, and of NAT64.
 */
const GLOBAL_IPV6 = ["2000::/3"];

/**
 * Inside, the blocks of the IANA IPv6 Special-Purpose Address Registry: protocol assignments, with Teredo among them,
 * documentation (RFC 3849, RFC 9637), and 6to4, which leads to IPv4 addresses.
 */
const SPECIAL_IPV6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

/** Addresses that a network gives its own machines: RFC 1918, RFC 6598 and RFC 4193. */
const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"];

/** Whether an address is one that a network gives its own machines, of which others may have the same. */
export const isPrivateAddress = (address: string): boolean => within(PRIVATE)(address);

/**
 * Reads a list of networks, `address/prefix` or one address, separated by commas.
 * @returns each as `address/prefix`, in order
 * @throws Error naming the entry that is none
 */
export function parseNetworks(text: string): string[] {
	return text.split(",").map((entry) => {
		const [, address = "", prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry.trim()) ?? [];
		const bits = isIP(address) === 4 ? 32 : 128;
		if (isIP(address) === 0 || Number(prefix ?? 0) > bits)
			throw new Error(
				`${JSON.stringify(entry.trim())} is no network; give addresses with the length of their prefix, separated ` +
					"by commas: 10.0.0.0/8,fd00::/8",
			);
		return `${address}/${prefix ?? bits}`;
	});
}

export interface NetworkRule {
	/** As {@link parseNetworks} gives them: these may be asked whatever they are. */
	allowed: readonly string[];
	/** The machine's own addresses. */
	own: () => readonly string[];
}

/**
 * Tells why a name server may not be asked at an address, as a clause: its network is not public, or it is the machine's
 * own. Undefined where it may.
 */
export function refuseInside({ allowed, own }: NetworkRule): (address: string) => string | undefined {
	const isAllowed = within(allowed);
	const isSpecial = within([...SPECIAL_IPV4, ...SPECIAL_IPV6]);
	const isGlobal = within(GLOBAL_IPV6);
	return (address) => {
		if (isAllowed(address)) return undefined;
		const isPublic = !isSpecial(address) && (isIP(address) === 4 || isGlobal(address));
		if (!isPublic) return `not asked: ${address} is no public address, and in no network that is allowed`;
		const isOwn = within(own().map((each) => `${each}/${isIP(each) === 4 ? 32 : 128}`));
		return isOwn(address) ? `not asked: ${address} is an address of this machine` : undefined;
	};
}

/** Whether an address is in one of the networks. What is no address is in none. */
function within(networks: readonly string[]): (address: string) => boolean {
	// Apart, as a BlockList takes IPv4 addresses and IPv6 ones that are mapped to them for the same.
	const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
	for (const network of networks) {
		const [address = "", prefix] = network.split("/");
		const family = isIP(address) === 4 ? "ipv4" : "ipv6";
		lists[family].addSubnet(address, Number(prefix), family);
	}
	return (address) => {
		const family = isIP(address) === 4 ? "ipv4" : "ipv6";
		return lists[family].check(address, family);
	};
}
