import { describe, expect, it } from "vitest";
import { environmentProxies, proxyFor, proxyProblem } from "../../sdk/proxies.js";

const chosen = (env: Record<string, string>, url: string) =>
	proxyFor(
		environmentProxies((name) => env[name]),
		new URL(url),
	);

const HTTPS_PROXY = "http://proxy.test:3128";
const api = "https://api.acme.test";

describe("the proxy of the environment", () => {
	it.each([
		[{}, api, undefined],
		[{ HTTPS_PROXY }, api, HTTPS_PROXY],
		[{ https_proxy: HTTPS_PROXY }, api, HTTPS_PROXY],
		[{ HTTP_PROXY: HTTPS_PROXY }, api, undefined],
		[{ HTTP_PROXY: HTTPS_PROXY }, "http://api.acme.test", HTTPS_PROXY],
		[{ http_proxy: HTTPS_PROXY }, "http://api.acme.test", HTTPS_PROXY],
		[{ https_proxy: "http://lower.test", HTTPS_PROXY }, api, "http://lower.test"],
		[{ https_proxy: "", HTTPS_PROXY }, api, undefined],
		[{ HTTPS_PROXY: "proxy.test:3128" }, api, HTTPS_PROXY],
		[{ HTTPS_PROXY: "https://proxy.test" }, api, "https://proxy.test"],
	])("of %j for %s is %s", (env, url, expected) => {
		expect(chosen(env as Record<string, string>, url)?.url.origin).toBe(expected);
	});

	it("is told with the variable that names it", () => {
		expect(chosen({ HTTPS_PROXY }, api)?.setting).toBe("HTTPS_PROXY");
		expect(chosen({ https_proxy: HTTPS_PROXY }, api)?.setting).toBe("https_proxy");
	});

	it("is asked in clear for what is on this machine only where it is on this machine too", () => {
		for (const target of ["http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080"]) {
			expect(chosen({ HTTP_PROXY: "http://proxy.test" }, target)).toBeUndefined();
			expect(chosen({ HTTP_PROXY: "http://127.0.0.1:3128" }, target)).toBeDefined();
		}
	});
});

describe("NO_PROXY", () => {
	it.each([
		["*", api],
		["a.test, *", api],
		["api.acme.test", api],
		["API.Acme.Test.", api],
		["acme.test", api],
		[".acme.test", api],
		["*.acme.test", api],
		["a.test acme.test", api],
		[".acme.test", "https://acme.test"],
		["acme.test:443", api],
		["acme.test:8443", "https://api.acme.test:8443"],
		["192.0.2.7", "https://192.0.2.7"],
		["192.0.2.0/24", "https://192.0.2.7"],
		["::1", "https://[::1]"],
		["[2001:db8::1]:443", "https://[2001:db8::1]"],
		["2001:db8::/32", "https://[2001:db8::1]"],
	])("of %s spares %s the proxy", (NO_PROXY, url) => {
		expect(chosen({ HTTPS_PROXY, NO_PROXY }, url)).toBeUndefined();
		expect(chosen({ HTTPS_PROXY, no_proxy: NO_PROXY }, url)).toBeUndefined();
	});

	it.each([
		["", api],
		["cme.test", api],
		["api.acme", api],
		["acme.test:8443", api],
		["*.acme.test", "https://acme.test"],
		["0.2.7", "https://192.0.2.7"],
		["192.0.2.0/24", "https://192.0.3.7"],
		["192.0.2.0/99", "https://192.0.2.7"],
		["2001:db8::/32", "https://[2001:db9::1]"],
		["*:8443", api],
	])("of %j does not spare %s it", (NO_PROXY, url) => {
		expect(chosen({ HTTPS_PROXY, NO_PROXY }, url)).toBeDefined();
	});
});

describe("what is no proxy", () => {
	it.each([
		["socks5://user:hunter2@proxy.test:1080", "names a socks5:// proxy, which is not supported"],
		["http://user:hunter2@proxy.test:port", "is no URL of a proxy"],
		["http://user:hunter2%@proxy.test", "holds a % that encodes nothing"],
	])("is told without its password: %s", (value, problem) => {
		expect(proxyProblem(value)).toContain(problem);
		expect(proxyProblem(value)).not.toContain("hunter2");
		expect(() => chosen({ HTTPS_PROXY: value }, api)).toThrow(/^HTTPS_PROXY /);
	});
});
