import { afterAll, beforeAll, expect, test } from "vitest";
import { setupHandler } from "../../../provider/core/setup/handler.js";
import { type Rig, startRig } from "../rig.js";

let rig: Rig;
beforeAll(async () => {
	rig = await startRig();
});
afterAll(() => rig[Symbol.asyncDispose]());

/** What is told of names that the API refuses in these words. */
async function told(
	message: string,
	inputs: { tenantName: string; domainIdentity: string },
): Promise<string> {
	rig.sandbox.faults.add({
		service: "channels",
		operation: "POST ses-setup",
		effect: { kind: "error", status: 409, code: "Conflict", message },
	});
	return String(await setupHandler.create(rig.world(), inputs).catch((reason: unknown) => reason));
}

test("a workspace that is full is told as that, and not as a name that is taken", async () => {
	const message = "The workspace has 3 setups, and may have no more. Delete one that is not needed.";
	const error = await told(message, { tenantName: "one-more", domainIdentity: "mail.more.test" });
	expect(error).toContain(message);
	expect(error).not.toContain("is taken");
});

test("names that are in passing are told as that, and to try again", async () => {
	const message = "Tenant name already exists: a setup with it is being removed right now.";
	const error = await told(message, { tenantName: "in-passing", domainIdentity: "mail.passing.test" });
	expect(error).toContain(message);
	expect(error).toContain("That passes within moments: run `pulumi up` again.");
	expect(error).not.toContain("is taken");
});
