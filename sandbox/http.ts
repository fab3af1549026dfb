import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { ServiceError } from "./errors.js";
import { type FaultEffect, type FaultMoment, type Faults, momentOf } from "./faults.js";
import type { RequestLog } from "./requests.js";
import type { Clock } from "./server-clock.js";

export interface HttpRequest {
	readonly method: string;
	/** Path and query as they were sent. */
	readonly target: string;
	/** The path of the target, percent-encoding kept. */
	readonly path: string;
	readonly query: URLSearchParams;
	/** Names in lower case. */
	readonly headers: Readonly<Record<string, string | undefined>>;
	readonly body: string;
}

export interface HttpResponse {
	readonly status: number;
	readonly headers?: Readonly<Record<string, string | readonly string[]>>;
	readonly body?: string | Uint8Array;
	/** The error's code, for the request log. */
	readonly error?: string;
	/** The connection breaks in the middle of the body. */
	readonly cut?: boolean;
}

/** Stands for a connection that is closed without an answer. */
export const dropped: unique symbol = Symbol("dropped");

/** A request understood: what it asks for, and the work that answers it. */
export interface Call {
	readonly operation: string;
	readonly input: unknown;
	readonly account?: string;
	/** {@link dropped} closes the connection without an answer. */
	run(): HttpResponse | typeof dropped | Promise<HttpResponse | typeof dropped>;
}

/** One service behind a listener. What it throws as a {@link ServiceError}, in `route` or in `run`, it renders too. */
export interface HttpService {
	/** The service's name in the request log and in fault rules. */
	readonly name: string;
	route(request: HttpRequest, requestId: string): Call;
	renderError(error: ServiceError, requestId: string): HttpResponse;
}

/** What every server of the sandbox shares. */
export interface Core {
	readonly clock: Clock;
	readonly log: RequestLog;
	readonly faults: Faults;
}

/** Answers one request in-process: logs it, applies the faults in force, and does its work. */
export async function answer(
	service: HttpService,
	core: Core,
	request: HttpRequest,
): Promise<HttpResponse | typeof dropped> {
	const requestId = randomUUID();
	const at = core.clock.now();
	const call = attemptRoute(service, request, requestId);
	const end = core.log.begin({
		service: service.name,
		operation: call.operation,
		at,
		input: call.input,
		requestId,
		...(call.account === undefined ? {} : { account: call.account }),
	});
	const effects = core.faults.hit({ service: service.name, operation: call.operation, input: call.input });
	const failure = (error: unknown) => service.renderError(asServiceError(error), requestId);

	let outcome = await applyFaults("before", effects, core.clock, failure);
	if (!outcome) {
		let answered: HttpResponse | typeof dropped;
		try {
			answered = await call.run();
		} catch (error) {
			answered = failure(error);
		}
		outcome = (await applyFaults("after", effects, core.clock, failure, answered)) ?? answered;
	}
	end({
		endedAt: core.clock.now(),
		status: outcome === dropped ? undefined : outcome.status,
		...(outcome !== dropped && outcome.error !== undefined ? { error: outcome.error } : {}),
	});
	return outcome;
}

function attemptRoute(service: HttpService, request: HttpRequest, requestId: string): Call {
	try {
		return service.route(request, requestId);
	} catch (error) {
		// A request that is refused before it is understood is logged by its method and path.
		return {
			operation: `${request.method} ${request.path}`,
			input: { method: request.method, path: request.path, body: request.body },
			run: () => {
				throw error;
			},
		};
	}
}

function asServiceError(error: unknown): ServiceError {
	if (error instanceof ServiceError) return error;
	const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
	return new ServiceError(500, "InternalFailure", `the sandbox itself failed: ${reason}`);
}

async function applyFaults(
	moment: FaultMoment,
	effects: readonly FaultEffect[],
	clock: Clock,
	failure: (error: ServiceError) => HttpResponse,
	answered: HttpResponse | typeof dropped = dropped,
): Promise<HttpResponse | typeof dropped | undefined> {
	for (const effect of effects) {
		if (momentOf(effect) !== moment) continue;
		switch (effect.kind) {
			case "delay":
				await clock.sleep(effect.ms);
				break;
			case "hold":
				await effect.until;
				break;
			case "drop":
				return dropped;
			case "cut":
				// What has no body, such as a 204, has no middle either.
				return answered === dropped || !answered.body?.length ? dropped : { ...answered, cut: true };
			case "answer":
				return { status: effect.status, headers: effect.headers ?? {}, body: effect.body };
			case "error": {
				const rendered = failure(new ServiceError(effect.status, effect.code, effect.message));
				return { ...rendered, headers: { ...rendered.headers, ...effect.headers } };
			}
		}
	}
	return undefined;
}

export interface Listener {
	/** `http://127.0.0.1:<port>` */
	readonly url: string;
	/** Stops listening and closes the connections that are open. */
	close(): Promise<void>;
}

/** Serves `service` on 127.0.0.1, on a free port unless one is given. */
export async function listen(service: HttpService, core: Core, port = 0): Promise<Listener> {
	const sockets = new Set<Socket>();
	const server = createServer((message, response) => {
		readRequest(message)
			.then((request) => answer(service, core, request))
			.then((outcome) => send(outcome, response))
			.catch(() => message.socket.destroy());
	});
	server.on("connection", (socket) => {
		sockets.add(socket);
		socket.once("close", () => sockets.delete(socket));
	});
	await new Promise<void>((resolve, reject) => {
		server.once("error", reject);
		server.listen(port, "127.0.0.1", resolve);
	});
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		close: () =>
			new Promise((resolve, reject) => {
				server.close((error) => (error ? reject(error) : resolve()));
				for (const socket of sockets) socket.destroy();
			}),
	};
}

async function readRequest(message: IncomingMessage): Promise<HttpRequest> {
	const chunks: Buffer[] = [];
	for await (const chunk of message) chunks.push(chunk as Buffer);
	const url = message.url ?? "/";
	const mark = url.indexOf("?");
	return {
		method: message.method ?? "GET",
		target: url,
		path: mark < 0 ? url : url.slice(0, mark),
		query: new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1)),
		headers: Object.fromEntries(
			Object.entries(message.headers).map(([name, value]) => [
				name,
				Array.isArray(value) ? value.join(", ") : value,
			]),
		),
		body: Buffer.concat(chunks).toString("utf8"),
	};
}

function send(outcome: HttpResponse | typeof dropped, response: ServerResponse): void {
	if (outcome === dropped) {
		response.destroy();
		return;
	}
	for (const [name, value] of Object.entries(outcome.headers ?? {})) response.setHeader(name, value);
	response.statusCode = outcome.status;
	if (!outcome.cut) {
		response.end(outcome.body);
		return;
	}
	const whole = Buffer.from(outcome.body ?? "");
	response.setHeader("content-length", whole.length);
	response.write(whole.subarray(0, whole.length / 2), () => response.destroy());
}
