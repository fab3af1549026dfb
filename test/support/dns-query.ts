import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import {
	type Answer,
	type DecodedPacket,
	decode,
	encode,
	RECURSION_DESIRED,
	type RecordType,
	streamDecode,
	streamEncode,
} from "dns-packet";

export interface QueryOptions {
	readonly transport?: "udp" | "tcp";
	/** Offers EDNS with this UDP size. */
	readonly udpSize?: number;
	/** Milliseconds; default 2000. */
	readonly timeoutMs?: number;
}

/** The whole answer of a DNS server (`ip:port`) as it came over the wire. */
export async function dnsQuery(
	server: string,
	name: string,
	type: RecordType,
	{ transport = "udp", udpSize, timeoutMs = 2_000 }: QueryOptions = {},
): Promise<DecodedPacket> {
	const opt: Answer[] =
		udpSize === undefined
			? []
			: [
					{
						type: "OPT",
						name: ".",
						udpPayloadSize: udpSize,
						extendedRcode: 0,
						ednsVersion: 0,
						flags: 0,
						flag_do: false,
						options: [],
					},
				];
	const packet = {
		type: "query" as const,
		id: 4711,
		flags: RECURSION_DESIRED,
		questions: [{ name, type }],
		additionals: opt,
	};
	return transport === "udp"
		? decode(await exchange(server, encode(packet), timeoutMs))
		: exchangeStream(server, streamEncode(packet), timeoutMs);
}

/** One datagram there, one back. */
export async function exchange(server: string, message: Buffer, timeoutMs = 2_000): Promise<Buffer> {
	const [host, port] = split(server);
	const socket = createSocket("udp4");
	try {
		socket.send(message, port, host);
		const [answer] = (await once(socket, "message", { signal: AbortSignal.timeout(timeoutMs) })) as [Buffer];
		return answer;
	} finally {
		socket.close();
	}
}

async function exchangeStream(server: string, message: Buffer, timeoutMs: number): Promise<DecodedPacket> {
	const [host, port] = split(server);
	const socket = connect(port, host);
	try {
		socket.write(message);
		let received = Buffer.alloc(0);
		for await (const chunk of socket.setTimeout(timeoutMs, () =>
			socket.destroy(new Error("no answer in time")),
		)) {
			received = Buffer.concat([received, chunk as Buffer]);
			if (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
				return streamDecode(received) as DecodedPacket;
			}
		}
		throw new Error("the server closed the connection without an answer");
	} finally {
		socket.destroy();
	}
}

function split(server: string): [string, number] {
	const colon = server.lastIndexOf(":");
	return [server.slice(0, colon), Number(server.slice(colon + 1))];
}
