import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

export interface RawAnswer {
	/** 0 when the connection was closed without an answer. */
	readonly status: number;
	readonly headers: Headers;
	readonly body: string;
}

/** One request line, headers and body, exactly as a client wrote them. `pauseMs` passes before the last part. */
export interface RawRequest {
	readonly parts: readonly (string | Buffer)[];
	readonly pauseMs?: number;
}

/** Sends octets to a server and reads until it closes the connection; ask it to with `connection: close`. */
export async function sendRaw(
	url: string,
	{ parts, pauseMs = 0 }: RawRequest,
	timeoutMs = 10_000,
): Promise<RawAnswer> {
	const { hostname, port } = new URL(url);
	const socket = connect(Number(port), hostname);
	const chunks: Buffer[] = [];
	socket.on("data", (chunk) => chunks.push(chunk));
	// A server that has refused a request may reset the connection under what is still being written.
	socket.on("error", () => {});
	const closed = once(socket, "close");
	const timer = setTimeout(() => socket.destroy(), timeoutMs);
	try {
		for (const [index, part] of parts.entries()) {
			if (index === parts.length - 1 && pauseMs > 0) await sleep(pauseMs);
			socket.write(part);
		}
		await closed;
	} finally {
		clearTimeout(timer);
	}
	return parse(Buffer.concat(chunks).toString("latin1"));
}

function parse(text: string): RawAnswer {
	// An interim answer comes before the final one.
	if (text.startsWith("HTTP/1.1 100 ")) return parse(text.slice(text.indexOf("\r\n\r\n") + 4));
	const end = text.indexOf("\r\n\r\n");
	const [statusLine = "", ...lines] = text.slice(0, Math.max(end, 0)).split("\r\n");
	const headers = new Headers(
		lines.map((line): [string, string] => {
			const colon = line.indexOf(":");
			return [line.slice(0, colon), line.slice(colon + 1).trim()];
		}),
	);
	return { status: Number(statusLine.split(" ")[1] ?? 0), headers, body: text.slice(end + 4) };
}
