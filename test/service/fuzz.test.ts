/** @module-tag all */

import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/index.js";
import { errorCodes } from "../../service/error-codes.js";
import { createApiKey, permissions } from "../../service/index.js";
import { untilAgreed } from "../support/agreement.js";
import { type RawAnswer, type RawRequest, sendRaw } from "../support/raw-http.js";
import { type ServiceProcess, startServiceProcess } from "../support/service-process.js";

/** `npm run test:soak` asks for many. */
const requests = Number(process.env.CHANNELS_SOAK_REQUESTS ?? 600);

let sandbox: Sandbox;
let service: ServiceProcess;
let folder: string;
let location: string;
let apiKey: string;
const workspaceId = randomUUID();

beforeAll(async () => {
	sandbox = await startSandbox();
	folder = await mkdtemp(join(tmpdir(), "channels-fuzz-"));
	location = join(folder, "channels.db");
	apiKey = (await createApiKey(location, workspaceId, permissions)).key;
	service = await startServiceProcess({
		sandbox,
		location,
		timing: { requestTimeoutMs: 1_000, checkDeadlineMs: 1_000, sweepsMs: [500, 500] },
		limits: { requestsPerSecond: 100_000 },
	});
});
afterAll(async () => {
	await service?.stop();
	await sandbox?.close();
	await rm(folder, { recursive: true, force: true });
});

const knownId = randomUUID();

const segment = fc.oneof(
	{
		weight: 6,
		arbitrary: fc.constantFrom("v1", workspaceId, "channels", "ses-setup", knownId, "verify", "use-cases"),
	},
	{ weight: 1, arbitrary: fc.webSegment() },
	{
		weight: 1,
		arbitrary: fc.constantFrom("..", ".", "%2e%2e", "%00", "%zz", "%", "%ff", "\\", "~", "a".repeat(9_000)),
	},
);
const knownPath = fc.constantFrom(
	`/v1/${workspaceId}/channels/ses-setup`,
	`/v1/${workspaceId}/channels/ses-setup/${knownId}`,
	`/v1/${workspaceId}/channels/ses-setup/${knownId}/verify`,
	`/v1/${workspaceId}/use-cases`,
	`/v1/${workspaceId}/use-cases/${knownId}`,
	"/healthz",
	"/openapi.json",
);
const query = fc.oneof(
	fc.constant(""),
	fc.webQueryParameters().map((text) => `?${text}`),
	fc
		.tuple(
			fc.constantFrom("limit", "continuation_token", "setup_id", "channel", "entity_name", "__proto__"),
			fc.oneof(
				fc.bigInt().map(String),
				fc.double().map(String),
				fc.string().map(encodeURIComponent),
				fc.constantFrom("", "%00", "%ff", "1e400", "9".repeat(400), "[]", "null"),
			),
		)
		.map(([name, value]) => `?${name}=${value}`),
);
const target = fc
	.tuple(
		fc.oneof(
			{ weight: 4, arbitrary: knownPath },
			{ weight: 2, arbitrary: fc.array(segment, { maxLength: 7 }).map((parts) => `/${parts.join("/")}`) },
			{ weight: 1, arbitrary: fc.constantFrom("*", "http://x/", "//", "/?", "x", "/#", "https://[::1/") },
		),
		query,
	)
	.map(([path, rest]) => path + rest);

const knownRoute = fc.constantFrom<[string, string][]>(
	["POST", `/v1/${workspaceId}/channels/ses-setup`],
	["POST", `/v1/${workspaceId}/channels/ses-setup`],
	["GET", `/v1/${workspaceId}/channels/ses-setup`],
	["GET", `/v1/${workspaceId}/channels/ses-setup/${knownId}`],
	["POST", `/v1/${workspaceId}/channels/ses-setup/${knownId}/verify`],
	["DELETE", `/v1/${workspaceId}/channels/ses-setup/${knownId}`],
	["POST", `/v1/${workspaceId}/use-cases`],
	["GET", `/v1/${workspaceId}/use-cases`],
	["DELETE", `/v1/${workspaceId}/use-cases/${knownId}`],
);

const method = fc.oneof(
	{ weight: 8, arbitrary: fc.constantFrom("GET", "POST", "DELETE") },
	{
		weight: 2,
		arbitrary: fc.constantFrom(
			"PUT",
			"PATCH",
			"HEAD",
			"OPTIONS",
			"TRACE",
			"CONNECT",
			"PROPFIND",
			"get",
			"NOPE",
		),
	},
);

const deep = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;
const field = fc.oneof(
	fc.string({ unit: "binary", maxLength: 300 }),
	fc.constantFrom("mail.acme.com", "acme", "email", "transactional", knownId, "", "\u0000", "a".repeat(300)),
	fc.double(),
	fc.constantFrom(null, true, [], {}, 1e308),
);
const body = fc.oneof(
	fc
		.record({
			tenant_name: fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
			domain_identity: fc.domain(),
			more: fc.json(),
		})
		.map((value) => Buffer.from(JSON.stringify(value))),
	fc
		.dictionary(
			fc.constantFrom(
				"tenant_name",
				"domain_identity",
				"channel",
				"entity_name",
				"name",
				"description",
				"setup_id",
				"sender_email_address",
				"email_type",
				"__proto__",
				"constructor",
			),
			field,
			{ noNullPrototype: true },
		)
		.map((value) => Buffer.from(JSON.stringify(value))),
	fc.json().map((text) => Buffer.from(text)),
	fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
	fc
		.constantFrom(
			deep(30_000),
			"",
			"9".repeat(60_000),
			`{"a":${"9".repeat(5_000)}}`,
			"\ufeff{}",
			"x".repeat(70_000),
		)
		.map((text) => Buffer.from(text)),
);

const header = fc.oneof(
	fc.constantFrom(
		"content-type: application/json",
		"content-type: application/json; charset=utf-16",
		"content-type: text/plain",
		"content-type: multipart/form-data; boundary=x",
		"content-encoding: gzip",
		"expect: 100-continue",
		"expect: nonsense",
		"upgrade: websocket",
		"range: bytes=0-1",
		"if-none-match: *",
		"x-forwarded-for: 1.2.3.4",
		"authorization: Bearer",
		"cookie: a=b; =; ;",
		`accept: ${"x".repeat(5_000)}`,
	),
	fc.tuple(fc.stringMatching(/^[a-z-]{1,12}$/), fc.string({ maxLength: 40 })).map(([name, value]) => {
		// Line breaks would end the header; other oddities may stand.
		return `x-${name}: ${value.replace(/[\r\n]/g, " ")}`;
	}),
);

const framing = fc.oneof(
	{ weight: 40, arbitrary: fc.constant("length") },
	{ weight: 8, arbitrary: fc.constantFrom("chunked", "none", "slow") },
	// Each of these lasts until the service's patience ends.
	{ weight: 1, arbitrary: fc.constant("short") },
);

const request: fc.Arbitrary<RawRequest> = fc
	.record({
		line: fc.oneof(
			{ weight: 3, arbitrary: fc.tuple(knownRoute, query) },
			{ weight: 1, arbitrary: fc.tuple(fc.tuple(method, target), fc.constant("")) },
		),
		headers: fc.oneof(fc.constant([]), fc.array(header, { maxLength: 4 })),
		isKeyed: fc.nat(9).map((nth) => nth > 0),
		isJson: fc.nat(9).map((nth) => nth > 0),
		body,
		framing,
	})
	.map(({ line: [[method, target], rest], headers, isKeyed, isJson, body, framing }) => {
		const lines = [
			`${method} ${target}${rest} HTTP/1.1`,
			"host: localhost",
			"connection: close",
			...(isKeyed ? [`authorization: Bearer ${apiKey}`] : []),
			...(isJson ? ["content-type: application/json"] : []),
			...headers,
		];
		const head = (...more: string[]) => Buffer.from(`${[...lines, ...more].join("\r\n")}\r\n\r\n`);
		switch (framing) {
			case "none":
				return { parts: [head()] };
			case "chunked":
				return {
					parts: [
						head("transfer-encoding: chunked"),
						`${body.length.toString(16)}\r\n`,
						body,
						body.length > 0 ? "\r\n0\r\n\r\n" : "\r\n",
					],
				};
			case "short":
				return { parts: [head(`content-length: ${body.length + 5}`), body] };
			case "slow":
				return { parts: [head(`content-length: ${body.length}`), body], pauseMs: 30 };
			default:
				return { parts: [head(`content-length: ${body.length}`), body] };
		}
	});

/** What is wrong with an answer, whatever was sent. A connection that is closed without one is no answer. */
function problemOf({ status, headers, body }: RawAnswer): string | undefined {
	if (status === 0) return undefined;
	if (status >= 500 && status !== 502 && status !== 504) return `${status} ${body.slice(0, 200)}`;
	if (!/^[0-9a-f-]{36}$/.test(headers.get("x-request-id") ?? "")) return `${status} without a request id`;
	const code = headers.get("channels-error-code");
	if (status >= 400 && !errorCodes.some((known) => known === code)) return `${status} with the code ${code}`;
	if (status < 400 || body === "") return undefined;
	try {
		const { detail } = JSON.parse(body) as { detail?: unknown };
		return detail === undefined ? `${status} without a detail` : undefined;
	} catch {
		return `${status} without JSON: ${body.slice(0, 200)}`;
	}
}

function megabytes(octets: number): string {
	return (octets / 2 ** 20).toFixed(1);
}

it(`takes ${requests} fuzzed requests without a fault of its own`, {
	timeout: 60_000 + requests * 60,
}, async () => {
	const statuses = new Map<number, number>();
	const fuzz = async (count: number) => {
		const seed = Math.floor(Math.random() * 2 ** 31);
		const sample = fc.sample(request, { numRuns: count, seed });
		for (let first = 0; first < count; first += 10) {
			const batch = sample.slice(first, first + 10);
			await Promise.all(
				batch.map(async (sent) => {
					const answer = await sendRaw(service.url, sent);
					statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
					const problem = problemOf(answer);
					if (problem === undefined) return;
					const text = Buffer.concat(sent.parts.map((part) => Buffer.from(part))).toString("latin1");
					expect.fail(`seed ${seed}: ${problem}; sent: ${JSON.stringify(text.slice(0, 600))}`);
				}),
			);
		}
	};

	await fuzz(Math.ceil(requests / 5));
	const before = await service.heapBytes();
	await fuzz(requests);
	const after = await service.heapBytes();
	console.info(
		`${requests} requests; statuses: ${JSON.stringify(Object.fromEntries(statuses))}; heap: ${megabytes(before)} → ${megabytes(after)} MB`,
	);
	expect(after - before).toBeLessThan(8 * 2 ** 20);
	expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
	await untilAgreed(location, sandbox.ses);
});
