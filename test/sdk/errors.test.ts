import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { type ErrorCode, errorCodes } from "../../sdk/error-codes.js";
import {
	ChannelsClient,
	ChannelsError,
	ConflictError,
	ForbiddenError,
	InvalidOptionError,
	InvalidRequestError,
	NotFoundError,
	ServerError,
	type Transport,
	UnauthorizedError,
	UnexpectedAnswerError,
} from "../../sdk/index.js";
import {
	apiKey,
	drop,
	failure,
	type Handler,
	hang,
	json,
	raw,
	serve,
	setupId,
	workspaceId,
} from "./server.js";

describe("errors", () => {
	it.each([
		[400, InvalidRequestError],
		[401, UnauthorizedError],
		[403, ForbiddenError],
		[404, NotFoundError],
		[409, ConflictError],
		[422, InvalidRequestError],
		[500, ServerError],
		[502, ServerError],
		[504, ServerError],
	] as const)("a %d keeps status, words, request id and the server's clock", async (status, kind) => {
		const date = "Tue, 24 Nov 2026 07:00:00 GMT";
		await using api = await serve(json(status, { detail: "In its own words." }, { date }));
		const error = await failure<ChannelsError>(api.client.sesSetups.get(setupId), kind);
		expect(error).toBeInstanceOf(ChannelsError);
		expect(error.name).toBe(kind.name);
		expect(error).toMatchObject({
			status,
			detail: "In its own words.",
			requestId: "req-1",
			date: new Date(date),
			method: "GET",
			url: `${api.url}/v1/${workspaceId}/channels/ses-setup/${setupId}`,
		});
		expect(error.message.startsWith(`reading the SES setup ${setupId} failed: In its own words.`)).toBe(true);
		expect(error.message).toContain(` (GET ${error.url}, status ${status}, request id req-1`);
	});

	it.each([
		["create-was-deleted", "create-was-deleted"],
		["c".repeat(64), "c".repeat(64)],
		["c".repeat(65), "conflict"],
		["Create", "conflict"],
		["-create", "conflict"],
		["1-create", "conflict"],
		["a b", "conflict"],
		["setup-exists, names-taken", "conflict"],
		["", "conflict"],
		["a\u009b31m", "conflict"],
		["setup-exists\n", "conflict"],
		["setup-exists\r\nx-more: 1", "conflict"],
		["\nsetup-exists", "conflict"],
	])("has for an API that sends the code %j the code %j", async (header, code) => {
		const body = JSON.stringify({ detail: "x" });
		const headers = { "content-type": "application/json", "channels-error-code": header };
		const transport: Transport = {
			send: async () => ({ status: 409, headers, body }),
			close: async () => {},
		};
		const client = new ChannelsClient({ apiKey, workspaceId, transport });
		const error = await failure(client.sesSetups.get(setupId), ConflictError);
		expect(error.code).toBe(code);
		expect(error.message).not.toContain(code);
	});

	it("has the code of the API's header, as a server sends it", async () => {
		await using api = await serve(json(409, { detail: "x" }, { "channels-error-code": "names-busy" }));
		expect((await failure(api.client.sesSetups.get(setupId), ConflictError)).code).toBe("names-busy");
	});

	const words = { detail: "In its own words." };
	it.each<[string, Handler, ErrorCode]>([
		["a 202", json(202, words), "unexpected-answer"],
		["a redirect", raw(302, "", { location: "/login" }), "unexpected-answer"],
		["a 400", json(400, words), "invalid-request"],
		["a 401", json(401, words), "api-unauthorized"],
		["a 403", json(403, words), "api-forbidden"],
		["a 404", json(404, words), "not-found"],
		["a 404 of something else", raw(404, "<h1>Not found</h1>"), "unexpected-answer"],
		["a 405", json(405, words), "unexpected-answer"],
		["a 408", json(408, words), "api-timeout"],
		["a 409", json(409, words), "conflict"],
		["a 418", json(418, words), "unexpected-answer"],
		["a 422", json(422, words), "invalid-request"],
		["a 429", json(429, words), "rate-limited"],
		["a 500", json(500, words), "api-failed"],
		["a 501", json(501, words), "api-failed"],
		["a 502", json(502, words), "api-unavailable"],
		["a 503", json(503, words), "api-unavailable"],
		["a 504", json(504, words), "api-unavailable"],
		["an odd answer", json(200, { id: 7 }), "unexpected-answer"],
		["a broken connection", drop, "api-not-connected"],
		["no answer in time", hang, "api-timeout"],
	])("has for %s without a header a code of the client's own", async (_, handler, code) => {
		await using api = await serve(handler, { timeoutMs: 300, random: () => 1 });
		const error = await failure(api.client.sesSetups.get(setupId), ChannelsError);
		expect(error.code).toBe(code);
		expect(errorCodes).toContain(error.code);
	});

	it("has a code where its time was over before it began", async () => {
		await using api = await serve(hang);
		const late = api.client.sesSetups.get(setupId, { timeoutMs: 0 });
		expect(await failure(late, ChannelsError)).toMatchObject({ code: "api-timeout", attempts: 0 });
	});

	it.each([
		["an API key", async () => new ChannelsClient({ apiKey: "", workspaceId })],
		["a workspace", async () => new ChannelsClient({ apiKey, workspaceId: "acme" })],
		["a base URL", async () => new ChannelsClient({ apiKey, workspaceId, baseUrl: "acme" })],
		["a time", async () => new ChannelsClient({ apiKey, workspaceId, timeoutMs: Number.NaN })],
		[
			"a time of a call",
			async (client: ChannelsClient) => client.sesSetups.get(setupId, { timeoutMs: Number.NaN }),
		],
		["a limit", async (client: ChannelsClient) => client.sesSetups.list({ limit: 0 }).next()],
	])("has a code for %s that is none", async (_, misuse) => {
		await using api = await serve(hang);
		const error = await failure(misuse(api.client), InvalidOptionError);
		expect(error).toBeInstanceOf(TypeError);
		expect(error).toMatchObject({ name: "InvalidOptionError", code: "invalid-option" });
	});

	it("gives a status without a kind as the base", async () => {
		await using api = await serve(json(418, { detail: "I'm a teapot." }));
		const error = await failure(api.client.sesSetups.get(setupId), ChannelsError);
		expect(error).toMatchObject({ name: "ChannelsError", status: 418 });
	});

	it("says what to do about a key that is refused", async () => {
		await using api = await serve(json(401, { detail: "Invalid token." }));
		const error = await failure(api.client.sesSetups.get(setupId), UnauthorizedError);
		expect(error.message).toContain("check channels:apiKey (CHANNELS_API_KEY)");
	});

	it("names the permission and the workspace", async () => {
		await using api = await serve(json(403, { detail: "Insufficient permissions." }));
		const error = await failure(api.client.sesSetups.delete(setupId), ForbiddenError);
		expect(error.message).toContain(`the permission Channel.delete in the workspace ${workspaceId}`);
	});

	it("lists each wrong field of a request", async () => {
		const items = [
			{ loc: ["body", "tenant_name"], msg: "String should match pattern", type: "string_pattern_mismatch" },
			{ loc: ["query", 0], msg: "Input should be a valid integer", type: "int_parsing", input: "x" },
		];
		await using api = await serve(json(422, { detail: items }));
		const error = await failure(api.client.sesSetups.get(setupId), InvalidRequestError);
		expect(error.items).toEqual(items);
		expect(error.detail).toBe(
			"body.tenant_name: String should match pattern; query.0: Input should be a valid integer",
		);
		expect(error.message).toContain(error.detail);
	});

	it.each([
		["the API's own body", json(404, { detail: "SES setup not found." }), true],
		["a proxy's page", raw(404, "<h1>Not found</h1>", { "content-type": "text/html" }), false],
		["JSON of another API", json(404, { message: "no route" }), false],
		["no body", raw(404, ""), false],
	])("a 404 with %s", async (_, handler, fromApi) => {
		await using api = await serve(handler);
		const error = await failure(api.client.sesSetups.get(setupId), NotFoundError);
		expect(error.fromApi).toBe(fromApi);
		expect(error.message.includes("check the base URL")).toBe(!fromApi);
	});
});

describe("what a server says", () => {
	/** Clears a screen, writes in red, rings, turns the text around, and breaks lines. */
	const hostile = "\u001b[2J\u001b[31mOwned\u0007\u009b1m\r\nSuccess!\u202egnp.exe\u2028\u0000\ud800";
	// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
	const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/u;

	it.each([
		["its words", json(409, { detail: hostile })],
		["the fields it names", json(422, { detail: [{ loc: ["body", hostile], msg: hostile, type: "x" }] })],
		["its request id", json(500, { detail: "x" }, { "x-request-id": "a\u009b31mb" })],
		["its content type", raw(200, "x", { "content-type": "text/\u009b31mx" })],
	])("steers no terminal: %s", async (_, handler) => {
		await using api = await serve(handler);
		const error = await failure(api.client.sesSetups.get(setupId), ChannelsError);
		expect(error.message).not.toMatch(control);
		expect(error.detail ?? "").not.toMatch(control);
		expect(error.requestId ?? "").not.toMatch(control);
	});

	it("keeps the letters of every language, and the words between odd ones", async () => {
		await using api = await serve(json(409, { detail: `Größe 域名 🦊 ${hostile}` }));
		const error = await failure(api.client.sesSetups.get(setupId), ConflictError);
		expect(error.detail).toContain("Größe 域名 🦊 ");
		expect(error.detail).toMatch(/Owned.*Success!/);
	});

	it.each([
		["its words", json(409, { detail: "é".repeat(1_000_000) })],
		[
			"the fields it names",
			json(422, { detail: Array(10_000).fill({ loc: ["body"], msg: "m".repeat(100), type: "x" }) }),
		],
		["its request id", json(500, { detail: "x" }, { "x-request-id": "i".repeat(10_000) })],
		["its content type", raw(200, "x", { "content-type": "t".repeat(10_000) })],
		["where it redirects", raw(302, "", { location: `/${"l".repeat(10_000)}` })],
	])("is cut where it is too long: %s", async (_, handler) => {
		await using api = await serve(handler);
		const error = await failure(api.client.sesSetups.get(setupId), ChannelsError);
		expect(error.message.length).toBeLessThan(3_000);
		expect((error.detail ?? "").length).toBeLessThan(3_000);
		expect(error.message).toContain("…");
	});
});

describe("the API key", () => {
	const everywhere = (value: unknown) =>
		[
			inspect(value, { depth: 20, showHidden: true, getters: true }),
			JSON.stringify(value, Object.getOwnPropertyNames(value)),
			String(value),
		].join("\n");

	/** Sends back all that it was sent. */
	const echo =
		(status: number, contentType = "application/json"): Handler =>
		(request, response) => {
			response.writeHead(status, {
				"content-type": contentType,
				"x-request-id": `req ${request.headers.authorization}`,
				location: `/login?next=${encodeURIComponent(apiKey)}/${apiKey}`,
			});
			response.end(
				JSON.stringify({
					detail: [{ loc: ["header", apiKey], msg: `bad ${apiKey}`, type: "x", input: request.headers }],
				}),
			);
		};

	it.each([
		["an echo as 422", echo(422)],
		["an echo as 401", echo(401)],
		["an echo as 500", echo(500)],
		["an echo as 200", echo(200)],
		["an echo as 200 text", echo(200, `text/${apiKey.replace(/[^a-z]/g, "")}`)],
		["an echo as a redirect", echo(302)],
		["a broken connection", drop],
		["a timeout", hang],
	])("appears in no part of an error: %s", async (_, handler) => {
		await using api = await serve(handler, { attemptTimeoutMs: 100 });
		const error = await failure(api.client.sesSetups.get(setupId), ChannelsError);
		const text = everywhere(error);
		expect(text).toContain(setupId);
		expect(text).not.toContain(apiKey);
		expect(text).not.toContain(encodeURIComponent(apiKey));
		for (let cause = error.cause; cause instanceof Error; cause = cause.cause)
			expect(everywhere(cause)).not.toContain(apiKey);
	});

	it("appears nowhere in the client", async () => {
		await using api = await serve(hang);
		expect(everywhere(api.client)).toContain(workspaceId);
		expect(everywhere(api.client)).not.toContain(apiKey);
	});

	it("appears in no refusal of the client's arguments", () => {
		const bad = `${apiKey} \n`;
		const error = (() => {
			try {
				return new ChannelsClient({ apiKey: bad, workspaceId });
			} catch (thrown) {
				return thrown;
			}
		})();
		expect(error).toBeInstanceOf(TypeError);
		expect(String(error)).toContain("apiKey holds a space");
		expect(String(error)).not.toContain(apiKey);
		expect(
			() => new ChannelsClient({ apiKey, workspaceId, baseUrl: `https://u:${apiKey}@x.example` }),
		).toThrow(expect.objectContaining({ message: expect.not.stringContaining(apiKey) }));
	});

	it("an answer of the right status is reported as odd", async () => {
		await using api = await serve(echo(200));
		expect(await failure(api.client.sesSetups.get(setupId), UnexpectedAnswerError)).toMatchObject({
			field: "id",
		});
	});
});
