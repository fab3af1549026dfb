import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { codeHeader, type ErrorCode, ServiceError } from "../error-codes.js";
import { settleBody } from "./unread-bodies.js";

export interface ListenOptions {
	readonly host: string;
	readonly port: number;
	/** How long a client may take to send a request, in milliseconds. */
	readonly requestTimeoutMs: number;
	/** How long a shutdown waits for requests under way, in milliseconds. */
	readonly shutdownMs: number;
	/** Milliseconds since the epoch, for the `Date` of answers: by the clock of the times that they tell. */
	readonly now: () => number;
}

export interface Listening {
	/** `http://<host>:<port>` */
	readonly url: string;
	/** Takes no more requests, lets those under way end within the time given, then cuts them off. */
	close(): Promise<void>;
}

/** An app, as Hono gives it. */
type Fetch = (request: Request, bindings: HttpBindings) => Response | Promise<Response>;

/** Serves the app. What never reaches it, because it is no proper HTTP, is refused in the API's form here. */
export async function listen(fetch: Fetch, options: ListenOptions): Promise<Listening> {
	const dated = (answer: Response) => {
		answer.headers.set("date", httpDate(options.now()));
		return answer;
	};
	const answered = new WeakSet<Duplex>();
	const server = createServer(
		{
			requestTimeout: options.requestTimeoutMs,
			headersTimeout: Math.min(options.requestTimeoutMs, 10_000),
			connectionsCheckingInterval: Math.min(1_000, options.requestTimeoutMs),
			keepAliveTimeout: 65_000,
			maxHeaderSize: 16 * 1024,
			// Left to the listener below, which refuses it in the API's form.
			requireHostHeader: false,
		},
		getRequestListener(
			async (request, bindings) => {
				// The server above speaks HTTP/1 alone.
				const { incoming } = bindings as HttpBindings;
				const answer = dated(await fetch(request, bindings as HttpBindings));
				return settleBody(answer, incoming, () => answered.add(incoming.socket));
			},
			{
				// Half a second after an answer it would cut a connection off that was promised to stay.
				autoCleanupIncoming: false,
				errorHandler: () =>
					dated(
						new Response(JSON.stringify({ detail: "Bad Request" }), {
							status: 400,
							headers: {
								"content-type": "application/json",
								"x-request-id": randomUUID(),
								[codeHeader]: "bad-request" satisfies ErrorCode,
								connection: "close",
							},
						}),
					),
			},
		),
	);
	refuseBrokenHttp(server, answered, options.now);
	await new Promise<void>((resolve, reject) => {
		server.once("error", ({ message }) => {
			const what = `The service cannot listen at ${options.host}, port ${options.port}: ${message}`;
			reject(new ServiceError("cannot-listen", what));
		});
		server.listen(options.port, options.host, resolve);
	});
	const { port } = server.address() as AddressInfo;
	const host = options.host.includes(":") ? `[${options.host}]` : options.host;
	return { url: `http://${host}:${port}`, close: () => close(server, options.shutdownMs) };
}

/** What is no proper HTTP, by Node's code for it. */
const brokenHttp: Readonly<Record<string, [status: string, code: ErrorCode]>> = {
	HPE_HEADER_OVERFLOW: ["431 Request Header Fields Too Large", "bad-request"],
	ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", "request-incomplete"],
};

/**
 * What Node.js would answer, or drop, by itself.
 * @param answered connections whose request was answered before all of it was there: whatever becomes of its rest.
 */
function refuseBrokenHttp(server: Server, answered: WeakSet<Duplex>, now: () => number): void {
	const refuse = (socket: Duplex, status: string, code: ErrorCode) =>
		writeRefusal(socket, status, code, httpDate(now()));
	server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
		if (error.code === "ECONNRESET" || !socket.writable || answered.has(socket)) socket.destroy();
		else refuse(socket, ...(brokenHttp[error.code ?? ""] ?? ["400 Bad Request", "bad-request"]));
	});
	server.on("connect", (_, socket) => refuse(socket, "405 Method Not Allowed", "method-not-allowed"));
	server.on("checkExpectation", ({ socket }) => refuse(socket, "417 Expectation Failed", "bad-request"));
}

/** How long a refused client may take to read why and hang up. */
const farewellMs = 1_000;

function writeRefusal(socket: Duplex, status: string, code: ErrorCode, date: string): void {
	const body = JSON.stringify({ detail: status.slice(4) });
	socket.end(
		[
			`HTTP/1.1 ${status}`,
			"content-type: application/json",
			`content-length: ${Buffer.byteLength(body)}`,
			`date: ${date}`,
			`x-request-id: ${randomUUID()}`,
			`${codeHeader}: ${code}`,
			"connection: close",
			"",
			body,
		].join("\r\n"),
	);
	// Nobody reads this connection any more: unless it is drained, its end is never noticed.
	socket.on("error", () => {}).resume();
	setTimeout(() => socket.destroy(), farewellMs).unref();
}

function httpDate(milliseconds: number): string {
	return new Date(milliseconds).toUTCString();
}

async function close(server: Server, patienceMs: number): Promise<void> {
	const closed = new Promise<void>((resolve, reject) => {
		server.close((error) => (error ? reject(error) : resolve()));
	});
	// Connections that fall idle after their last answer would be kept alive for the client's next request.
	const idle = setInterval(() => server.closeIdleConnections(), 50);
	const patience = setTimeout(() => server.closeAllConnections(), patienceMs);
	try {
		await closed;
	} finally {
		clearInterval(idle);
		clearTimeout(patience);
	}
}
