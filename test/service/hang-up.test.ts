import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/index.js";
import { createApiKey, permissions } from "../../service/index.js";
import { type ServiceProcess, startServiceProcess } from "../support/service-process.js";
import { waitUntil } from "../support/wait.js";

const workspaceId = randomUUID();
let folder: string;
let sandbox: Sandbox;
let service: ServiceProcess;
let apiKey: string;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "channels-hang-up-"));
	const location = join(folder, "channels.db");
	sandbox = await startSandbox();
	apiKey = (await createApiKey(location, workspaceId, permissions)).key;
	service = await startServiceProcess({ sandbox, location, logLevel: "info" });
});
afterAll(async () => {
	await service?.stop();
	await sandbox?.close();
	await rm(folder, { recursive: true, force: true });
});

/** Requests counted for a route, by status. */
async function answered(): Promise<Record<string, number>> {
	const text = await (await fetch(`${service.url}/metrics`)).text();
	const counts = text.matchAll(
		/^channels_api_request_seconds_count\{method="POST".*status="(\d+)"\} (\d+)$/gm,
	);
	return Object.fromEntries([...counts].map(([, status, count]) => [status, Number(count)]));
}

const requests = () => service.log.filter((line) => line.includes('"msg":"request"')).length;

it.each([
	["of known length", "content-length: 1000", '{"tenant_name":'],
	["in chunks", "transfer-encoding: chunked", 'f\r\n{"tenant_name":\r\n'],
])(
	"a client that hangs up in a body %s is no error of the service, nor of its database",
	async (_, length, part) => {
		const before = requests();
		const { port } = new URL(service.url);
		const socket = connect(Number(port), "127.0.0.1");
		await once(socket, "connect");
		socket.write(
			[
				`POST /v1/${workspaceId}/channels/ses-setup HTTP/1.1`,
				"host: localhost",
				`authorization: Bearer ${apiKey}`,
				"content-type: application/json",
				"expect: 100-continue",
				length,
				"",
				part,
			].join("\r\n"),
		);
		// The service has the headers, and waits for the rest.
		await once(socket, "data");
		socket.resetAndDestroy();
		await waitUntil(() => requests() > before, { timeoutMs: 20_000, what: () => "logged request" });
		expect(service.log.filter((line) => /"status":499,"code":"request-incomplete"/.test(line))).not.toEqual(
			[],
		);
		expect(Object.keys(await answered())).toEqual(["499"]);
		expect(service.log.filter((line) => line.includes('"err"') || line.includes("database is"))).toEqual([]);
	},
);
