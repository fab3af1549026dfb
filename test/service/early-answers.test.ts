import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/index.js";
import { type PoolingProxy, startPoolingProxy } from "../support/pooling-proxy.js";
import { startTestService, type TestService } from "../support/service.js";

let sandbox: Sandbox;
let service: TestService;
/** For one request each, as this service takes ten of a key. */
const keys: string[] = [];
let spentKey: string;

beforeAll(async () => {
	sandbox = await startSandbox();
	service = await startTestService({ sandbox, limits: { requestsPerSecond: 1 } });
	for (let count = 0; count < 40; count += 1) keys.push(await service.createKey());
});
// Anew for each test, as it is spent for ten seconds.
beforeEach(async () => {
	spentKey = await service.createKey();
	const headers = { authorization: `Bearer ${spentKey}` };
	const list = () => fetch(`${service.url}/v1/${service.workspaceId}/channels/ses-setup`, { headers });
	await Promise.all(Array.from({ length: 11 }, list));
});
afterAll(async () => {
	await service?.stop();
	await sandbox?.close();
});

interface Refused {
	readonly method?: string;
	readonly path?: string;
	readonly workspace?: string;
	readonly type?: string;
	readonly key?: "none" | "spent";
}

/** What is refused before its body is read, by the status. */
const early: [status: number, request: Refused][] = [
	[401, { key: "none" }],
	[403, { workspace: randomUUID() }],
	[404, { path: "/nowhere" }],
	[405, { method: "PUT" }],
	[413, {}],
	[422, { method: "DELETE", path: "/channels/ses-setup/no-uuid" }],
	[429, { key: "spent" }],
];

/** That, and what is refused once the body is there. */
const refused = [...early, [415, { type: "text/plain" }]] as typeof early;

function headers({ type = "application/json", key }: Refused): Record<string, string> {
	const text = key === "spent" ? spentKey : keys.pop();
	return {
		host: "channels",
		"content-type": type,
		...(key === "none" ? {} : { authorization: `Bearer ${text}` }),
	};
}

function target({ path = "/channels/ses-setup", workspace = service.workspaceId }: Refused): string {
	return `/v1/${workspace}${path}`;
}

/** Twice the most that is taken as a body, or just below it where what is beyond would be refused for that. */
function octets(status: number): number {
	return service.config.limits.bodyBytes * (status === 415 ? 0.9 : 8);
}

let proxy: PoolingProxy;
beforeAll(async () => {
	proxy = await startPoolingProxy(service.url);
});
afterAll(() => proxy?.[Symbol.asyncDispose]());

describe.each(early)("a request that is answered %i before its body was read", (status, request) => {
	/** Sends the request, its body up to the last octet, and what follows; reads until the connection ends. */
	async function converse(body: string, rest: string) {
		const socket = connect(Number(new URL(service.url).port), "127.0.0.1");
		let text = "";
		socket.on("data", (chunk) => {
			text += chunk.toString("latin1");
		});
		socket.on("error", () => {});
		const ended = once(socket, "close");
		const head = Object.entries(headers(request)).map(([name, value]) => `${name}: ${value}\r\n`);
		const line = `${request.method ?? "POST"} ${target(request)} HTTP/1.1\r\n`;
		socket.write(`${line}${head.join("")}content-length: ${body.length + rest.length}\r\n\r\n${body}`);
		await expect.poll(() => text, { timeout: 20_000 }).toContain('{"detail":');
		const answer = text;
		const tell = "GET /healthz HTTP/1.1\r\nhost: channels\r\nconnection: close\r\n\r\n";
		socket.write(`${rest}${tell}`);
		await ended;
		return { answer, after: text.slice(answer.length) };
	}

	it("is told that the connection ends, and may send the rest of it in peace", async () => {
		const { answer, after } = await converse("x".repeat(octets(status) - 1), "x");
		expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
		expect(answer).toMatch(/^connection: close\r$/im);
		expect(after).toBe("");
	});
});

it("keeps the connection of a request that was refused when all of it was there", async () => {
	const socket = connect(Number(new URL(service.url).port), "127.0.0.1");
	let text = "";
	socket.on("data", (chunk) => {
		text += chunk.toString("latin1");
	});
	const path = target({});
	for (let count = 1; count <= 3; count += 1) {
		socket.write(`POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\n{}`);
		await expect.poll(() => text.split("HTTP/1.1 401 ")).toHaveLength(count + 1);
	}
	expect(text).not.toMatch(/connection: close/i);
	socket.destroy();
});

it("harms no request that a proxy sends on a connection after a refused one", async () => {
	const culprits = refused.flatMap((each) => [each, each]);
	const answers = await Promise.all(
		culprits.map(async ([status, request], index) => {
			const body = "x".repeat(octets(status));
			const answer = await fetch(proxy.url + target(request), {
				method: request.method ?? "POST",
				headers: headers(request),
				// Half of them announce their length.
				body: index % 2 === 0 ? body : new Blob([body]).stream(),
				duplex: "half",
			} as RequestInit);
			return [status, answer.status];
		}),
	);
	for (const [expected, status] of answers) expect(status).toBe(expected);
	// Longer than half a second: a server that cuts off late what it has called good does it by then.
	const end = performance.now() + 1_000;
	let innocent = 0;
	while (performance.now() < end) {
		const statuses = await Promise.all(
			Array.from({ length: 8 }, async () => (await fetch(`${proxy.url}/healthz`)).status),
		);
		innocent += statuses.length;
		expect(statuses).toEqual(Array(8).fill(200));
		await sleep(10);
	}
	expect(innocent).toBeGreaterThan(8);
	expect(await proxy.failures()).toEqual([]);
});
