import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
	ChannelsClient,
	type ChannelsError,
	ConnectionError,
	NotFoundError,
	ServerError,
	TimeoutError,
	UnauthorizedError,
	UnexpectedAnswerError,
} from "../../sdk/index.js";
import { createHttpTransport } from "../../sdk/transport.js";
import { startForwardProxy } from "../support/forward-proxy.js";
import { startHostedApi } from "../support/hosted-api.js";
import { hostedAuthorityFile } from "../support/tls.js";
import { apiKey, detail, failure, type Handler, json, raw, serve, setupId, workspaceId } from "./server.js";

const embedded = "`pulumi config set channels:api embedded`";

/** A client of the default base URL that reaches it through the proxy alone. */
function client(proxy: string, ca: string | undefined = readFileSync(hostedAuthorityFile, "utf8")) {
	vi.stubEnv("HTTPS_PROXY", proxy);
	return new ChannelsClient({
		apiKey,
		workspaceId,
		timeoutMs: 500,
		transport: createHttpTransport({ ca, connectTimeoutMs: 1_000 }),
		clock: { now: Date.now, monotonic: () => performance.now(), sleep: async () => {} },
		random: () => 0.5,
	});
}

afterEach(() => {
	vi.unstubAllEnvs();
});

/** What stands there answers each request with this. */
const at = (handler: Handler) => startHostedApi((request, response) => handler(request as never, response));

describe("the hosted API, which was withdrawn,", () => {
	it.each<[string, Handler, new (...args: never[]) => ChannelsError]>([
		["a 404 in its form", json(404, { detail: "Not Found" }), NotFoundError],
		["a 404 of a proxy", raw(404, "<h1>Not found</h1>"), NotFoundError],
		["a 404 without a body", raw(404, ""), NotFoundError],
		[
			"a redirect to a website",
			raw(302, "", { location: "https://www.example.com/" }),
			UnexpectedAnswerError,
		],
		["a website", raw(200, "<h1>Welcome</h1>", { "content-type": "text/html" }), UnexpectedAnswerError],
		["a gateway's 403", raw(403, "Forbidden"), UnexpectedAnswerError],
		["a 410", raw(410, "Gone"), UnexpectedAnswerError],
	])("is told by %s, with the two ways that there are", async (_, handler, kind) => {
		await using hosted = await at(handler);
		await using api = client(hosted.url);
		const error = await failure<ChannelsError>(api.sesSetups.get(setupId), kind);
		expect(error.code).toBe("api-withdrawn");
		expect(error.message).toContain("was withdrawn in June 2026");
		expect(error.message).toContain(embedded);
		expect(error.message).toContain("channels:baseUrl");
		if (error instanceof NotFoundError) expect(error.fromApi).toBe(false);
	});

	it.each<[string, Parameters<typeof startForwardProxy>[0], new (...args: never[]) => ChannelsError]>([
		["refused", { refuse: 502 }, ConnectionError],
		["not answered", { refuse: "hang" }, TimeoutError],
	])("is told by a connection that is %s, with the cause", async (_, options, kind) => {
		await using proxy = await startForwardProxy(options);
		await using api = client(proxy.url);
		const error = await failure<ChannelsError>(api.sesSetups.get(setupId), kind);
		expect(error.code).toBe("api-withdrawn");
		expect(error.message).toContain(embedded);
		expect(error.cause).toBeInstanceOf(Error);
	});

	it.each<[string, Handler, new (...args: never[]) => ChannelsError, string]>([
		[
			"a code of the API",
			json(404, { detail: "No." }, { "channels-error-code": "setup-not-found" }),
			NotFoundError,
			"setup-not-found",
		],
		["a 401 in its form", json(401, { detail: "Invalid token." }), UnauthorizedError, "api-unauthorized"],
		["a 500", raw(500, "oops"), ServerError, "api-failed"],
		["a gateway that is busy", raw(503, "busy"), ServerError, "api-unavailable"],
		["a field that is odd", json(200, { ...detail, id: 7 }), UnexpectedAnswerError, "unexpected-answer"],
	])("is not told by %s", async (_, handler, kind, code) => {
		await using hosted = await at(handler);
		await using api = client(hosted.url);
		const error = await failure<ChannelsError>(api.sesSetups.get(setupId), kind);
		expect(error.code).toBe(code);
		expect(error.message).not.toContain("withdrawn");
	});

	it("is not told of another address", async () => {
		await using other = await serve(json(404, { detail: "Not Found" }));
		const error = await failure(other.client.sesSetups.get(setupId), NotFoundError);
		expect(error).toMatchObject({ code: "not-found", fromApi: true });
	});
});
