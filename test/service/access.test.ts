import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/index.js";
import type { Permission } from "../../service/index.js";
import { listApiKeys, revokeApiKey } from "../../service/index.js";
import { type Api, apiOf } from "../support/channels-api.js";
import { startTestService, type TestService } from "../support/service.js";

let sandbox: Sandbox;
let service: TestService;
let api: Api;

beforeAll(async () => {
	sandbox = await startSandbox();
	service = await startTestService({ sandbox });
	api = apiOf(service);
});
afterAll(async () => {
	await service?.stop();
	await sandbox?.close();
});

const id = randomUUID();
const routes: [method: string, path: string, permission: Permission][] = [
	["POST", "/channels/ses-setup", "Channel.create"],
	["GET", "/channels/ses-setup", "Channel.view"],
	["GET", `/channels/ses-setup/${id}`, "Channel.view"],
	["POST", `/channels/ses-setup/${id}/verify`, "Channel.view"],
	["DELETE", `/channels/ses-setup/${id}`, "Channel.delete"],
	["POST", "/use-cases", "Channel.create"],
	["GET", "/use-cases", "Channel.view"],
	["DELETE", `/use-cases/${id}`, "Channel.delete"],
];
const allPermissions: Permission[] = ["Channel.create", "Channel.view", "Channel.delete"];

describe.each(routes)("%s %s", (method, path, permission) => {
	it("is 401 without a key, with another scheme, and with an unknown key", async () => {
		for (const headers of [
			{},
			{ authorization: "" },
			{ authorization: "Bearer" },
			{ authorization: "Bearer ck_unknown" },
			{ authorization: `Basic ${service.apiKey}` },
			{ authorization: service.apiKey },
			{ authorization: `Bearer ${service.apiKey} x` },
			{ authorization: `Bearer ${service.apiKey}x` },
		]) {
			const answer = await api(method, path, { key: null, headers });
			expect([answer.status, answer.code]).toEqual([401, "not-authenticated"]);
			expect(answer.headers.get("www-authenticate")).toBe("Bearer");
			expect(answer.body).toEqual({ detail: expect.any(String) });
		}
	});

	it(`is 403 with every permission but ${permission}, and not with that one alone`, async () => {
		const without = await service.createKey({
			permissions: allPermissions.filter((each) => each !== permission),
		});
		const refused = await api(method, path, { key: without });
		expect([refused.status, refused.code, refused.body]).toEqual([
			403,
			"permission-missing",
			{ detail: `Insufficient permissions: the API key lacks ${permission}.` },
		]);
		const alone = await service.createKey({ permissions: [permission] });
		expect([200, 404, 422]).toContain((await api(method, path, { key: alone })).status);
	});

	it("is 403 in another workspace, whatever else is wrong", async () => {
		for (const workspaceId of [randomUUID(), "no-uuid"]) {
			const answer = await api(method, `${path.replace(id, "no-uuid")}?limit=999`, {
				workspaceId,
				...(method === "POST" ? { body: "{" } : {}),
			});
			expect([answer.status, answer.code]).toEqual([403, "permission-missing"]);
			expect(answer.body).toEqual({
				detail: "Insufficient permissions: the API key belongs to another workspace.",
			});
		}
	});

	it("judges a key before anything else about the request", async () => {
		const answer = await api(method, `${path.replace(id, "no-uuid")}?limit=999`, {
			key: "ck_unknown",
			...(method === "POST" ? { body: "{", headers: { "content-type": "text/plain" } } : {}),
		});
		expect(answer.status).toBe(401);
	});
});

it("takes a workspace in upper case for the same", async () => {
	const answer = await api("GET", "/channels/ses-setup", { workspaceId: service.workspaceId.toUpperCase() });
	expect(answer.status).toBe(200);
});

it("takes the scheme in any case", async () => {
	const headers = { authorization: `bearer ${service.apiKey}` };
	expect((await api("GET", "/channels/ses-setup", { key: null, headers })).status).toBe(200);
});

it("stores no key, and refuses one from the moment it is revoked", async () => {
	const workspaceId = randomUUID();
	const key = await service.createKey({ workspaceId });
	expect((await api("GET", "/channels/ses-setup", { key, workspaceId })).status).toBe(200);
	const [stored] = (await listApiKeys(service.location)).filter((each) => each.workspaceId === workspaceId);
	expect(JSON.stringify(stored)).not.toContain(key);
	await revokeApiKey(service.location, stored?.id ?? "");
	expect((await api("GET", "/channels/ses-setup", { key, workspaceId })).status).toBe(401);
	await expect(revokeApiKey(service.location, stored?.id ?? "")).rejects.toMatchObject({
		code: "option-invalid",
	});
});

it("answers 429 with Retry-After above the rate, and keeps keys apart", async () => {
	const slow = await startTestService({ sandbox, limits: { requestsPerSecond: 1 } });
	try {
		const slowApi = apiOf(slow);
		const answers = await Promise.all(
			Array.from({ length: 15 }, () => slowApi("GET", "/channels/ses-setup")),
		);
		const refused = answers.filter(({ status }) => status === 429);
		expect(answers.filter(({ status }) => status === 200)).toHaveLength(10);
		expect(refused).toHaveLength(5);
		expect(Number(refused[0]?.headers.get("retry-after"))).toBeGreaterThan(0);
		expect(Number(refused[0]?.headers.get("retry-after"))).toBeLessThanOrEqual(10);
		expect(refused.map(({ code }) => code)).toEqual(Array(5).fill("rate-limited"));
		expect((await slowApi("GET", "/channels/ses-setup", { key: await slow.createKey() })).status).toBe(200);
	} finally {
		await slow.stop();
	}
});
