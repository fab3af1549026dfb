import { BlockList, isIP } from "node:net";
import { isLoopback } from "./arguments.js";

/** A proxy as somebody configured it. */
interface ConfiguredProxy {
	/** The variable or setting that names it, for errors. */
	setting: string;
	value: string;
}

/** Through which proxies requests go, by the scheme of their URL. */
export interface ProxySettings {
	http?: ConfiguredProxy | undefined;
	https?: ConfiguredProxy | undefined;
	/** Hosts that are reached without one: names, domains, `host:port`, addresses, networks, `*`. */
	no?: string | undefined;
}

export interface ChosenProxy {
	url: URL;
	setting: string;
}

/** What `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` say; in lower case they come first, and there empty means none. */
export function environmentProxies(env: (name: string) => string | undefined): ProxySettings {
	const variable = (name: string): ConfiguredProxy | undefined => {
		const setting = env(name) === undefined ? name.toUpperCase() : name;
		const value = env(setting)?.trim();
		return value ? { setting, value } : undefined;
	};
	return { http: variable("http_proxy"), https: variable("https_proxy"), no: variable("no_proxy")?.value };
}

/**
 * The proxy for a URL, if there is one, by the rules of curl (its manual, "--noproxy" and "Environment").
 * One difference: for a proxy elsewhere "this machine" is another one, and plain HTTP to this machine may hold a
 * key. It goes through a proxy on this machine only.
 *
 * @throws Error naming the setting, and never its value, where that is no proxy
 */
export function proxyFor(settings: ProxySettings, url: URL): ChosenProxy | undefined {
	const configured = url.protocol === "https:" ? settings.https : settings.http;
	if (!configured || isExempt(url, settings.no ?? "")) return undefined;
	const problem = proxyProblem(configured.value);
	if (problem) throw new Error(`${configured.setting} ${problem}`);
	const proxy = new URL(withScheme(configured.value));
	if (url.protocol === "http:" && isLoopback(url.hostname) && !isLoopback(proxy.hostname)) return undefined;
	return { url: proxy, setting: configured.setting };
}

/** Why a text is no proxy, in words that follow the setting's name and hold no password; undefined if it is one. */
export function proxyProblem(value: string): string | undefined {
	const text = withScheme(value);
	const form =
		"give one such as http://proxy.example:3128, with what is special in a password percent-encoded";
	if (!URL.canParse(text)) return `is no URL of a proxy; ${form}`;
	const { protocol, username, password } = new URL(text);
	if (protocol !== "http:" && protocol !== "https:")
		return `names a ${protocol}// proxy, which is not supported; give one that begins with http:// or https://`;
	try {
		decodeURIComponent(username + password);
	} catch {
		return `holds a % that encodes nothing; ${form}`;
	}
	return undefined;
}

/** curl takes a proxy without a scheme for an HTTP one. */
const withScheme = (value: string) => (/^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`);

function isExempt(url: URL, list: string): boolean {
	const host = bare(url.hostname);
	const port = url.port || (url.protocol === "https:" ? "443" : "80");
	return list.split(/[\s,]+/).some((entry) => {
		if (entry === "") return false;
		// A bare IPv6 address has colons too.
		const [, named = entry, entryPort] = /^(\[.+\]|[^:]+):(\d+)$/.exec(entry) ?? [];
		return (entryPort === undefined || entryPort === port) && covers(bare(named), host);
	});
}

function covers(entry: string, host: string): boolean {
	if (entry === "*") return true;
	const version = isIP(host);
	if (version === 0) {
		const domain = entry.replace(/^\*?\./, "");
		if (host.endsWith(`.${domain}`)) return domain !== "";
		return host === domain && !entry.startsWith("*.");
	}
	const [address = "", length] = entry.split("/");
	if (isIP(address) === 0) return false;
	const family = isIP(address) === 6 ? "ipv6" : "ipv4";
	const whole = family === "ipv6" ? 128 : 32;
	const bits = length === undefined ? whole : Number(length);
	if (!Number.isInteger(bits) || bits < 0 || bits > whole) return false;
	const network = new BlockList();
	network.addSubnet(address, bits, family);
	return network.check(host, version === 6 ? "ipv6" : "ipv4");
}

/** A host without brackets and closing dot, in lower case. */
const bare = (host: string) =>
	host
		.replace(/^\[(.*)\]$/, "$1")
		.replace(/(.)\.$/, "$1")
		.toLowerCase();
