import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/index.js";
import {
	ChannelsClient,
	ConflictError,
	ForbiddenError,
	InvalidRequestError,
	NotFoundError,
	UnauthorizedError,
} from "../../sdk/index.js";
import { apiOf } from "../support/channels-api.js";
import { startTestService, type TestService } from "../support/service.js";
import { collect, failure } from "./server.js";

describe("the client and the service of this repository", () => {
	let sandbox: Sandbox;
	let service: TestService;
	let client: ChannelsClient;
	const clients: ChannelsClient[] = [];

	const clientOf = (options: { apiKey?: string; workspaceId?: string } = {}) => {
		const { url, apiKey, workspaceId } = service;
		const made = new ChannelsClient({ apiKey, workspaceId, baseUrl: url, ...options });
		clients.push(made);
		return made;
	};
	const setup = (name: string) => ({ tenantName: name, domainIdentity: `${name}.example.com` });

	beforeAll(async () => {
		sandbox = await startSandbox();
		service = await startTestService({ sandbox });
		client = clientOf();
	});

	afterAll(async () => {
		for (const each of clients) await each.close();
		await service.stop();
		await sandbox.close();
	});

	it("agree on the whole life of a setup", async () => {
		const { data: created, status, requestId, date } = await client.sesSetups.create(setup("life"));
		expect(status).toBe(201);
		expect(requestId).toBeTruthy();
		expect(Math.abs(Date.now() - (date?.getTime() ?? 0))).toBeLessThan(60_000);
		expect(created).toMatchObject({ tenant_name: "life", domain_identity: "life.example.com" });
		expect(created.dns_records.map(({ type }) => type).sort()).toEqual([
			"CNAME",
			"CNAME",
			"CNAME",
			"MX",
			"TXT",
		]);

		const { data: read } = await client.sesSetups.get(created.id);
		expect(read.dns_records).toEqual(created.dns_records);
		const { data: verified } = await client.sesSetups.verify(created.id);
		expect(verified.dns_records.every((record) => !record.verified)).toBe(true);

		const deleted = await client.sesSetups.delete(created.id);
		expect(deleted).toMatchObject({ status: 204, data: undefined });
		expect(deleted.requestId).toBeTruthy();
		const gone = await failure(client.sesSetups.get(created.id), NotFoundError);
		expect(gone.fromApi).toBe(true);
	});

	it("agree that a record is verified once it stands in the live DNS", async () => {
		const { data: created } = await client.sesSetups.create(setup("live"));
		const zone = sandbox.route53.createZone("live.example.com");
		const mx = created.dns_records.find(({ type }) => type === "MX");
		sandbox.route53.put(zone.id, { name: "live.example.com", type: "MX", values: [mx?.record ?? ""] });
		const { data: verified } = await client.sesSetups.verify(created.id);
		expect(verified.dns_records.filter((record) => record.verified)).toEqual([{ ...mx, verified: true }]);
	});

	it("agree on pages", async () => {
		const workspaceId = randomUUID();
		const own = clientOf({ workspaceId, apiKey: await service.createKey({ workspaceId }) });
		const names = ["page-1", "page-2", "page-3", "page-4", "page-5"];
		for (const name of names) await own.sesSetups.create(setup(name));
		const pages = await collect(own.sesSetups.pages({ limit: 2 }));
		expect(pages.map(({ data }) => data.items.length)).toEqual([2, 2, 1]);
		const listed = await collect(own.sesSetups.list());
		expect(listed.map((each) => each.tenant_name).sort()).toEqual(names);
		expect(pages.flatMap(({ data }) => data.items)).toEqual(listed);
	});

	it("agree on what is taken", async () => {
		await client.sesSetups.create(setup("taken"));
		const again = await failure(client.sesSetups.create(setup("taken")), ConflictError);
		expect(again.detail).toBeTruthy();
		expect(again.attempts).toBe(1);
	});

	it("agree on what is in use", async () => {
		const { data: created } = await client.sesSetups.create(setup("used"));
		const useCase = await apiOf(service)<{ id: string }>("POST", "/use-cases", {
			json: {
				channel: "email",
				entity_name: "Acme",
				name: "Welcome",
				setup_id: created.id,
				sender_email_address: "hello@used.example.com",
				email_type: "transactional",
			},
		});
		expect(useCase.status).toBe(201);
		expect(await collect(client.useCases.list({ setupId: created.id }))).toMatchObject([
			{ id: useCase.body.id, setup_id: created.id, name: "Welcome" },
		]);
		expect(await collect(client.useCases.list({ setupId: randomUUID() }))).toEqual([]);
		const refused = await failure(client.sesSetups.delete(created.id), ConflictError);
		expect(refused.message).toContain("Welcome");
	});

	it("agree on wrong fields", async () => {
		const error = await failure(
			client.sesSetups.create({ tenantName: "not a tenant", domainIdentity: "x" }),
			InvalidRequestError,
		);
		expect(error.status).toBe(422);
		expect(error.items.map(({ loc }) => loc.at(-1))).toContain("tenant_name");
	});

	it("agree on who may do what", async () => {
		const stranger = clientOf({ apiKey: "not-a-key" });
		await failure(collect(stranger.sesSetups.list()), UnauthorizedError);
		const viewer = clientOf({ apiKey: await service.createKey({ permissions: ["Channel.view"] }) });
		expect(await collect(viewer.sesSetups.list())).not.toEqual([]);
		const denied = await failure(viewer.sesSetups.create(setup("denied")), ForbiddenError);
		expect(denied.message).toContain("Channel.create");
		const elsewhere = clientOf({ workspaceId: randomUUID() });
		await failure(elsewhere.sesSetups.get(randomUUID()), ForbiddenError);
		const none = await failure(client.sesSetups.get(randomUUID()), NotFoundError);
		expect(none.fromApi).toBe(true);
	});
});
