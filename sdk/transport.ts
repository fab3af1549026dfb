import { Agent, type Dispatcher, Pool, ProxyAgent } from "undici";
import { type ChosenProxy, environmentProxies, type ProxySettings, proxyFor } from "./proxies.js";
import { callAfter } from "./timer.js";

export interface HttpRequest {
	method: string;
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
		/** The system's or undici's, such as `ECONNREFUSED`; of the codes of our own errors it has none. */
		readonly code?: string,
	) {
		super(message);
	}
}

const CONNECTIONS = 32;
const CONNECT_TIMEOUT_MS = 10_000;

export interface HttpTransportOptions {
	/** Default: what the environment of the process says. */
	proxies?: ProxySettings | undefined;
	/** Certificates (PEM) of the authorities to trust, in place of Node's own. */
	ca?: string | undefined;
	/** Milliseconds until a connection must be made. */
	connectTimeoutMs?: number | undefined;
}

/** HTTP by undici, through the proxies there are: connections are kept and pooled until `close`. */
export function createHttpTransport(options: HttpTransportOptions = {}): Transport {
	const proxies = options.proxies ?? environmentProxies((name) => process.env[name]);
	const timeout = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
	const tls = { timeout, ...(options.ca !== undefined && { ca: options.ca }) };
	const common = {
		connections: CONNECTIONS,
		allowH2: false,
		// One timer covers the whole exchange, below.
		headersTimeout: 0,
		bodyTimeout: 0,
	};
	const made = new Map<string, Dispatcher>();
	const dispatcher = (proxy: ChosenProxy | undefined): Dispatcher => {
		const key = proxy?.url.href ?? "";
		const known = made.get(key);
		if (known) return known;
		const agent = proxy
			? new ProxyAgent({
					...common,
					uri: proxy.url.href,
					requestTls: tls,
					proxyTls: tls,
					// A proxy that never answers CONNECT would keep the transport from closing.
					clientFactory: (origin, more) => new Pool(origin, { ...more, headersTimeout: timeout }),
				})
			: new Agent({ ...common, connect: tls });
		made.set(key, agent);
		return agent;
	};
	return {
		async send(request) {
			const proxy = proxyOf(proxies, request.url);
			return send(dispatcher(proxy), proxy, request);
		},
		async close() {
			await Promise.all([...made.values()].map((each) => each.close()));
		},
	};
}

function proxyOf(proxies: ProxySettings, url: URL): ChosenProxy | undefined {
	try {
		return proxyFor(proxies, url);
	} catch (error) {
		throw new TransportError("unreachable", false, (error as Error).message);
	}
}

async function send(
	through: Dispatcher,
	proxy: ChosenProxy | undefined,
	request: HttpRequest,
): Promise<HttpAnswer> {
	const { url, method, headers, body, signal, timeoutMs, maxBytes } = request;
	const timeout = new AbortController();
	const callOff = callAfter(timeoutMs, () => timeout.abort());
	let sent = false;
	const dispatcher = through.compose(noticeStart(() => (sent = true)));
	try {
		signal.throwIfAborted();
		const response = await dispatcher.request({
			origin: url.origin,
			path: `${url.pathname}${url.search}`,
			method: method as Dispatcher.HttpMethod,
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
		if (timeout.signal.aborted) {
			const message = `no whole answer within ${timeoutMs / 1000} s${via(proxy)}`;
			throw new TransportError("timeout", sent, message);
		}
		throw error instanceof TransportError ? error : describe(error, sent, proxy);
	} finally {
		callOff();
	}
}

/** Without its user and password. */
const named = ({ url, setting }: ChosenProxy) => `the proxy ${url.origin} (${setting})`;
const via = (proxy: ChosenProxy | undefined) => (proxy ? `, through ${named(proxy)}` : "");

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

function describe(error: unknown, sent: boolean, proxy: ChosenProxy | undefined): TransportError {
	const code = error instanceof Error && "code" in error ? String(error.code) : undefined;
	const message = error instanceof Error && error.message !== "" ? error.message : (code ?? "unknown fault");
	// undici tells by words alone that a proxy said no, and then the request itself has gone nowhere.
	const [, refusal] = /^Proxy (?:response|Authentication Required) \((\d+)\)/.exec(message) ?? [];
	if (proxy && refusal !== undefined) {
		return new TransportError("unreachable", false, proxyRefusal(proxy, Number(refusal)));
	}
	if (sent) return new TransportError("lost", true, `${message}${via(proxy)}`, code);
	const insecure = code !== undefined && /CERT|SIGNATURE|ERR_TLS|ERR_SSL|_TLS$|^EPROTO$/.test(code);
	return new TransportError(insecure ? "insecure" : "unreachable", false, `${message}${via(proxy)}`, code);
}

function proxyRefusal(proxy: ChosenProxy, status: number): string {
	const advice =
		status === 407
			? `it wants a user name and a password: set ${proxy.setting} to http://USER:PASSWORD@HOST:PORT`
			: "ask whoever runs it to let this host through, or name the host in NO_PROXY";
	return `${named(proxy)} answers with status ${status}; ${advice}`;
}
