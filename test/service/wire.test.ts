import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/index.js";
import type { SesSetupDetailResponse } from "../../sdk/index.js";
import { type Api, apiOf } from "../support/channels-api.js";
import { type RawAnswer, sendRaw } from "../support/raw-http.js";
import { startTestService, type TestService } from "../support/service.js";

let sandbox: Sandbox;
let service: TestService;
let api: Api;

beforeAll(async () => {
	sandbox = await startSandbox();
	service = await startTestService({ sandbox, timing: { requestTimeoutMs: 500 } });
	api = apiOf(service);
});
afterAll(async () => {
	await service?.stop();
	await sandbox?.close();
});

function raw(...parts: string[]): Promise<RawAnswer> {
	return sendRaw(service.url, { parts });
}

describe("every answer", () => {
	it("has a request id of its own and a date, 204 and errors included", async () => {
		const made = await api<SesSetupDetailResponse>("POST", "/channels/ses-setup", {
			json: { tenant_name: "acme", domain_identity: "mail.acme.com" },
		});
		const path = `/channels/ses-setup/${made.body.id}`;
		const answers = [
			made,
			await api("GET", path),
			await api("DELETE", path),
			await api("GET", path),
			await api("PUT", path),
			await api("GET", "/nowhere"),
			await api("GET", path, { key: null }),
			await api("POST", "/channels/ses-setup", { body: "{" }),
			await api("GET", "/channels/ses-setup", { headers: { "x-request-id": "mine" } }),
		];
		expect(answers.map(({ status }) => status)).toEqual([201, 200, 204, 404, 405, 404, 401, 422, 200]);
		const ids = answers.map(({ headers }) => headers.get("x-request-id"));
		expect(new Set(ids).size).toBe(answers.length);
		for (const id of ids) expect(id).toMatch(/^[0-9a-f-]{36}$/);
		for (const { headers } of answers) {
			expect(Math.abs(Date.parse(headers.get("date") ?? "") - Date.now())).toBeLessThan(5_000);
		}
	});

	it("is no later by its date than what it created", async () => {
		const before = await api("GET", "/channels/ses-setup");
		const made = await api<SesSetupDetailResponse>("POST", "/channels/ses-setup", {
			json: { tenant_name: "dated", domain_identity: "dated.acme.com" },
		});
		expect(Date.parse(made.body.created_at)).toBeGreaterThanOrEqual(
			Date.parse(before.headers.get("date") ?? ""),
		);
	});
});

describe("methods and paths", () => {
	it.each([
		["PUT", "/channels/ses-setup", "POST, GET, HEAD"],
		["DELETE", "/channels/ses-setup", "POST, GET, HEAD"],
		["PATCH", `/channels/ses-setup/${randomUUID()}`, "GET, HEAD, DELETE"],
		["GET", `/channels/ses-setup/${randomUUID()}/verify`, "POST"],
		["PUT", "/use-cases", "POST, GET, HEAD"],
		["OPTIONS", `/use-cases/${randomUUID()}`, "DELETE"],
	])("%s %s is 405 and names what is allowed", async (method, path, allowed) => {
		const answer = await api(method, path);
		expect([answer.status, answer.code, answer.body]).toEqual([
			405,
			"method-not-allowed",
			{ detail: "Method Not Allowed" },
		]);
		expect(answer.headers.get("allow")).toBe(allowed);
	});

	it.each(["/", "/channels", "/channels/ses-setup/", "/channels/ses-setup/a/b", "/USE-CASES"])(
		"%s is 404 with a JSON detail",
		async (path) => {
			const answer = await api("GET", path);
			expect([answer.status, answer.code, answer.body]).toEqual([
				404,
				"no-such-path",
				{ detail: "Not Found" },
			]);
		},
	);

	it("answers HEAD as GET without a body", async () => {
		const answer = await api("HEAD", "/channels/ses-setup");
		expect([answer.status, answer.body]).toEqual([200, undefined]);
	});

	it("takes a verify as a POST of length 0 without a content type", async () => {
		const { status, headers } = await raw(
			`POST /v1/${service.workspaceId}/channels/ses-setup/${randomUUID()}/verify HTTP/1.1\r\n`,
			`host: localhost\r\nauthorization: Bearer ${service.apiKey}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`,
		);
		expect([status, headers.get("channels-error-code")]).toEqual([404, "setup-not-found"]);
	});
});

describe("what is no proper HTTP", () => {
	it.each<[string, number, string, string[]]>([
		["garbage", 400, "bad-request", ["\u0001\u0002\r\n\r\n"]],
		["a header without a name", 400, "bad-request", ["GET / HTTP/1.1\r\n: x\r\n\r\n"]],
		["no host", 400, "bad-request", ["GET / HTTP/1.1\r\nconnection: close\r\n\r\n"]],
		["a bad host", 400, "bad-request", ["GET / HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n"]],
		["huge headers", 431, "bad-request", [`GET / HTTP/1.1\r\nhost: x\r\na: ${"x".repeat(40_000)}\r\n\r\n`]],
		[
			"two lengths",
			400,
			"bad-request",
			["POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd"],
		],
		["headers that do not end", 408, "request-incomplete", ["GET / HTTP/1.1\r\nhost: x\r\n"]],
		["a tunnel", 405, "method-not-allowed", ["CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n"]],
		["an unknown expectation", 417, "bad-request", ["GET / HTTP/1.1\r\nhost: a\r\nexpect: tea\r\n\r\n"]],
	])("%s is %i with the code %s, a JSON detail and a request id", async (_, status, code, parts) => {
		const answer = await raw(...parts);
		expect([answer.status, answer.headers.get("channels-error-code")]).toEqual([status, code]);
		expect(JSON.parse(answer.body)).toEqual({ detail: expect.any(String) });
		expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
	});

	it("ends a request whose body does not come", async () => {
		const answer = await raw(
			`POST /v1/${service.workspaceId}/channels/ses-setup HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${service.apiKey}\r\n`,
			"content-type: application/json\r\ncontent-length: 100\r\n\r\n{",
		);
		expect([answer.status, answer.headers.get("channels-error-code")]).toEqual([408, "request-incomplete"]);
		expect(sandbox.ses.tenants().filter(({ name }) => name === "slow")).toEqual([]);
	});
});

describe("operations", () => {
	it("is healthy and ready without a key", async () => {
		for (const [path, status] of [
			["/healthz", "ok"],
			["/readyz", "ready"],
		]) {
			const answer = await fetch(`${service.url}${path}`);
			expect([answer.status, await answer.json()]).toEqual([200, { status }]);
			expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
		}
	});

	it("counts requests by route, calls of SES by operation, and setups by state", async () => {
		await api("GET", `/channels/ses-setup/${randomUUID()}`);
		const metrics = await (await fetch(`${service.url}/metrics`)).text();
		expect(metrics).toMatch(
			/channels_api_request_seconds_count\{method="GET",route="\/v1\/:workspace_id\/channels\/ses-setup\/:setup_id",status="404"\} [1-9]/,
		);
		expect(metrics).toMatch(
			/channels_api_ses_call_seconds_count\{operation="CreateTenant",outcome="ok"\} [1-9]/,
		);
		expect(metrics).toMatch(/channels_api_setups\{state="active"\} \d/);
		expect(metrics).not.toContain(service.workspaceId);
	});
});

it("is stopped by no connection that it has refused and the client keeps open", async () => {
	const stopping = await startTestService({ sandbox });
	const { hostname, port } = new URL(stopping.url);
	const sockets = [
		`CONNECT a:1 HTTP/1.1\r\nhost: a\r\n\r\n${"x".repeat(100_000)}`,
		"POST / HTTP/1.1\r\nhost: a\r\nexpect: nonsense\r\ncontent-length: 9\r\n\r\nx",
		"\u0001\r\n\r\n",
	].map((request) => {
		const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
		socket.on("error", () => {}).write(request);
		return socket;
	});
	await Promise.all(sockets.map((socket) => once(socket, "readable")));
	const started = performance.now();
	await stopping.stop();
	expect(performance.now() - started).toBeLessThan(5_000);
	for (const socket of sockets) socket.destroy();
});

it("lets a request under way end when it is stopped, and takes no more", async () => {
	const stopping = await startTestService({ sandbox });
	sandbox.faults.add({ service: "sesv2", operation: "CreateTenant", effect: { kind: "delay", ms: 300 } });
	const calls = sandbox.log.count({ operation: "CreateTenant" });
	const create = apiOf(stopping)("POST", "/channels/ses-setup", {
		json: { tenant_name: "last", domain_identity: "last.acme.com" },
	});
	await sandbox.log.until((log) => log.count({ operation: "CreateTenant" }) > calls);
	const [answer] = await Promise.all([create, stopping.stop()]);
	expect(answer.status).toBe(201);
	await expect(fetch(`${stopping.url}/healthz`)).rejects.toThrow();
});
