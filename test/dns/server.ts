import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import * as packet from "dns-packet";

export interface Question {
	name: string;
	type: string;
	/** Whether it came over TCP. */
	tcp: boolean;
}

/** What the server does with a question: answers, a referral, an error code, or nothing at all. */
export type Reply =
	| { answers: packet.Answer[] }
	| { referral: packet.Answer[] }
	| { rcode: "NXDOMAIN" | "SERVFAIL" | "NOTIMP" | "REFUSED" }
	| "NODATA"
	| "silence";

export interface TestDnsServer extends AsyncDisposable {
	/** `127.0.0.1:port`, for UDP and TCP alike. */
	address: string;
	questions: Question[];
}

const RCODES = { SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 };
const MAX_UDP = 512;

/** A DNS server on a free loopback port that answers with real packets, truncated over UDP where they are long. */
export async function startDnsServer(reply: (question: Question) => Reply): Promise<TestDnsServer> {
	const questions: Question[] = [];
	const sockets = new Set<Socket>();

	function answer(query: Buffer, tcp: boolean): Buffer | undefined {
		const { id, questions: asked } = packet.decode(query);
		const [question] = asked ?? [];
		if (question === undefined) return undefined;
		const seen = { name: question.name, type: question.type, tcp };
		questions.push(seen);
		const outcome = reply(seen);
		if (outcome === "silence") return undefined;
		const empty = { type: "response" as const, id: id ?? 0, questions: asked ?? [] };
		if (outcome === "NODATA") return packet.encode({ ...empty, flags: packet.AUTHORITATIVE_ANSWER });
		if ("rcode" in outcome) return packet.encode({ ...empty, flags: RCODES[outcome.rcode] });
		if ("referral" in outcome) return packet.encode({ ...empty, flags: 0, authorities: outcome.referral });
		const full = packet.encode({
			...empty,
			flags: packet.AUTHORITATIVE_ANSWER,
			answers: outcome.answers,
		});
		if (tcp || full.length <= MAX_UDP) return full;
		return packet.encode({ ...empty, flags: packet.AUTHORITATIVE_ANSWER | packet.TRUNCATED_RESPONSE });
	}

	const tcp = createServer((socket) => {
		sockets.add(socket);
		socket.on("error", () => {}).on("close", () => sockets.delete(socket));
		let pending = Buffer.alloc(0);
		socket.on("data", (data: Buffer) => {
			pending = Buffer.concat([pending, data]);
			while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
				const length = pending.readUInt16BE(0);
				const response = answer(pending.subarray(2, 2 + length), true);
				pending = pending.subarray(2 + length);
				if (response === undefined) continue;
				const prefix = Buffer.alloc(2);
				prefix.writeUInt16BE(response.length);
				socket.write(Buffer.concat([prefix, response]));
			}
		});
	});
	const udp = createSocket("udp4");
	udp.on("message", (query, from) => {
		const response = answer(query, false);
		if (response !== undefined) udp.send(response, from.port, from.address);
	});
	const port = await listenOnOnePort(udp, tcp);

	return {
		address: `127.0.0.1:${port}`,
		questions,
		async [Symbol.asyncDispose]() {
			for (const socket of sockets) socket.destroy();
			const closed = Promise.all([once(udp, "close"), once(tcp, "close")]);
			udp.close();
			tcp.close();
			await closed;
		},
	};
}

async function listenOnOnePort(
	udp: ReturnType<typeof createSocket>,
	tcp: ReturnType<typeof createServer>,
): Promise<number> {
	for (;;) {
		tcp.listen(0, "127.0.0.1");
		await once(tcp, "listening");
		const address = tcp.address();
		if (address === null || typeof address === "string") throw new Error("no port");
		try {
			await new Promise<void>((resolve, reject) => {
				udp.once("error", reject);
				udp.bind(address.port, "127.0.0.1", () => {
					udp.off("error", reject);
					resolve();
				});
			});
			return address.port;
		} catch {
			// Someone else's UDP socket has that number; take another.
			tcp.close();
			await once(tcp, "close");
		}
	}
}

/** A table of record sets, `NAME TYPE` to answers, as the content of one server. */
export function zone(sets: Record<string, packet.Answer[] | Reply>): (question: Question) => Reply {
	const names = new Set(Object.keys(sets).map((key) => key.split(" ")[0]));
	return ({ name, type }) => {
		const found = sets[`${name.toLowerCase()} ${type}`] ?? sets[`${name.toLowerCase()} *`];
		if (Array.isArray(found)) return { answers: found };
		return found ?? (names.has(name.toLowerCase()) ? "NODATA" : { rcode: "NXDOMAIN" });
	};
}

export const txt = (name: string, ...data: string[]): packet.Answer => ({ name, type: "TXT", data });
export const ns = (name: string, data: string): packet.Answer => ({ name, type: "NS", data });
export const a = (name: string, data: string): packet.Answer => ({ name, type: "A", data });
export const cname = (name: string, data: string): packet.Answer => ({ name, type: "CNAME", data });
export const mx = (name: string, preference: number, exchange: string): packet.Answer => ({
	name,
	type: "MX",
	data: { preference, exchange },
});
