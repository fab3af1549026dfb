import { Agent, type Dispatcher } from "undici";

export interface HttpRequest {
	method: "GET" | "POST" | "DELETE";
	url: URL;
	headers: Record<string, string>;
	body?: string | undefined;
	/** Milliseconds until the whole answer must be there. */
	timeoutMs: number;
	/** Bytes of body beyond which an answer is given up. */
	maxBytes: number;
	signal: AbortSignal;
}

export interface HttpAnswer {
	status: number;
	/** Names in lower case. */
	headers: Readonly<Record<string, string | undefined>>;
	body: string;
}

/** What carries the calls. Another one (an application in this process, a simulator) may take HTTP's place. */
export interface Transport {
	/**
	 * Sends one request and follows no redirect.
	 * @throws TransportError, or the signal's reason when it aborts
	 */
	send(request: HttpRequest): Promise<HttpAnswer>;
	close(): Promise<void>;
}

/** No whole answer came. Carries nothing of the request or the answer. */
export class TransportError extends Error {
	override readonly name = "TransportError";

	constructor(
		/** `unreachable`: no connection was made. `insecure`: TLS refused the server. `lost`: it broke. */
		readonly reason: "unreachable" | "insecure" | "lost" | "timeout" | "too large",
		/** Whether the request may have reached the server. */
		readonly requestSent: boolean,
		message: string,
		readonly code?: string,
	) {
		super(message);
	}
}

const CONNECTIONS = 32;
const CONNECT_TIMEOUT_MS = 10_000;

/** HTTP by undici: connections are kept and pooled until `close`. */
export function createHttpTransport(): Transport {
	const agent = new Agent({
		connections: CONNECTIONS,
		connect: { timeout: CONNECT_TIMEOUT_MS },
		allowH2: false,
		// One timer covers the whole exchange, below.
		headersTimeout: 0,
		bodyTimeout: 0,
	});
	return { send: (request) => send(agent, request), close: () => agent.close() };
}

async function send(agent: Agent, request: HttpRequest): Promise<HttpAnswer> {
	const { url, method, headers, body, signal, timeoutMs, maxBytes } = request;
	const timeout = new AbortController();
	const timer = setTimeout(() => timeout.abort(), timeoutMs);
	let sent = false;
	const dispatcher = agent.compose(noticeStart(() => (sent = true)));
	try {
		signal.throwIfAborted();
		const response = await dispatcher.request({
			origin: url.origin,
			path: `${url.pathname}${url.search}`,
			method,
			headers,
			body: body ?? null,
			signal: AbortSignal.any([signal, timeout.signal]),
		});
		return {
			status: response.statusCode,
			headers: Object.fromEntries(
				Object.entries(response.headers).map(([name, value]) => [name, [value].flat().join(", ")]),
			),
			body: await readAtMost(response.body, maxBytes),
		};
	} catch (error) {
		signal.throwIfAborted();
		if (timeout.signal.aborted)
			throw new TransportError("timeout", sent, `no whole answer within ${timeoutMs / 1000} s`);
		throw error instanceof TransportError ? error : describe(error, sent);
	} finally {
		clearTimeout(timer);
	}
}

/**
 * Calls back right before the request is written to a connection: until then nothing can have been done.
 * The codes of errors do not tell, since a connection is reset in TLS as well as after the request.
 */
function noticeStart(onStart: () => void): Dispatcher.DispatcherComposeInterceptor {
	return (dispatch) => (options, handler) =>
		dispatch(options, {
			onRequestStart(controller, context) {
				onStart();
				handler.onRequestStart?.(controller, context);
			},
			onResponseStart: (...event) => handler.onResponseStart?.(...event),
			onResponseData: (...event) => handler.onResponseData?.(...event),
			onResponseEnd: (...event) => handler.onResponseEnd?.(...event),
			onResponseError: (...event) => handler.onResponseError?.(...event),
		});
}

async function readAtMost(body: Dispatcher.ResponseData["body"], maxBytes: number): Promise<string> {
	const chunks: Buffer[] = [];
	let length = 0;
	for await (const chunk of body) {
		const bytes = Buffer.from(chunk);
		length += bytes.length;
		// Leaving the loop destroys the body, and with it the connection.
		if (length > maxBytes)
			throw new TransportError("too large", true, `an answer of more than ${maxBytes} bytes`);
		chunks.push(bytes);
	}
	return Buffer.concat(chunks).toString("utf8");
}

function describe(error: unknown, sent: boolean): TransportError {
	const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
	const message = error instanceof Error && error.message !== "" ? error.message : (code ?? "unknown fault");
	if (sent) return new TransportError("lost", true, message, code);
	const insecure = code !== undefined && /CERT|SIGNATURE|ERR_TLS|ERR_SSL|^EPROTO$/.test(code);
	return new TransportError(insecure ? "insecure" : "unreachable", false, message, code);
}
