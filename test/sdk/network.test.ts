import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ChannelsClient, ConnectionError, TimeoutError } from "../../sdk/index.js";
import { createHttpTransport, type HttpTransportOptions } from "../../sdk/transport.js";
import { startForwardProxy } from "../support/forward-proxy.js";
import { authority, authorityFile, certificate, serveOnLoopback } from "../support/tls.js";
import { apiKey, detail, failure, serve, setupId, workspaceId } from "./server.js";

const answering = (tls = true) =>
	serveOnLoopback((_, response) => {
		response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(detail));
	}, tls);

const client = (baseUrl: string, options: HttpTransportOptions = {}, timeoutMs = 10_000) =>
	new ChannelsClient({
		apiKey,
		workspaceId,
		baseUrl,
		timeoutMs,
		transport: createHttpTransport({ ca: authority, ...options }),
		clock: { now: Date.now, monotonic: () => performance.now(), sleep: async () => {} },
	});

afterEach(() => {
	vi.unstubAllEnvs();
});

describe("a client behind a proxy", () => {
	it("goes through it by CONNECT, with its credentials, and never around it", async () => {
		await using server = await answering();
		// The host has no address: who goes around the proxy finds nobody.
		await using proxy = await startForwardProxy({ to: server.url });
		vi.stubEnv("HTTPS_PROXY", proxy.url.replace("//", "//user:p%40ss@"));
		await using api = client("https://api.acme.test");
		expect((await api.sesSetups.get(setupId)).data).toEqual(detail);
		await api.sesSetups.get(setupId);
		expect(new Set(proxy.seen)).toEqual(new Set(["CONNECT api.acme.test:443"]));
		expect(proxy.credentials[0]).toBe(`Basic ${Buffer.from("user:p@ss").toString("base64")}`);
		expect(server.connections).toBe(proxy.seen.length);
	});

	it("speaks TLS with a proxy that wants it, and trusts no other", async () => {
		await using server = await answering();
		await using proxy = await startForwardProxy({ to: server.url, tls: certificate });
		vi.stubEnv("HTTPS_PROXY", proxy.url);
		{
			await using api = client("https://api.acme.test");
			expect((await api.sesSetups.get(setupId)).data).toEqual(detail);
			expect(proxy.seen[0]).toBe("CONNECT api.acme.test:443");
		}
		const seen = proxy.seen.length;
		await using distrustful = client("https://api.acme.test", { ca: undefined });
		const error = await failure(distrustful.sesSetups.get(setupId), ConnectionError);
		expect(error).toMatchObject({ reason: "insecure", requestSent: false });
		expect(error.message).toContain(`through the proxy ${proxy.url} (HTTPS_PROXY)`);
		expect(proxy.seen).toHaveLength(seen);
	});

	it("goes around it where NO_PROXY says so", async () => {
		await using server = await answering();
		await using proxy = await startForwardProxy({ refuse: 403 });
		vi.stubEnv("https_proxy", proxy.url);
		vi.stubEnv("NO_PROXY", "elsewhere.test,127.0.0.1");
		await using api = client(server.url);
		expect((await api.sesSetups.get(setupId)).data).toEqual(detail);
		expect(proxy.seen).toEqual([]);
	});

	it("asks a proxy of this machine for plain HTTP by the whole URL", async () => {
		await using server = await serve((_, response) => {
			response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(detail));
		});
		await using proxy = await startForwardProxy();
		vi.stubEnv("HTTP_PROXY", proxy.url);
		await using api = client(server.url);
		await api.sesSetups.get(setupId);
		expect(proxy.seen).toEqual([`GET ${server.url}/v1/${workspaceId}/channels/ses-setup/${setupId}`]);
	});

	it.each([
		[407, "set HTTPS_PROXY to http://USER:PASSWORD@HOST:PORT"],
		[403, "ask whoever runs it"],
		[502, "ask whoever runs it"],
	])("that refuses with %i fails with the proxy's name, and without its password", async (refuse, advice) => {
		await using proxy = await startForwardProxy({ refuse });
		vi.stubEnv("HTTPS_PROXY", proxy.url.replace("//", "//user:hunter2@"));
		await using api = client("https://api.acme.test");
		const names = { tenantName: "acme", domainIdentity: "acme.test" };
		const error = await failure(api.sesSetups.create(names), ConnectionError);
		expect(error.message).toContain(`the proxy ${proxy.url} (HTTPS_PROXY) answers with status ${refuse}; `);
		expect(error.message).toContain(advice);
		expect(error.message).toContain("nothing was done");
		expect(error).toMatchObject({ reason: "unreachable", requestSent: false });
		expect(JSON.stringify([error.message, error.stack, String(error.cause)])).not.toContain("hunter2");
	});

	it("of this machine that wants credentials for plain HTTP fails with its name, and nothing was done", async () => {
		await using proxy = await startForwardProxy({ refuse: 407 });
		vi.stubEnv("HTTP_PROXY", proxy.url);
		await using api = client("http://127.0.0.1:9");
		const error = await failure(api.sesSetups.get(setupId), ConnectionError);
		expect(error.message).toContain(`the proxy ${proxy.url} (HTTP_PROXY) answers with status 407`);
		expect(error.requestSent).toBe(false);
	});

	it("that is dead, or never answers, fails with the proxy's name", async () => {
		const gone = await startForwardProxy();
		await gone[Symbol.asyncDispose]();
		vi.stubEnv("HTTPS_PROXY", gone.url.replace("//", "//user:hunter2@"));
		{
			await using api = client("https://api.acme.test");
			const dead = await failure(api.sesSetups.get(setupId), ConnectionError);
			expect(dead.message).toContain(`ECONNREFUSED`);
			expect(dead.message).toContain(`through the proxy ${gone.url} (HTTPS_PROXY)`);
			expect(dead.message).not.toContain("hunter2");
		}
		await using hanging = await startForwardProxy({ refuse: "hang" });
		vi.stubEnv("HTTPS_PROXY", hanging.url);
		const started = Date.now();
		{
			await using api = client("https://api.acme.test", { connectTimeoutMs: 1_000 }, 300);
			const silent = await failure(api.sesSetups.get(setupId), TimeoutError);
			expect(silent.message).toContain(`through the proxy ${hanging.url} (HTTPS_PROXY)`);
			expect(silent.requestSent).toBe(false);
		}
		expect(Date.now() - started).toBeLessThan(5_000);
	});

	it("whose setting is no proxy fails with the setting's name alone", async () => {
		vi.stubEnv("HTTPS_PROXY", "socks5://user:hunter2@proxy.test:1080");
		await using api = client("https://api.acme.test");
		const error = await failure(api.sesSetups.get(setupId), ConnectionError);
		expect(error.message).toContain("HTTPS_PROXY names a socks5:// proxy");
		expect(error.message).not.toContain("hunter2");
	});
});

describe("a certificate of an authority of one's own", () => {
	const script = (baseUrl: string) => `
		const { ChannelsClient } = require(${JSON.stringify(resolve(import.meta.dirname, "../../dist/sdk/index.js"))});
		const client = new ChannelsClient(${JSON.stringify({ apiKey, workspaceId, baseUrl })});
		client.sesSetups.get(${JSON.stringify(setupId)}).then(
			({ status }) => console.log(status),
			(error) => console.log(error.message),
		).finally(() => client.close());
	`;
	const run = async (baseUrl: string, env: NodeJS.ProcessEnv) =>
		(
			await promisify(execFile)(process.execPath, ["--eval", script(baseUrl)], {
				env: { ...process.env, ...env },
			})
		).stdout;

	it("is trusted with NODE_EXTRA_CA_CERTS, through a proxy too, and else refused with its name", async () => {
		await using server = await answering();
		await using proxy = await startForwardProxy({ to: server.url });
		const trusting = { NODE_EXTRA_CA_CERTS: authorityFile };
		const [trusted, proxied, refused] = await Promise.all([
			run(server.url, trusting),
			run("https://api.acme.test", { ...trusting, HTTPS_PROXY: proxy.url }),
			run(server.url, { NODE_EXTRA_CA_CERTS: "" }),
		]);
		expect([trusted, proxied]).toEqual(["200\n", "200\n"]);
		expect(refused).toContain("NODE_EXTRA_CA_CERTS");
	});
});
