import { request as forward } from "node:http";
import type { ServiceError } from "./errors.js";
import type { Faults } from "./faults.js";
import {
	dropped,
	type HttpRequest,
	type HttpResponse,
	type HttpService,
	type Listener,
	listen,
} from "./http.js";
import type { RequestLog } from "./requests.js";
import { systemClock } from "./server-clock.js";

export interface ProxyOptions {
	/** Base URL (http) of the service behind. */
	readonly target: string;
	/** Name in the request log and in fault rules. */
	readonly service: string;
	/** The operation a request stands for, e.g. {@link channelsOperation}. */
	readonly operation: (request: HttpRequest) => string;
	readonly log: RequestLog;
	readonly faults: Faults;
}

/** Starts a reverse proxy that logs each request and applies the faults in force. */
export function startProxy(options: ProxyOptions): Promise<Listener> {
	const target = new URL(options.target);
	const service: HttpService = {
		name: options.service,
		route: (request) => ({
			operation: options.operation(request),
			input: {
				method: request.method,
				path: request.path,
				query: Object.fromEntries(request.query),
				headers: {
					...request.headers,
					...(request.headers.authorization === undefined ? {} : { authorization: "[redacted]" }),
				},
				body: request.body,
			},
			run: () => passOn(request, target),
		}),
		renderError: detailError,
	};
	return listen(service, { clock: systemClock, log: options.log, faults: options.faults });
}

/**
 * `POST ses-setup`, `GET ses-setup` (the list), `GET ses-setup/{id}`, `POST ses-setup/{id}/verify`,
 * `DELETE ses-setup/{id}`, `GET use-cases`: the path below the workspace, with ids replaced.
 */
export function channelsOperation(request: HttpRequest): string {
	const [, resource = request.path] =
		/^\/v1\/[^/]+\/(?:channels?\/)?(.*?)\/?$/.exec(request.path) ?? ([] as string[]);
	return `${request.method} ${resource.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/gi, "{id}")}`;
}

/** Hop-by-hop headers (RFC 9110, 7.6.1) end at the proxy. */
const hopByHop = new Set(["connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"]);

/** What the service behind answers; where it cannot be reached or dies meanwhile, the caller sees that too. */
export function passOn(request: HttpRequest, target: URL): Promise<HttpResponse | typeof dropped> {
	const headers = Object.fromEntries(
		Object.entries(request.headers).flatMap(([name, value]) =>
			value === undefined || hopByHop.has(name) || name === "host" || name === "content-length"
				? []
				: [[name, value]],
		),
	);
	return new Promise((resolve) => {
		const lost = () => resolve(dropped);
		const outgoing = forward(
			new URL(`${target.pathname.replace(/\/$/, "")}${request.target}`, target),
			{ method: request.method, headers },
			(incoming) => {
				const chunks: Buffer[] = [];
				incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
				incoming.on("error", lost);
				incoming.on("end", () =>
					resolve({
						status: incoming.statusCode ?? 502,
						headers: Object.fromEntries(
							Object.entries(incoming.headers).flatMap(([name, value]) =>
								value === undefined || hopByHop.has(name) ? [] : [[name, value]],
							),
						),
						body: Buffer.concat(chunks),
					}),
				);
			},
		);
		outgoing.on("error", lost);
		outgoing.end(request.body);
	});
}

function detailError(error: ServiceError, requestId: string): HttpResponse {
	return {
		status: error.status,
		headers: { "content-type": "application/json", "x-request-id": requestId },
		body: JSON.stringify({ detail: error.message }),
		error: error.code,
	};
}
