import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/index.js";
import type { SesSetupDetailResponse } from "../../sdk/index.js";
import { internet } from "../dns/internet.js";
import { a, mx, ns, type Question, type Reply, txt } from "../dns/server.js";
import { type Api, apiOf } from "../support/channels-api.js";
import { startTestService, type TestService } from "../support/service.js";

const domain = "mail.evil.com";

/** What the domain's owner has the DNS say of its name servers, and these of its records. */
let servers: { count: number; addressesOf: (server: number) => { A?: string[]; AAAA?: string[] } };
let reply: (question: Question) => Reply;

let sandbox: Sandbox;
let net: Awaited<ReturnType<typeof internet>>;
let setup: SesSetupDetailResponse;
let first: TestService;
const services: TestService[] = [];

function resolve({ name, type }: Question): Reply {
	const host = name.toLowerCase();
	if (type === "NS" && host === "com") return { answers: [ns(name, "a.gtld.test")] };
	if (type === "A" && host === "a.gtld.test") return { answers: [a(name, "192.5.6.30")] };
	if (type === "NS" && host === "evil.com")
		return { answers: Array.from({ length: servers.count }, (_, index) => ns(name, `ns${index}.${host}`)) };
	const server = /^ns(\d+)\./.exec(host)?.[1];
	const addresses = server === undefined ? {} : servers.addressesOf(Number(server));
	if (type === "A" && addresses.A) return { answers: addresses.A.map((data) => a(name, data)) };
	if (type === "AAAA" && addresses.AAAA)
		return { answers: addresses.AAAA.map((data) => ({ name, type: "AAAA", data })) };
	return "NODATA";
}

function publishes({ name, type }: Question): Reply {
	if (type === "MX" && name === domain)
		return { answers: [mx(name, 10, "inbound-smtp.us-east-1.amazonaws.com")] };
	if (type === "TXT" && name === `_dmarc.${domain}`) return { answers: [txt(name, "v=DMARC1; p=none")] };
	return "NODATA";
}

async function start(more: { location?: string; dnsAllowedNetworks?: string[] } = {}): Promise<TestService> {
	const { location, ...options } = more;
	const service = await startTestService({
		sandbox,
		...options,
		...(location !== undefined && { database: { location } }),
		dnsServers: undefined,
		world: { askDns: net.network },
	});
	services.push(service);
	return service;
}

beforeAll(async () => {
	sandbox = await startSandbox();
	net = await internet(resolve, {
		"192.5.6.30": () => ({ referral: [ns("evil.com", "ns0.evil.com")] }),
		"*": (question) => reply(question),
	});
	first = await start();
	const json = { tenant_name: "evil", domain_identity: domain };
	setup = (await apiOf(first)<SesSetupDetailResponse>("POST", "/channels/ses-setup", { json })).body;
});
beforeEach(async () => {
	servers = { count: 2, addressesOf: (server) => ({ A: [`198.41.0.${server}`] }) };
	reply = publishes;
	expect(flags(await check(apiOf(first)))).toBe("00011");
});
afterEach(() => {
	for (const server of [net.resolver, ...net.servers]) server.questions.length = 0;
});
afterAll(async () => {
	for (const service of services.reverse()) await service.stop();
	await net?.[Symbol.asyncDispose]();
	await sandbox?.close();
});

async function check(api: Api): Promise<SesSetupDetailResponse> {
	for (const server of [net.resolver, ...net.servers]) server.questions.length = 0;
	const { status, body } = await api<SesSetupDetailResponse>("GET", `/channels/ses-setup/${setup.id}`);
	expect(status).toBe(200);
	return body;
}

const flags = ({ dns_records }: SesSetupDetailResponse) =>
	dns_records.map(({ verified }) => (verified ? "1" : "0")).join("");

const packets = () => [net.resolver, ...net.servers].flatMap(({ questions }) => questions).length;

it.each<[string, () => Reply]>([
	["silent", () => "silence"],
	["failing", () => ({ rcode: "SERVFAIL" })],
	["lame", () => "NODATA"],
])("sends few packets for one GET where 60 name servers with 30 addresses are %s", async (_, behaviour) => {
	servers = {
		count: 60,
		addressesOf: (server) => ({
			A: Array.from({ length: 30 }, (_, index) => `198.41.${server}.${index}`),
			AAAA: Array.from({ length: 30 }, (_, index) => `2001:500:${server + 1}::${index + 1}`),
		}),
	};
	reply = behaviour;
	expect(flags(await check(apiOf(first)))).toBe("00011");
	// 113 questions at most, of which those for lists of name servers or addresses come once more, over TCP.
	expect(packets()).toBeLessThanOrEqual(113 + 2 + 26);
});

const inside = ["127.0.0.1", "10.0.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"];
const inside6 = ["::1", "fe80::1", "::ffff:127.0.0.1", "fd00::1", "64:ff9b::7f00:1"];

it("asks no name server that is said to be inside, and leaves the flags as they were", async () => {
	servers = {
		count: inside.length,
		addressesOf: (server) => ({ A: [inside[server] ?? ""], AAAA: [inside6[server] ?? ""] }),
	};
	reply = () => ({ rcode: "NXDOMAIN" });
	const before = await check(apiOf(first));
	expect(net.servers[1]?.questions).toEqual([]);
	expect(flags(before)).toBe("00011");
});

it("asks those in the networks that are allowed", async () => {
	servers = { count: 1, addressesOf: () => ({ A: ["10.0.0.1"], AAAA: ["fd00::1"] }) };
	reply = () => ({ rcode: "NXDOMAIN" });
	const allowed = await start({ location: first.location, dnsAllowedNetworks: ["10.0.0.0/8"] });
	const { workspaceId, apiKey } = first;
	expect(flags(await check(apiOf({ url: allowed.url, workspaceId, apiKey })))).toBe("00000");
	expect(net.servers[1]?.questions).not.toEqual([]);
});
