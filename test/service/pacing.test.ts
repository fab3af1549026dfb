import { expect, it } from "vitest";
import { startSandbox } from "../../sandbox/index.js";
import type { SesSetupDetailResponse } from "../../sdk/index.js";
import { untilAgreed } from "../support/agreement.js";
import { apiOf } from "../support/channels-api.js";
import { startTestService } from "../support/service.js";

it.each([
	["in its turn", 1],
	// As another instance of the same account makes it.
	["too fast, and repeats what is throttled", 3],
])(
	"makes ten setups at once against a SES that takes one request a second, asking %s",
	{ timeout: 60_000, tags: ["all"] },
	async (_, rate) => {
		const sandbox = await startSandbox({ ses: { requestsPerSecond: 1 } });
		const service = await startTestService({
			sandbox,
			limits: { sesRequestsPerSecond: rate },
			timing: { upstreamDeadlineMs: 30_000, settleMs: 1_000, leaseMs: 31_000 },
		});
		try {
			const api = apiOf(service);
			const made = await Promise.all(
				Array.from({ length: 10 }, (_, index) =>
					api<SesSetupDetailResponse>("POST", "/channels/ses-setup", {
						json: { tenant_name: `paced-${index}`, domain_identity: `paced-${index}.acme.com` },
					}),
				),
			);
			expect(made.map(({ status }) => status)).toEqual(Array(10).fill(201));
			await untilAgreed(service.location, sandbox.ses);
			const refused = sandbox.log.all({ service: "sesv2" }).filter(({ status }) => status === 429).length;
			if (rate === 1) expect(refused).toBeLessThanOrEqual(10);
			else expect(refused).toBeGreaterThan(0);
		} finally {
			await service.stop();
			await sandbox.close();
		}
	},
);

it("answers 504 in time when the queue is too long, and undoes what it began", {
	timeout: 60_000,
	tags: ["all"],
}, async () => {
	const sandbox = await startSandbox();
	const service = await startTestService({
		sandbox,
		limits: { sesRequestsPerSecond: 2 },
		timing: { upstreamDeadlineMs: 1_500, settleMs: 500, leaseMs: 2_000, recoveryIntervalMs: 50 },
	});
	try {
		const api = apiOf(service);
		const made = await Promise.all(
			Array.from({ length: 8 }, (_, index) =>
				api<{ detail?: string }>("POST", "/channels/ses-setup", {
					json: { tenant_name: `queued-${index}`, domain_identity: `queued-${index}.acme.com` },
				}),
			),
		);
		expect(new Set(made.map(({ status }) => status))).toEqual(new Set([201, 504]));
		// One that was under way already is told of its own call.
		const late = made.filter(({ status }) => status === 504).map(({ body }) => body.detail);
		expect(late).toContainEqual(expect.stringMatching(/busy.*try again/i));
		await untilAgreed(service.location, sandbox.ses, 30_000);
	} finally {
		await service.stop();
		await sandbox.close();
	}
});
