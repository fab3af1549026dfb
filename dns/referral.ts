import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";
import type { Answer } from "./answer.js";
import { canonicalName } from "./names.js";

const NS = 2;
const HEADER_BYTES = 12;
/** How often a name may point back before it counts as endless. */
const MAX_POINTERS = 32;

export interface ReferralOptions {
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
export async function askReferral(
	name: string,
	server: string,
	{ timeoutMs, tries, signal }: ReferralOptions,
): Promise<Answer> {
	signal?.throwIfAborted();
	const query = encodeQuestion(name);
	if (query === undefined) return { kind: "failed", reason: "not a name that DNS can carry" };
	const [, host = "", port] = /^\[?(.*?)\]?:(\d+)$/.exec(server) ?? [];
	const socket = createSocket(isIPv6(host) ? "udp6" : "udp4");
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
				if (message.length >= HEADER_BYTES && message.readUInt16BE(0) === query.readUInt16BE(0))
					resolve(decodeReferral(message, name));
			});
			// Connected, so that only this server's packets arrive, and a refusal shows.
			socket.connect(Number(port), host, send);
		});
	} finally {
		socket.close();
	}
}

/** A question for NS records, without recursion; undefined if DNS cannot carry the name (RFC 1035, 4.1). */
function encodeQuestion(name: string): Buffer | undefined {
	const labels = canonicalName(name)
		.split(".")
		.map((label) => Buffer.from(label));
	if (labels.some(({ length }) => length === 0 || length > 63)) return undefined;
	const header = Buffer.alloc(HEADER_BYTES);
	header.writeUInt16BE(Math.floor(Math.random() * 0x10000), 0);
	header.writeUInt16BE(1, 4);
	const encoded = labels.flatMap((label) => [Buffer.of(label.length), label]);
	return Buffer.concat([header, ...encoded, Buffer.of(0, 0, NS, 0, 1)]);
}

/** The NS records of exactly this name, from the answer or the referral. */
function decodeReferral(message: Buffer, name: string): Answer {
	const code = message.readUInt16BE(2) & 0xf;
	if (code === 3) return { kind: "none", reason: "NXDOMAIN" };
	if (code !== 0)
		return { kind: "failed", reason: code === 2 ? "SERVFAIL" : code === 5 ? "REFUSED" : `RCODE ${code}` };
	const values: string[] = [];
	try {
		let at = HEADER_BYTES;
		for (let questions = message.readUInt16BE(4); questions > 0; questions -= 1)
			at = readName(message, at).end + 4;
		const records = message.readUInt16BE(6) + message.readUInt16BE(8);
		for (let index = 0; index < records; index += 1) {
			const owner = readName(message, at);
			const data = owner.end + 10;
			const isNs = message.readUInt16BE(owner.end) === NS && owner.name === canonicalName(name);
			if (isNs) values.push(readName(message, data).name);
			at = data + message.readUInt16BE(owner.end + 8);
		}
	} catch (error) {
		// Cut short: what was read stands.
		if (!(error instanceof RangeError)) throw error;
	}
	return values.length > 0 ? { kind: "found", values } : { kind: "none", reason: "NODATA" };
}

/** A name, with its compression undone (RFC 1035, 4.1.4). @throws RangeError beyond the end of the message */
function readName(message: Buffer, start: number): { name: string; end: number } {
	const labels: string[] = [];
	let end: number | undefined;
	let at = start;
	for (let pointers = 0; ; ) {
		const length = message.readUInt8(at);
		if (length >= 0xc0) {
			end ??= at + 2;
			at = message.readUInt16BE(at) & 0x3fff;
			pointers += 1;
			if (pointers > MAX_POINTERS) throw new RangeError("a name without an end");
			continue;
		}
		if (length === 0) return { name: canonicalName(labels.join(".")), end: end ?? at + 1 };
		labels.push(message.toString("latin1", at + 1, at + 1 + length));
		at += 1 + length;
	}
}
