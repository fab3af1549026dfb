import { once } from "node:events";
import { Agent, createServer, request as forward } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream";

export interface PoolingProxy extends AsyncDisposable {
	readonly url: string;
	/** What went wrong between it and the server. */
	failures(): Promise<string[]>;
}

let start: (target: string) => Promise<PoolingProxy> = startOurs;

/** Has the suites of this run work behind another proxy: for a setup file of vitest. */
export function usePoolingProxy(other: typeof start): void {
	start = other;
}

/** Starts the proxy that this run is about, before the server of a URL: ours unless {@link usePoolingProxy} named another. */
export function startPoolingProxy(target: string): Promise<PoolingProxy> {
	return start(target);
}

/**
 * A reverse proxy that keeps its connections to the server for later requests of whomever, as nginx does with
 * `keepalive`, and repeats none: what breaks on a connection that the server has called good is a 502.
 */
async function startOurs(target: string): Promise<PoolingProxy> {
	const { hostname, port } = new URL(target);
	const agent = new Agent({ keepAlive: true, maxSockets: 8 });
	const failures: string[] = [];
	const server = createServer((request, response) => {
		const { method, url, headers } = request;
		const onward = forward({ hostname, port, method, path: url, headers, agent }, (answer) => {
			response.writeHead(answer.statusCode ?? 0, answer.headers);
			answer.pipe(response);
		});
		onward.on("error", (error) => {
			// The server may stop reading what it has answered already.
			if (response.headersSent) return;
			failures.push(`${method} ${url}: ${error.message}`);
			response.writeHead(502).end();
		});
		pipeline(request, onward, () => {});
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		failures: async () => failures,
		async [Symbol.asyncDispose]() {
			server.closeAllConnections();
			server.close();
			agent.destroy();
		},
	};
}
