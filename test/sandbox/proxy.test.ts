import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { channelsOperation, Faults, RequestLog, startProxy } from "../../sandbox/index.js";

const workspace = "3f2b8c1e-0000-4000-8000-000000000001";
const setups = `/v1/${workspace}/channels/ses-setup`;

let target: Server;
let seen: { method: string; url: string; headers: NodeJS.Dict<string | string[]>; body: string }[];
let proxy: Awaited<ReturnType<typeof startProxy>>;
let log: RequestLog;
let faults: Faults;

beforeEach(async () => {
	seen = [];
	target = createServer(async (request, response) => {
		let body = "";
		for await (const chunk of request) body += chunk;
		seen.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers, body });
		response.writeHead(201, { "content-type": "application/json", "x-request-id": "from-the-service" });
		response.end('{"done":true}');
	});
	await new Promise<void>((resolve) => target.listen(0, "127.0.0.1", resolve));
	log = new RequestLog();
	faults = new Faults();
	proxy = await startProxy({
		target: `http://127.0.0.1:${(target.address() as AddressInfo).port}`,
		service: "channels",
		operation: channelsOperation,
		log,
		faults,
	});
});

afterEach(async () => {
	await proxy.close();
	target.closeAllConnections();
	await new Promise((resolve) => target.close(resolve));
});

describe("the proxy", () => {
	it("passes requests and answers on, and logs them without the key", async () => {
		const response = await fetch(`${proxy.url}${setups}?limit=2`, {
			method: "POST",
			headers: { authorization: "Bearer top-secret", "content-type": "application/json" },
			body: '{"tenant_name":"acme"}',
		});
		expect(response.status).toBe(201);
		expect(response.headers.get("x-request-id")).toBe("from-the-service");
		expect(await response.json()).toEqual({ done: true });
		expect(seen).toMatchObject([
			{ method: "POST", url: `${setups}?limit=2`, body: '{"tenant_name":"acme"}' },
		]);
		expect(seen[0]?.headers.authorization).toBe("Bearer top-secret");
		expect(log.all()).toMatchObject([{ service: "channels", operation: "POST ses-setup", status: 201 }]);
		expect(JSON.stringify(log.all())).not.toContain("top-secret");
	});

	it("passes a POST without a body on as one", async () => {
		await fetch(`${proxy.url}${setups}/${workspace}/verify`, { method: "POST" });
		expect(seen[0]?.headers["content-length"]).toBe("0");
		expect(seen[0]?.headers["content-type"]).toBeUndefined();
	});

	it.each([
		["GET", setups, "GET ses-setup"],
		["GET", `${setups}/${workspace}`, "GET ses-setup/{id}"],
		["DELETE", `${setups}/${workspace}`, "DELETE ses-setup/{id}"],
		["POST", `${setups}/${workspace}/verify`, "POST ses-setup/{id}/verify"],
		["GET", `/v1/${workspace}/use-cases?setup_id=1`, "GET use-cases"],
	])("calls %s %s by the name %s", async (method, path, operation) => {
		await fetch(`${proxy.url}${path}`, { method });
		expect(log.all().map((entry) => entry.operation)).toEqual([operation]);
	});

	it("loses the answer after the service has done its work", async () => {
		faults.add({ service: "channels", operation: "POST ses-setup", effect: { kind: "drop", when: "after" } });
		await expect(fetch(`${proxy.url}${setups}`, { method: "POST", body: "{}" })).rejects.toThrow();
		expect(seen).toHaveLength(1);
	});

	it("keeps a request from the service", async () => {
		faults.add({
			service: "channels",
			effect: {
				kind: "error",
				status: 429,
				code: "RateLimited",
				message: "slow down",
				headers: { "retry-after": "3" },
			},
		});
		const response = await fetch(`${proxy.url}${setups}`);
		expect(response.status).toBe(429);
		expect(response.headers.get("retry-after")).toBe("3");
		expect(await response.json()).toEqual({ detail: "slow down" });
		expect(seen).toHaveLength(0);
	});

	it("closes the connection when the service is not there", async () => {
		target.closeAllConnections();
		await new Promise((resolve) => target.close(resolve));
		await expect(fetch(`${proxy.url}${setups}`)).rejects.toThrow();
		expect(log.all()).toMatchObject([{ status: undefined }]);
		expect(log.all()[0]?.endedAt).toBeDefined();
	});
});
