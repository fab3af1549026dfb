import { describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { ChannelsClient, type Transport, UnexpectedAnswerError, VERSION } from "../../sdk/index.js";
import { apiKey, collect, detail, failure, item, json, raw, serve, setupId, workspaceId } from "./server.js";

const base = `/v1/${workspaceId}/channels/ses-setup`;

describe("requests", () => {
	it("creates with the API's own field names", async () => {
		await using api = await serve(json(201, detail));
		const created = await api.client.sesSetups.create({
			tenantName: "acme-support",
			domainIdentity: "mail.acme.com",
		});
		expect(created.data).toEqual(detail);
		expect(api.seen[0]).toMatchObject({ method: "POST", url: base });
		expect(api.seen[0]?.headers).toMatchObject({
			"content-type": "application/json",
			accept: "application/json",
			authorization: `Bearer ${apiKey}`,
			"user-agent": `pulumi-channels/${manifest.version} node/${process.versions.node}`,
		});
		expect(JSON.parse(api.seen[0]?.body ?? "")).toEqual({
			tenant_name: "acme-support",
			domain_identity: "mail.acme.com",
		});
	});

	it("reads, verifies and deletes at their paths; verify has an empty body and no content type", async () => {
		await using api = await serve([json(200, detail), json(200, detail), raw(204, "")]);
		expect((await api.client.sesSetups.get(setupId)).data).toEqual(detail);
		expect((await api.client.sesSetups.verify(setupId)).data).toEqual(detail);
		expect((await api.client.sesSetups.delete(setupId)).data).toBeUndefined();
		expect(api.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
			`GET ${base}/${setupId}`,
			`POST ${base}/${setupId}/verify`,
			`DELETE ${base}/${setupId}`,
		]);
		expect(api.seen[1]?.headers["content-length"]).toBe("0");
		expect(api.seen[1]?.headers["content-type"]).toBeUndefined();
	});

	it("lists the use cases of a setup", async () => {
		const useCase = {
			id: "u-1",
			channel: "email",
			entity_name: "Acme",
			name: "Welcome",
			description: null,
			setup_id: setupId,
			created_at: detail.created_at,
			updated_at: detail.updated_at,
		};
		// Of an API without pages, and then of one with them.
		await using api = await serve([
			json(200, { items: [useCase] }),
			json(200, { items: [useCase], has_more: true, continuation_token: 7 }),
			json(200, { items: [useCase], has_more: false, continuation_token: null }),
		]);
		expect(await collect(api.client.useCases.list({ setupId }))).toEqual([useCase]);
		expect(await collect(api.client.useCases.list())).toEqual([useCase, useCase]);
		expect(api.seen.map(({ url }) => url)).toEqual([
			`/v1/${workspaceId}/use-cases?setup_id=${setupId}`,
			`/v1/${workspaceId}/use-cases`,
			`/v1/${workspaceId}/use-cases?continuation_token=7`,
		]);
	});

	it("keeps the path of a base URL, and lets no id leave its segment", async () => {
		await using api = await serve(json(200, detail));
		await using client = new ChannelsClient({ apiKey, workspaceId, baseUrl: `${api.url}/proxy/` });
		await client.sesSetups.get("../../other?x#y");
		expect(api.seen[0]?.url).toBe(`/proxy${base}/..%2F..%2Fother%3Fx%23y`);
	});

	it("keeps its connections for later calls", async () => {
		const ports = new Set<number | undefined>();
		await using api = await serve((request, response) => {
			ports.add(response.socket?.remotePort);
			json(200, detail)(request, response);
		});
		for (let call = 0; call < 10; call += 1) await api.client.sesSetups.get(setupId);
		// undici may open a second one while the first is still being handed back.
		expect(ports.size).toBeLessThanOrEqual(2);
	});

	it("carries the version of the package", () => {
		expect(VERSION).toBe(manifest.version);
	});
});

describe("answers", () => {
	it("gives the status, request id and the server's clock", async () => {
		const date = "Tue, 24 Nov 2026 07:00:00 GMT";
		await using api = await serve(json(200, detail, { "x-request-id": "req-42", date }));
		expect(await api.client.sesSetups.get(setupId)).toMatchObject({
			status: 200,
			requestId: "req-42",
			date: new Date(date),
		});
	});

	it("takes unknown fields and drops them", async () => {
		await using api = await serve(json(200, { ...detail, color: "blue" }));
		expect((await api.client.sesSetups.get(setupId)).data).toEqual(detail);
	});

	it.each([
		["id", { ...detail, id: "1" }],
		["tenant_name", { ...detail, tenant_name: undefined }],
		["created_at", { ...detail, created_at: "yesterday" }],
		["dns_checked_at", { ...detail, dns_checked_at: 0 }],
		["dns_records", { ...detail, dns_records: null }],
		[
			"dns_records[1].type",
			{ ...detail, dns_records: [detail.dns_records[0], { ...detail.dns_records[1], type: 1 }] },
		],
		["dns_records[0].verified", { ...detail, dns_records: [{ ...detail.dns_records[0], verified: "yes" }] }],
	])("names an odd field: %s", async (field, body) => {
		await using api = await serve(json(200, body));
		const error = await failure(api.client.sesSetups.get(setupId), UnexpectedAnswerError);
		expect(error.field).toBe(field);
		expect(error.message).toContain(`odd at ${field}: `);
		expect(error.message).toContain(`(GET ${api.url}${base}/${setupId}, status 200, request id req-1)`);
		expect(api.seen).toHaveLength(1);
	});

	it.each([
		["a page of HTML", raw(200, "<html>", { "content-type": "text/html" }), "text/html instead of JSON"],
		["no content type", raw(200, JSON.stringify(detail)), "no content type instead of JSON"],
		["broken JSON", raw(200, '{"id":', { "content-type": "application/json" }), "no valid JSON"],
		["an empty body", raw(200, "", { "content-type": "application/json" }), "no valid JSON"],
		["another success", json(202, detail), "status 202"],
		["a list", json(200, [detail]), "odd: "],
	])("refuses %s", async (_, handler, reason) => {
		await using api = await serve(handler);
		const error = await failure(api.client.sesSetups.get(setupId), UnexpectedAnswerError);
		expect(error.message).toContain(reason);
	});

	it("gives up an answer without end", async () => {
		let written = 0;
		await using api = await serve((_, response) => {
			response.writeHead(200, { "content-type": "application/json" });
			const chunk = Buffer.alloc(64 * 1024, "a");
			const write = () => {
				while (!response.destroyed && response.write(chunk)) written += chunk.length;
			};
			response.on("drain", write);
			write();
		});
		const error = await failure(api.client.sesSetups.get(setupId), UnexpectedAnswerError);
		expect(error.message).toContain("more than 4194304 bytes");
		expect(written).toBeLessThan(64 * 1024 * 1024);
	});

	it("follows no redirect and says where it would have led", async () => {
		await using api = await serve(raw(307, "", { location: "https://else.example/v2?key=1" }));
		const error = await failure(api.client.sesSetups.get(setupId), UnexpectedAnswerError);
		expect(error.status).toBe(307);
		expect(error.message).toContain("redirects to https://else.example/v2, which is not followed");
		expect(api.seen).toHaveLength(1);
	});
});

describe("lists", () => {
	const page = (has_more: boolean, continuation_token?: number | null, items = [item]) =>
		json(200, { items, has_more, ...(continuation_token !== undefined && { continuation_token }) });

	it("reads page after page, as they are consumed", async () => {
		await using api = await serve([
			page(true, 7),
			page(true, Number.MAX_SAFE_INTEGER, []),
			page(false, null),
		]);
		const items = api.client.sesSetups.list();
		expect((await items.next()).value).toEqual(item);
		expect(api.seen).toHaveLength(1);
		expect((await items.next()).value).toEqual(item);
		expect((await items.next()).done).toBe(true);
		expect(api.seen.map(({ url }) => url)).toEqual([
			`${base}?limit=20`,
			`${base}?limit=20&continuation_token=7`,
			`${base}?limit=20&continuation_token=9007199254740991`,
		]);
	});

	it("gives whole answers to those who need the server's clock", async () => {
		await using api = await serve(page(false));
		const pages = await collect(api.client.sesSetups.pages({ limit: 1 }));
		expect(pages).toMatchObject([
			{ status: 200, requestId: "req-1", date: expect.any(Date), data: { items: [item] } },
		]);
		expect(api.seen[0]?.url).toBe(`${base}?limit=1`);
	});

	it.each([
		["leads in a circle", [page(true, 7), page(true, 7)]],
		["says there is more but not where", [page(true)]],
		["says there is more but nowhere", [page(true, null)]],
	] as const)("refuses a list that %s", async (_, pages) => {
		await using api = await serve([...pages] as [(typeof pages)[0], ...(typeof pages)[0][]]);
		const error = await failure(collect(api.client.sesSetups.list()), UnexpectedAnswerError);
		expect(error.field).toBe("continuation_token");
		expect(api.seen).toHaveLength(pages.length);
	});

	it("ends a list that always goes on", async () => {
		let sent = 0;
		const endless: Transport = {
			async send() {
				sent += 1;
				const body = JSON.stringify({ items: [], has_more: true, continuation_token: sent });
				return { status: 200, headers: { "content-type": "application/json" }, body };
			},
			async close() {},
		};
		const client = new ChannelsClient({ apiKey, workspaceId, transport: endless });
		for (const list of [client.sesSetups.list(), client.useCases.list()]) {
			sent = 0;
			const error = await failure(collect<unknown>(list), UnexpectedAnswerError);
			expect(error.message).toContain("10000 pages");
			expect(sent).toBe(10_000);
		}
	});

	it.each([0, 21, 1.5, Number.NaN])("refuses a page size of %s before it asks", async (limit) => {
		await using api = await serve(page(false));
		await expect(collect(api.client.sesSetups.list({ limit }))).rejects.toThrow(TypeError);
		expect(api.seen).toHaveLength(0);
	});
});
