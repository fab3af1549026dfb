import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { SesSetupDetailResponse, SesSetupListItemResponse } from "../../sdk/index.js";
import { ChannelsClient, type ChannelsClientOptions } from "../../sdk/index.js";

export const workspaceId = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed";
export const setupId = "6f1c1f5e-3a55-4d2f-8a39-3f0d5c6f0c11";
export const apiKey = "ck_live_5f2d9e/+very=secret";

export const detail: SesSetupDetailResponse = {
	id: setupId,
	tenant_name: "acme-support",
	domain_identity: "mail.acme.com",
	dns_checked_at: null,
	dns_records: [
		{ address: "_dmarc.mail.acme.com", type: "TXT", record: "v=DMARC1; p=none", verified: false },
		{ address: "mail.acme.com", type: "MX", record: "10 inbound.example", verified: true },
	],
	created_at: "2026-11-24T07:00:00Z",
	updated_at: "2026-11-24T07:00:00.123456+00:00",
};

export const item: SesSetupListItemResponse = {
	id: setupId,
	tenant_name: detail.tenant_name,
	domain_identity: detail.domain_identity,
	dns_verified: false,
	dns_checked_at: "2026-11-24T07:00:00Z",
	created_at: detail.created_at,
	updated_at: detail.updated_at,
};

interface Seen {
	method: string;
	url: string;
	headers: IncomingMessage["headers"];
	body: string;
}

/** Answers one request, or does something worse to it. */
export type Handler = (request: Seen, response: ServerResponse) => void;

export interface ApiServer extends AsyncDisposable {
	url: string;
	seen: Seen[];
	client: ChannelsClient;
}

/**
 * A real HTTP server on a free port and a client for it. The n-th request gets the n-th handler, later ones
 * the last. Waits between attempts take no time unless `options.clock` says otherwise.
 */
export async function serve(
	handlers: Handler | readonly [Handler, ...Handler[]],
	options: Partial<ChannelsClientOptions> = {},
): Promise<ApiServer> {
	const list = typeof handlers === "function" ? [handlers] : handlers;
	const seen: Seen[] = [];
	const server = createServer(async (request, response) => {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk);
		const { method = "", url = "", headers } = request;
		const next = { method, url, headers, body: Buffer.concat(chunks).toString() };
		const handler = list[Math.min(seen.length, list.length - 1)];
		seen.push(next);
		handler?.(next, response);
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const client = new ChannelsClient({
		apiKey,
		workspaceId,
		baseUrl: url,
		clock: { now: Date.now, monotonic: () => performance.now(), sleep: async () => {} },
		random: () => 0.5,
		...options,
	});
	return {
		url,
		seen,
		client,
		async [Symbol.asyncDispose]() {
			server.closeAllConnections();
			server.close();
			await client.close();
		},
	};
}

export const json =
	(status: number, body: unknown, headers: Record<string, string> = {}): Handler =>
	(_, response) => {
		response.writeHead(status, { "content-type": "application/json", "x-request-id": "req-1", ...headers });
		response.end(JSON.stringify(body));
	};

export const raw =
	(status: number, body: string, headers: Record<string, string> = {}): Handler =>
	(_, response) => {
		response.writeHead(status, headers);
		response.end(body);
	};

/** Breaks the connection once the request has been read, without an answer. */
export const drop: Handler = (_, response) => {
	response.socket?.destroy();
};

/** Breaks the connection in the middle of an answer's body. */
export const breakOff =
	(status: number): Handler =>
	(_, response) => {
		response.writeHead(status, { "content-type": "application/json", "content-length": "1000" });
		response.write('{"id":', () => response.socket?.destroy());
	};

/** Never answers. */
export const hang: Handler = () => {};

/** Sends the headers and then never the body. */
export const stall: Handler = (_, response) => {
	response.writeHead(200, { "content-type": "application/json" });
	response.write("{");
};

/** The error a promise rejects with. */
export async function failure<E>(promise: Promise<unknown>, kind: new (...args: never[]) => E): Promise<E> {
	const error: unknown = await promise.then(
		() => new Error("did not fail"),
		(reason: unknown) => reason,
	);
	if (!(error instanceof kind)) throw error;
	return error;
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
	const all: T[] = [];
	for await (const each of items) all.push(each);
	return all;
}
