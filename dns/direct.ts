import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";
import type { Answer } from "./answer.js";
import { answersTo, decodeAnswer, decodeReferral, encodeQuestion, type PacketType } from "./packets.js";
import { splitServer } from "./servers.js";

export interface DirectOptions {
	/** Milliseconds for one try. */
	timeoutMs: number;
	tries: number;
	signal?: AbortSignal | undefined;
}

/**
 * The name servers to which a server of the zone above refers for a name (RFC 1034, 4.3.2): what a registrar has
 * entered. Node's resolver, which is for answers, shows a referral as none.
 * @param server `ip:port`
 * @throws the signal's reason when it aborts
 */
export function askReferral(name: string, server: string, options: DirectOptions): Promise<Answer> {
	return exchange(name, "NS", server, options, (message) => decodeReferral(message, name));
}

/**
 * One question of one server, for a name that Node's resolver refuses: it takes those of hosts alone, and DNS carries
 * any (RFC 2181, 11).
 * @param server `ip:port`
 * @throws the signal's reason when it aborts
 */
export function askDirectly(
	name: string,
	type: PacketType,
	server: string,
	options: DirectOptions,
): Promise<Answer> {
	return exchange(name, type, server, options, (message) => decodeAnswer(message, type));
}

/** The name is none that DNS can carry. */
export const NO_NAME: Answer = { kind: "failed", reason: "not a name that DNS can carry" };

async function exchange(
	name: string,
	type: PacketType,
	server: string,
	{ timeoutMs, tries, signal }: DirectOptions,
	decode: (message: Buffer) => Answer,
): Promise<Answer> {
	signal?.throwIfAborted();
	const id = Math.floor(Math.random() * 0x10000);
	const query = encodeQuestion(name, type, id);
	if (query === undefined) return NO_NAME;
	const { address, port } = splitServer(server);
	const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
	try {
		return await new Promise<Answer>((resolve, reject) => {
			const silent = (reason: string) => resolve({ kind: "failed", reason, silent: true });
			let sent = 0;
			const send = () => {
				if (sent === tries) silent(`no answer within ${(timeoutMs * tries) / 1000} s`);
				else socket.send(query);
				sent += 1;
			};
			const pace = setInterval(send, timeoutMs);
			const abort = () => reject(signal?.reason);
			signal?.addEventListener("abort", abort, { once: true });
			socket.on("close", () => {
				clearInterval(pace);
				signal?.removeEventListener("abort", abort);
			});
			socket.on("error", () => silent("nothing listens there"));
			socket.on("message", (message) => {
				if (answersTo(message, id)) resolve(decode(message));
			});
			// Connected, so that only this server's packets arrive, and a refusal shows.
			socket.connect(port, address, send);
		});
	} finally {
		socket.close();
	}
}
