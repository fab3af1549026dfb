import { isIP } from "node:net";

const DNS_PORT = 53;

/**
 * Reads a list of DNS servers, `ip[:port]` separated by commas; an IPv6 address with a port stands in brackets.
 * @returns each as `ip:port` or `[ip]:port`, in order, each once
 * @throws Error naming the entry that is none
 */
export function parseServers(text: string): string[] {
	return [...new Set(text.split(",").map((entry) => parseServer(entry.trim())))];
}

function parseServer(entry: string): string {
	if (isIP(entry) !== 0) return formatServer(entry);
	const { v4, v6, port } = /^(?:\[(?<v6>.*)\]|(?<v4>[^:]*))(?::(?<port>\d{1,5}))?$/.exec(entry)?.groups ?? {};
	const address = v6 ?? v4 ?? "";
	const number = port === undefined ? DNS_PORT : Number(port);
	if (isIP(address) !== (v6 === undefined ? 4 : 6) || number < 1 || number > 65_535)
		throw new Error(
			`${JSON.stringify(entry)} is no DNS server; give IP addresses, each with a port (1 to 65535) where it is ` +
				`not ${DNS_PORT}, separated by commas: 192.0.2.53,192.0.2.54:5353,[2001:db8::53]:5353`,
		);
	return formatServer(address, number);
}

/** An address and port as `node:dns` takes them. */
export function formatServer(address: string, port = DNS_PORT): string {
	return isIP(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The two halves of a server, `ip[:port]`. @throws Error if it is none */
export function splitServer(server: string): { address: string; port: number } {
	const [, address = "", port] = /^\[?(.*?)\]?:(\d+)$/.exec(parseServer(server)) ?? [];
	return { address, port: Number(port) };
}
