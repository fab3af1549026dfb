import { afterAll, beforeAll, expect, test } from "vitest";
import { UserError } from "../../../provider/core/errors.js";
import { setupHandler } from "../../../provider/core/setup/handler.js";
import { type Rig, startRig } from "../rig.js";

let rig: Rig;
beforeAll(async () => {
	rig = await startRig();
});
afterAll(() => rig[Symbol.asyncDispose]());

/** What is told where the API refuses names in these words, and with this code. */
async function refused(
	message: string,
	code: string | undefined,
	inputs: { tenantName: string; domainIdentity: string },
): Promise<UserError> {
	rig.sandbox.faults.add({
		service: "channels",
		operation: "POST ses-setup",
		effect: {
			...{ kind: "error", status: 409, code: "Conflict", message },
			...(code !== undefined && { headers: { "channels-error-code": code } }),
		},
	});
	const error: unknown = await setupHandler.create(rig.world(), inputs).catch((reason: unknown) => reason);
	expect(error).toBeInstanceOf(UserError);
	return error as UserError;
}

test("a workspace that is full is told as that, and not as a name that is taken", async () => {
	const names = { tenantName: "one-more", domainIdentity: "mail.more.test" };
	const { code, message } = await refused("Three are enough.", "setup-limit", names);
	expect(code).toBe("setup-limit");
	expect(message).toContain("Three are enough.");
	expect(message).not.toContain("taken");
});

test("names that are in passing are told as that, and to try again", async () => {
	const names = { tenantName: "in-passing", domainIdentity: "mail.passing.test" };
	const { code, message } = await refused("A moment.", "names-busy", names);
	expect(code).toBe("names-busy");
	expect(message).toContain("A moment.");
	expect(message).toContain("That passes within moments: run `pulumi up` again.");
	expect(message).not.toContain("is taken");
});

test("names that stand in Amazon SES alone are told as that", async () => {
	const names = { tenantName: "upstream", domainIdentity: "mail.upstream.test" };
	const { code, message } = await refused("It is there.", "exists-upstream", names);
	expect(code).toBe("exists-upstream");
	expect(message).toContain("The API said: creating the SES setup");
	expect(message).toContain("It stands in Amazon SES without a setup here");
});

test("no words of an API without codes are judged", async () => {
	const says = "Tenant name already exists upstream, right now; the workspace may have no more.";
	const names = { tenantName: "general", domainIdentity: "mail.general.test" };
	const { code, message } = await refused(says, undefined, names);
	expect(code).toBe("conflict");
	expect(message).toContain(says);
	expect(message).toContain(
		"has no setup of tenant general, and none of domain mail.general.test. If the API says that",
	);
	expect(message).not.toContain("It stands in Amazon SES");
});
