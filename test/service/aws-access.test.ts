import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type FaultRule, type Sandbox, startSandbox } from "../../sandbox/index.js";
import { startService } from "../../service/index.js";
import { apiOf } from "../support/channels-api.js";
import { startForwardProxy } from "../support/forward-proxy.js";
import { startTestService, type TestService } from "../support/service.js";
import { waitUntil } from "../support/wait.js";

let sandbox: Sandbox;
let service: TestService;

beforeAll(async () => {
	sandbox = await startSandbox();
	service = await startTestService({
		sandbox,
		timing: { upstreamDeadlineMs: 4_000, settleMs: 1_000, leaseMs: 5_000 },
	});
});
afterAll(async () => {
	await service?.stop();
	await sandbox?.close();
});
afterEach(() => sandbox.faults.clear());

const always = Number.POSITIVE_INFINITY;

function fail(operation: string, status: number, code: string, message: string): void {
	// Word for word, as the sandbox gives some of these names SES's own form.
	const effect: FaultRule["effect"] = {
		kind: "answer",
		status,
		headers: {
			"content-type": "application/json",
			"x-amzn-errortype": code,
			"x-amzn-requestid": "0e4cd1a4-4b5b-4c5c-9d5e-0e4cd1a44b5b",
		},
		body: JSON.stringify({ message }),
	};
	sandbox.faults.add({ service: "sesv2", operation, times: always, effect });
}

let count = 0;
async function create(): Promise<{ status: number; code: string | null; detail: string }> {
	count += 1;
	const { status, code, body } = await apiOf(service)<{ detail: unknown }>("POST", "/channels/ses-setup", {
		json: { tenant_name: `said-${count}`, domain_identity: `said-${count}.acme.com` },
	});
	const { detail } = body;
	return { status, code, detail: typeof detail === "string" ? detail : JSON.stringify(detail) };
}

describe("what SES says about a failed call", () => {
	it.each([
		[500, "InternalServiceError", 502, "upstream-unavailable"],
		[400, "LimitExceededException", 502, "upstream-refused"],
		[400, "AccountSuspendedException", 502, "upstream-refused"],
		[400, "BadRequestException", 422, "invalid-request"],
	])("is in the answer to %i %s, which is a %i with the code %s", async (status, name, answered, code) => {
		fail("CreateTenant", status, name, "The tenant quota of\n  this account is used up.");
		const answer = await create();
		expect([answer.status, answer.code]).toEqual([answered, code]);
		expect(answer.detail).toContain(`${name}: The tenant quota of this account is used up.`);
	});

	it("is cut when it is long", async () => {
		fail("CreateTenant", 400, "LimitExceededException", `begin ${"word ".repeat(5_000)}`);
		const { detail } = await create();
		expect(detail).toContain("begin word");
		expect(detail.length).toBeLessThan(600);
	});

	it.each([
		["an access key", "AKIAIOSFODNN7EXAMPLE"],
		["a session's access key", "ASIAIOSFODNN7EXAMPLE"],
		["a secret key", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"],
		["a session token", `IQoJb3JpZ2luX2VjE${"aB3/+".repeat(60)}==`],
		["a signature", "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"],
		["a password in a URL", "hunter2secret", "http://proxy:hunter2secret@10.0.0.1/"],
		["a named secret", "s3cr3t", "SecretAccessKey=s3cr3t"],
		["a named token", "s3cr3t", '"sessionToken": "s3cr3t"'],
		["a bearer token", "abc.def.ghi", "Authorization: Bearer abc.def.ghi"],
	])("is told without %s", async (_, secret, text = secret) => {
		fail("CreateTenant", 500, "InternalServiceError", `Before ${text} after.`);
		const { detail } = await create();
		expect(detail).toContain("Before");
		expect(detail).not.toContain(secret);
	});

	it.each([
		["UnrecognizedClientException", 403],
		["InvalidClientTokenId", 403],
		["InvalidSignatureException", 403],
		["ExpiredToken", 400],
		["ExpiredTokenException", 403],
		["AccessDenied", 403],
		["AccessDeniedException", 403],
	])("is left to the log for %s: the answer names the credentials", async (code, status) => {
		fail("CreateTenant", status, code, "User: arn:aws:iam::123456789012:user/ops is not authorized");
		const answer = await create();
		expect([answer.status, answer.code]).toEqual([502, "upstream-denied"]);
		expect(answer.detail).toContain(`AWS credentials (SES CreateTenant: ${code} (request`);
		expect(answer.detail).not.toContain("123456789012");
	});
});

describe("readiness", () => {
	async function ready(of = service): Promise<{ status: number; code: string | null; detail?: string }> {
		const answer = await fetch(`${of.url}/readyz`);
		const code = answer.headers.get("channels-error-code");
		return { ...((await answer.json()) as { detail?: string }), status: answer.status, code };
	}

	it.each([
		["UnrecognizedClientException", 403],
		["InvalidClientTokenId", 403],
		["ExpiredToken", 400],
		["ExpiredTokenException", 403],
		["AccessDeniedException", 403],
	])("is denied from the start on when SES answers %s, and names it", async (code, status) => {
		fail("GetTenant", status, code, "User: arn:aws:iam::123456789012:user/ops is not authorized");
		const started = await startTestService({ sandbox });
		try {
			const answer = await ready(started);
			expect(answer).toMatchObject({ status: 503, code: "upstream-denied" });
			expect(answer.detail).toContain(code);
			expect(answer.detail).toMatch(/AWS/);
			expect(answer.detail).not.toContain("123456789012");
		} finally {
			await started.stop();
		}
	});

	it("is denied with an access key that nobody has", async () => {
		const credentials = { accessKeyId: "AKIANOBODY", secretAccessKey: "wrong" };
		const aws = { ...service.config.aws, credentials };
		const started = await startService({ ...service.config, aws });
		try {
			const answer = await fetch(`${started.url}/readyz`);
			expect([answer.status, await answer.json()]).toEqual([
				503,
				{ detail: expect.stringContaining("UnrecognizedClientException") },
			]);
		} finally {
			await started.stop();
		}
	});

	async function expectReadyDespite(status: number, code: string): Promise<void> {
		fail("GetTenant", status, code, "later");
		const started = await startTestService({ sandbox });
		try {
			expect((await ready(started)).status).toBe(200);
		} finally {
			await started.stop();
		}
	}

	it("stays while SES is away: what the service knows already it can still tell", () =>
		expectReadyDespite(500, "InternalServiceError"));

	// What is throttled is asked again, for three seconds.
	it("stays while SES is busy", { tags: ["all"] }, () => expectReadyDespite(429, "TooManyRequestsException"));

	it("asks SES once for however many looks", async () => {
		const started = await startTestService({ sandbox });
		try {
			const asked = () =>
				sandbox.log
					.all({ service: "sesv2", operation: "GetTenant" })
					.filter(({ input }) => (input as { TenantName: string }).TenantName === "channels-api-readiness")
					.length;
			await ready(started);
			const before = asked();
			const answers = await Promise.all(Array.from({ length: 50 }, () => ready(started)));
			expect(answers.every(({ status }) => status === 200)).toBe(true);
			expect(asked()).toBe(before);
		} finally {
			await started.stop();
		}
	});
});

describe("calls of SES", () => {
	it("go through the proxy of the environment, but to the hosts that it leaves out", async () => {
		await using proxy = await startForwardProxy({ refuse: 502 });
		await using left = await startForwardProxy({ refuse: 502 });
		const endpoint = "https://email.us-east-1.acme.test";
		const config = { ...service.config, aws: { ...service.config.aws, endpoint } };
		const env = { https_proxy: proxy.url };
		const started = await startService(config, { random: Math.random, env });
		try {
			await waitUntil(() => proxy.seen.includes("CONNECT email.us-east-1.acme.test:443"), {
				timeoutMs: 10_000,
				what: () => "call through the proxy",
			});
		} finally {
			await started.stop();
		}
		const without = { HTTPS_PROXY: left.url, NO_PROXY: ".acme.test" };
		const direct = await startService(config, { random: Math.random, env: without });
		try {
			// Its answer comes once SES was asked, and this SES has no address.
			await fetch(`${direct.url}/readyz`);
			expect(left.seen).toEqual([]);
		} finally {
			await direct.stop();
		}
	});
});
