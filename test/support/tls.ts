import { readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";

const fixture = (name: string) => resolve(import.meta.dirname, "../fixtures/tls", name);

/** An authority that nobody trusts by default, which vouches for localhost, 127.0.0.1 and *.acme.test. */
export const authorityFile = fixture("authority.pem");
export const authority = readFileSync(authorityFile, "utf8");

export const certificate = {
	cert: readFileSync(fixture("server.pem")),
	key: readFileSync(fixture("server.key")),
};

/** A certificate for the host of the hosted Channels API, which vouches for itself. */
export const hostedAuthorityFile = fixture("hosted.pem");

export interface LoopbackServer extends AsyncDisposable {
	/** `https://127.0.0.1:<port>`, or `http:` without TLS. */
	url: string;
	connections: number;
}

export async function serveOnLoopback(
	listener: RequestListener,
	tls: boolean | typeof certificate = true,
): Promise<LoopbackServer> {
	const shown = tls === true ? certificate : tls;
	const server = shown ? createTlsServer(shown, listener) : createServer(listener);
	await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
	const running = {
		url: `${tls ? "https" : "http"}://127.0.0.1:${(server.address() as AddressInfo).port}`,
		connections: 0,
		async [Symbol.asyncDispose]() {
			server.close();
			server.closeAllConnections();
		},
	};
	server.on("connection", () => {
		running.connections += 1;
	});
	return running;
}
