import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { setupHandler } from "../../../provider/core/setup/handler.js";
import { defaultAccount, type FaultEffect } from "../../../sandbox/index.js";
import { type EmbeddedRig, startEmbeddedRig } from "./embedded-rig.js";

let rig: EmbeddedRig;
beforeAll(async () => {
	rig = await startEmbeddedRig();
});
afterAll(() => rig[Symbol.asyncDispose]());
afterEach(() => rig.sandbox.faults.clear());

const answer = (status: number, code: string): FaultEffect => ({
	...{ kind: "error", status, code },
	message: "as SES says it",
});
const dropped: FaultEffect = { kind: "drop", when: "before" };

test.each<[string, "sesv2" | "sts", FaultEffect, string, RegExp]>([
	["denies", "sesv2", answer(403, "AccessDeniedException"), "ses-denied", /needs? .*What SES must allow/],
	[
		"refuses",
		"sesv2",
		answer(400, "BadRequestException"),
		"ses-refused",
		/Correct what it says, then run it again/,
	],
	["has a quota", "sesv2", answer(400, "LimitExceededException"), "ses-refused", /Ask for a higher one/],
	[
		"has suspended the account",
		"sesv2",
		answer(400, "AccountSuspendedException"),
		"ses-refused",
		/SES console says why/,
	],
	[
		"has too much to do",
		"sesv2",
		answer(429, "TooManyRequestsException"),
		"ses-unanswered",
		/Later, run it again/,
	],
	["is not well", "sesv2", answer(503, "ServiceUnavailable"), "ses-unanswered", /Later, run it again/],
	["is out of reach", "sesv2", dropped, "ses-unanswered", /Check the network.*run it again/],
	[
		"takes no such credentials",
		"sesv2",
		answer(403, "ExpiredTokenException"),
		"aws-credentials-refused",
		/sign in again/,
	],
	[
		"cannot be asked whose account it is",
		"sts",
		dropped,
		"ses-unanswered",
		/Check the network.*run it again/,
	],
])(
	"where Amazon SES %s, the error says what it said and what to do next, and no secret",
	async (_, service, effect, code, next) => {
		rig.sandbox.faults.add({ service, times: Number.POSITIVE_INFINITY, effect });
		const create = setupHandler.create(rig.world(), { tenantName: "t", domainIdentity: "t.acme.test" });
		const error: Error & { code?: string } = await create.then(
			() => expect.unreachable(),
			(cause) => cause,
		);
		expect(error).toMatchObject({ code, message: expect.stringMatching(next) });
		expect(error.message).toMatch(/^Amazon SES .*[.!]/);
		if (effect.kind === "error") expect(error.message).toContain("as SES says it");
		for (const secret of [defaultAccount.secretAccessKey, defaultAccount.accessKeyId])
			expect(error.message).not.toContain(secret);
		expect(rig.sandbox.ses.region(defaultAccount.id, "us-east-1").tenants.size).toBe(0);
	},
);
