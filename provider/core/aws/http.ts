import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { STSClientConfig } from "@aws-sdk/client-sts";
import { environmentProxies, type ProxySettings } from "../../../sdk/proxies.js";
import { type HttpTransportOptions, type Transport, TransportError } from "../../../sdk/transport.js";
import type { AwsSettings } from "../settings/aws-settings.js";
import { AwsError, type AwsService } from "./failure.js";

type Env = (key: string) => string | undefined;

/** What carries the calls: HTTP, or what a simulator has in its place. */
export type Connect = (options: HttpTransportOptions) => Transport;

/** What the clients of the AWS SDK take for their `requestHandler`. */
export type HttpHandler = Extract<STSClientConfig["requestHandler"], { handle: unknown }>;
type HttpRequest = Parameters<HttpHandler["handle"]>[0];
type HttpAnswer = Awaited<ReturnType<HttpHandler["handle"]>>;

const connectTimeoutMs = 5_000;
const answerTimeoutMs = 30_000;
/** More than a page of 300 record sets can be. */
const maxBytes = 64 * 1024 * 1024;

/**
 * The HTTP of every AWS client: the transport of the Channels API, with the proxies and authorities that the
 * stack's `aws:*` or the environment give.
 *
 * @throws AwsError where the certificates cannot be read
 */
export async function awsHttp(
	service: AwsService,
	aws: AwsSettings,
	env: Env,
	connect: Connect,
): Promise<HttpHandler> {
	const ca = await readBundle(service, aws, env);
	return awsHandler(connect({ proxies: proxies(aws, env), connectTimeoutMs, ca }));
}

function proxies({ httpProxy, httpsProxy, noProxy }: AwsSettings, env: Env): ProxySettings {
	const environment = environmentProxies(env);
	return {
		http: httpProxy ? { setting: "aws:httpProxy", value: httpProxy } : environment.http,
		https: httpsProxy ? { setting: "aws:httpsProxy", value: httpsProxy } : environment.https,
		no: noProxy ?? environment.no,
	};
}

/** In place of Node's own authorities, as the AWS CLI and the AWS provider take it. */
async function readBundle({ title }: AwsService, aws: AwsSettings, env: Env): Promise<string | undefined> {
	const [setting, path] = aws.customCaBundle
		? ["aws:customCaBundle", aws.customCaBundle]
		: ["AWS_CA_BUNDLE", env("AWS_CA_BUNDLE")];
	if (!path) return undefined;
	const home = env("HOME") ?? env("USERPROFILE");
	try {
		const bundle = await readFile(home ? path.replace(/^~(?=[/\\])/, home) : path, "utf8");
		// TLS would fail later and somewhere else.
		new X509Certificate(bundle);
		return bundle;
	} catch (cause) {
		const reason = `${path}, which ${setting} names, holds no certificates (PEM) that can be read`;
		throw new AwsError({
			message: `${title} cannot be asked: ${reason}: ${(cause as Error).message}.`,
			word: "CertificatesUnreadable",
			code: "aws-certificates-unreadable",
			cause,
		});
	}
}

function awsHandler(transport: Transport): HttpHandler {
	return {
		async handle(request: HttpRequest, { abortSignal }: { abortSignal?: unknown } = {}): Promise<HttpAnswer> {
			try {
				const { status, headers, body } = await transport.send({
					method: request.method,
					url: urlOf(request),
					headers: request.headers,
					body: textOf(request.body),
					timeoutMs: answerTimeoutMs,
					maxBytes,
					signal: (abortSignal as AbortSignal | undefined) ?? new AbortController().signal,
				});
				// The SDK reads a body that is bytes already as it reads a stream.
				return { response: { statusCode: status, headers, body: Buffer.from(body) } } as HttpAnswer;
			} catch (error) {
				// The trait by which the SDK's clients of STS and SSO know what they may repeat.
				if (error instanceof TransportError && error.reason !== "insecure") {
					throw Object.assign(error, { $retryable: {} });
				}
				throw error;
			}
		},
		destroy() {
			void transport.close();
		},
		updateHttpClientConfig() {},
		httpHandlerConfigs: () => ({}),
	};
}

function urlOf({ protocol, hostname, port, path, query }: HttpRequest): URL {
	const parameters: Record<string, string | string[] | null> = query ?? {};
	const pairs = Object.entries(parameters).flatMap(([name, value]) =>
		[value ?? ""].flat().map((each) => (each ? `${encode(name)}=${encode(each)}` : `${encode(name)}=`)),
	);
	const search = pairs.length > 0 ? `?${pairs.join("&")}` : "";
	return new URL(`${protocol}//${hostname}${port === undefined ? "" : `:${port}`}${path}${search}`);
}

/** As it was signed: all but RFC 3986's unreserved characters encoded. */
const encode = (text: string) =>
	encodeURIComponent(text).replaceAll(
		/[!'()*]/g,
		(each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
	);

/** What these services are sent is XML, JSON or a form. */
function textOf(body: unknown): string | undefined {
	if (body === undefined || body === null) return undefined;
	// As bytes: the SDK's own have methods of a string, and warn of each use (`JsonBytesStringAdapter` of @smithy/core).
	return typeof body === "string" ? body : new TextDecoder().decode(body as Uint8Array);
}
