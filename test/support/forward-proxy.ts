import { createServer, request as forward, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";

export interface ForwardProxy extends AsyncDisposable {
	/** `http://127.0.0.1:<port>`, or `https://localhost:<port>`. */
	url: string;
	/** What went through: `CONNECT host:port`, or method and URL. */
	seen: string[];
	/** The `Proxy-Authorization` of each. */
	credentials: (string | undefined)[];
}

/**
 * A forward proxy as companies have them: CONNECT for https, whole URLs for http.
 *
 * @param options.to where every connection leads, whatever host it names: hosts then need no DNS.
 * @param options.tls its own certificate, where it is to be asked by TLS.
 * @param options.refuse the status to answer with instead; "hang" for none at all.
 */
export async function startForwardProxy(
	options: { to?: string; refuse?: number | "hang"; tls?: ServerOptions } = {},
): Promise<ForwardProxy> {
	const { refuse, tls } = options;
	const seen: string[] = [];
	const credentials: (string | undefined)[] = [];
	const sockets = new Set<Socket>();
	const note = ({ method, url, headers }: IncomingMessage) => {
		seen.push(`${method} ${url}`);
		credentials.push(headers["proxy-authorization"]);
	};
	const target = (host: string) => new URL(options.to ?? `http://${host}`);
	const server = tls ? createTlsServer(tls) : createServer();
	server.on("request", (incoming: IncomingMessage, response: ServerResponse) => {
		note(incoming);
		if (refuse === "hang") return;
		if (refuse !== undefined) return void response.writeHead(refuse).end();
		const url = new URL(incoming.url ?? "");
		const { hostname, port } = target(url.host);
		const outgoing = forward(
			{ hostname, port, path: url.pathname + url.search, method: incoming.method, headers: incoming.headers },
			(answer) => {
				response.writeHead(answer.statusCode ?? 502, answer.headers);
				answer.pipe(response);
			},
		);
		outgoing.on("error", () => response.destroy());
		incoming.pipe(outgoing);
	});
	server.on("connect", (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
		note(incoming);
		if (refuse === "hang") return;
		if (refuse !== undefined) return void socket.end(`HTTP/1.1 ${refuse} No\r\ncontent-length: 0\r\n\r\n`);
		const { hostname, port } = target(incoming.url ?? "");
		const outgoing = connect(Number(port), hostname, () => {
			socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
			outgoing.write(head);
			outgoing.pipe(socket).pipe(outgoing);
		});
		for (const [one, other] of [
			[outgoing, socket],
			[socket, outgoing],
		] as const) {
			one.on("error", () => other.destroy());
			one.on("close", () => other.destroy());
		}
	});
	server.on("connection", (socket: Socket) => {
		sockets.add(socket);
		socket.once("close", () => sockets.delete(socket));
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return {
		url: `${tls ? "https://localhost" : "http://127.0.0.1"}:${(server.address() as AddressInfo).port}`,
		seen,
		credentials,
		async [Symbol.asyncDispose]() {
			server.close();
			for (const socket of sockets) socket.destroy();
		},
	};
}
