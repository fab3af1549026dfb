import type { IncomingMessage } from "node:http";
import { setImmediate } from "node:timers/promises";

/** How much longer the rest of a request is read, once the request was answered. */
const patienceMs = 2_000;
const patienceOctets = 64 * 1024 * 1024;

/**
 * Makes an answer fit for the connection it goes out on. Where the request's body was not read, a server must read all
 * of it or end the connection after the answer (RFC 9112, section 9.3), because its next octets are not a request. So
 * what has come already is dropped; where more is to come, the answer says that the connection ends, and that happens
 * once the client is done or has had its time: ended at once it would be reset, and the answer lost (section 9.6).
 * @param onEarly is told that an answer is given before the request was there.
 */
export async function settleBody(
	answer: Response,
	incoming: IncomingMessage,
	onEarly: () => void,
): Promise<Response> {
	// An answer that waited for nothing is there before the octets that came along with the head are parsed.
	if (!incoming.complete) await setImmediate();
	if (incoming.readableEnded || incoming.destroyed) return answer;
	const rest = discard(incoming);
	if (incoming.complete) {
		await rest;
		return answer;
	}
	onEarly();
	answer.headers.set("connection", "close");
	if (answer.body === null) {
		await rest;
		return answer;
	}
	const body = new Uint8Array(await answer.arrayBuffer());
	// By its length the client knows that it has the whole answer, although the connection is still open.
	answer.headers.set("content-length", String(body.length));
	const held = new ReadableStream({
		async start(controller) {
			controller.enqueue(body);
			await rest;
			controller.close();
		},
	});
	return new Response(held, answer);
}

/** Reads what a request still sends and drops it, until its end or that of the patience. */
function discard(incoming: IncomingMessage): Promise<void> {
	return new Promise((resolve) => {
		// Whoever has begun to read would keep it all, and pause.
		incoming.removeAllListeners("data");
		let octets = 0;
		const timer = setTimeout(done, patienceMs);
		function count(chunk: Buffer) {
			octets += chunk.length;
			if (octets > patienceOctets) done();
		}
		function done() {
			clearTimeout(timer);
			incoming.off("data", count);
			resolve();
		}
		for (const end of ["end", "error", "close"]) incoming.once(end, done);
		incoming.on("data", count).resume();
	});
}
