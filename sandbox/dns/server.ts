import { createSocket, type Socket as UdpSocket } from "node:dgram";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";

export type Answerer = (packet: Buffer, transport: "udp" | "tcp") => Promise<Buffer | undefined>;

export interface DnsServer {
	/** `127.0.0.1:<port>`, UDP and TCP. */
	readonly address: string;
	close(): Promise<void>;
}

const host = "127.0.0.1";

/** Serves DNS on 127.0.0.1, on one free port for UDP and TCP unless one is given. */
export async function serveDns(answer: Answerer, port = 0): Promise<DnsServer> {
	const { tcp, udp } = await bindPair(port);
	const sockets = new Set<Socket>();
	tcp.on("connection", (socket) => {
		sockets.add(socket);
		socket.once("close", () => sockets.delete(socket));
		socket.on("error", () => socket.destroy());
		answerStream(socket, answer);
	});
	udp.on("message", (packet, sender) => {
		answer(packet, "udp")
			.then((response) => response && udp.send(response, sender.port, sender.address))
			// A datagram that cannot be answered, or whose server has closed meanwhile, is lost as any may be.
			.catch(() => undefined);
	});
	return {
		address: `${host}:${udp.address().port}`,
		async close() {
			const closed = Promise.all([once(tcp, "close"), once(udp, "close")]);
			tcp.close();
			udp.close();
			for (const socket of sockets) socket.destroy();
			await closed;
		},
	};
}

/** A port that is free for TCP may be taken for UDP: another one is tried then. */
async function bindPair(port: number, triesLeft = 20): Promise<{ tcp: Server; udp: UdpSocket }> {
	const tcp = createServer();
	tcp.listen(port, host);
	await once(tcp, "listening");
	const udp = createSocket("udp4");
	udp.bind((tcp.address() as AddressInfo).port, host);
	try {
		await once(udp, "listening");
		return { tcp, udp };
	} catch (error) {
		udp.close();
		tcp.close();
		if (port !== 0 || triesLeft === 0) throw error;
		return bindPair(port, triesLeft - 1);
	}
}

/** Messages over TCP follow each other, each after its length in two octets (RFC 1035, 4.2.2). */
function answerStream(socket: Socket, answer: Answerer): void {
	let received = Buffer.alloc(0);
	socket.on("data", (chunk) => {
		received = Buffer.concat([received, chunk]);
		while (received.length >= 2 && received.length >= 2 + received.readUInt16BE(0)) {
			const end = 2 + received.readUInt16BE(0);
			const packet = received.subarray(2, end);
			received = received.subarray(end);
			answer(packet, "tcp")
				.then((response) => {
					if (!response) return socket.destroy();
					const length = Buffer.alloc(2);
					length.writeUInt16BE(response.length);
					return socket.write(Buffer.concat([length, response]));
				})
				.catch(() => socket.destroy());
		}
	});
}
