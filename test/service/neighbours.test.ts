import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/index.js";
import type { SesSetupDetailResponse } from "../../sdk/index.js";
import { type Api, apiOf } from "../support/channels-api.js";
import { startTestService, type TestService, type TestServiceOptions } from "../support/service.js";
import { waitUntil } from "../support/wait.js";

let sandbox: Sandbox;
let acme: string;
let count = 0;
const running = new AsyncDisposableStack();

beforeAll(async () => {
	sandbox = await startSandbox();
	running.defer(() => sandbox.close());
	acme = sandbox.route53.createZone("acme.com").id;
	sandbox.route53.createZone("slow.com");
});
afterEach(() => sandbox.faults.clear());
afterAll(() => running.disposeAsync());

async function start(options: Omit<TestServiceOptions, "sandbox"> = {}): Promise<TestService> {
	const service = await startTestService({ sandbox, ...options });
	running.defer(() => service.stop());
	return service;
}

/** Another workspace of the same service. */
async function neighbour(service: TestService): Promise<Api> {
	const workspaceId = randomUUID();
	return apiOf({ url: service.url, workspaceId, apiKey: await service.createKey({ workspaceId }) });
}

async function create(api: Api, zone: string): Promise<SesSetupDetailResponse> {
	count += 1;
	const json = { tenant_name: `tenant-${count}`, domain_identity: `mail${count}.${zone}` };
	return (await api<SesSetupDetailResponse>("POST", "/channels/ses-setup", { json })).body;
}

async function published(api: Api): Promise<SesSetupDetailResponse> {
	const setup = await create(api, "acme.com");
	for (const { address, type, record } of setup.dns_records)
		sandbox.route53.put(acme, { name: address, type, values: [type === "TXT" ? `"${record}"` : record] });
	return setup;
}

const several = <Made>(number: number, make: () => Promise<Made>) =>
	Promise.all(Array.from({ length: number }, make));

/** Each with a check of its own. */
const verify = (api: Api, { id }: SesSetupDetailResponse) =>
	api<SesSetupDetailResponse>("POST", `/channels/ses-setup/${id}/verify`);

/** The flags in the order DKIM, DKIM, DKIM, MX, DMARC, as one word of 0 and 1. */
const flags = ({ dns_records }: SesSetupDetailResponse) =>
	dns_records.map(({ verified }) => (verified ? "1" : "0")).join("");

/** Holds the questions for such names at the name servers, until it is lifted. */
function slowDown(of: (question: { name: string; type: string }) => boolean): () => void {
	const lifted = Promise.withResolvers<void>();
	sandbox.faults.add({
		service: "dns",
		times: Number.POSITIVE_INFINITY,
		match: (input) => of(input as { name: string; type: string }),
		effect: { kind: "hold", until: lifted.promise },
	});
	return lifted.resolve;
}

const asked = (ending: string) =>
	sandbox.log.all({ service: "dns" }).filter(({ input }) => (input as { name: string }).name.endsWith(ending))
		.length;

it("lets a workspace whose domains are slow stop no other's check, from its first request on", async () => {
	const service = await start();
	const slow = apiOf(service);
	const quick = await neighbour(service);
	const setups = await several(12, () => create(slow, "slow.com"));
	const own = await published(quick);
	const lift = slowDown(({ name }) => name.endsWith("slow.com"));
	let ended = 0;
	const checks = setups.map((setup) => verify(slow, setup).finally(() => (ended += 1)));
	await waitUntil(() => asked(".slow.com") >= 15, { timeoutMs: 10_000, what: () => "slow questions" });
	const { body } = await verify(quick, own);
	expect(flags(body)).toBe("11111");
	// Those that were under way from the beginning may have given up, on a busy machine.
	expect(ended).toBeLessThanOrEqual(4);
	lift();
	for (const { status } of await Promise.all(checks)) expect(status).toBe(200);
});

it("takes a workspace's question to SES before the many of another one's", async () => {
	// The creates are another instance's, which does not pace them.
	const maker = await start();
	const workspaceId = randomUUID();
	const lone = { workspaceId, apiKey: await maker.createKey({ workspaceId }) };
	const own = await published(apiOf({ ...lone, url: maker.url }));
	const setups = await several(8, () => published(apiOf(maker)));
	const { url } = await start({
		database: { location: maker.location },
		limits: { sesRequestsPerSecond: 4 },
	});
	const many = apiOf({ ...maker, url });
	const single = apiOf({ ...lone, url });
	const questions = () =>
		sandbox.log
			.all({ service: "sesv2", operation: "GetEmailIdentity" })
			.map(({ input }) => JSON.stringify(input));
	const before = questions().length;
	const checks = setups.map((setup) => verify(many, setup));
	await waitUntil(() => questions().length > before, { timeoutMs: 10_000, what: () => "question to SES" });
	const since = questions().length;
	expect(flags((await verify(single, own)).body)).toBe("11111");
	const place = questions().findIndex((input) => input.includes(`"${own.domain_identity}"`)) - since;
	// In the order of asking it would be the seventh; some pass while it is on its way.
	expect(place).toBeLessThanOrEqual(5);
	for (const { body } of await Promise.all(checks)) expect(flags(body)).toBe("11111");
});

it("answers what is known where a check's turn does not come", async () => {
	const service = await start({ limits: { checksAtOnceOfWorkspace: 1 }, timing: { checkTurnMs: 200 } });
	const api = apiOf(service);
	const [slow, other] = [await create(api, "slow.com"), await published(api)];
	const known = (await verify(api, other)).body;
	expect(flags(known)).toBe("11111");
	const lift = slowDown(({ name }) => name.endsWith("slow.com"));
	const before = asked(".slow.com");
	const first = verify(api, slow);
	await waitUntil(() => asked(".slow.com") > before, { timeoutMs: 10_000, what: () => "slow question" });
	expect(await verify(api, other)).toMatchObject({ status: 200, body: known });
	lift();
	expect((await first).status).toBe(200);
});

it("gives SES its own time, however slow a domain's name servers are", async () => {
	const service = await start({ timing: { checkDeadlineMs: 1_000 } });
	const api = apiOf(service);
	const setup = await published(api);
	const lift = slowDown(({ type }) => type === "MX");
	const { body } = await verify(api, setup);
	expect([flags(body), body.dns_checked_at]).toEqual(["11101", null]);
	lift();
});

it("gives the look-ups their own time, however slow SES is", async () => {
	const service = await start({ timing: { checkUpstreamMs: 300 } });
	const api = apiOf(service);
	const setup = await published(api);
	const lifted = Promise.withResolvers<void>();
	sandbox.faults.add({
		service: "sesv2",
		operation: "GetEmailIdentity",
		effect: { kind: "hold", until: lifted.promise },
	});
	expect(flags((await verify(api, setup)).body)).toBe("00011");
	lifted.resolve();
	expect(flags((await verify(api, setup)).body)).toBe("11111");
});
