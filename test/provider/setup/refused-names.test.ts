import { afterAll, beforeAll, expect, test } from "vitest";
import { setupHandler } from "../../../provider/core/setup/handler.js";
import { type Rig, startRig } from "../rig.js";

let rig: Rig;
beforeAll(async () => {
	rig = await startRig();
});
afterAll(() => rig[Symbol.asyncDispose]());

test("a workspace that is full is told as that, and not as a name that is taken", async () => {
	const message = "The workspace has 3 setups, and may have no more. Delete one that is not needed.";
	rig.sandbox.faults.add({
		service: "channels",
		operation: "POST ses-setup",
		effect: { kind: "error", status: 409, code: "Conflict", message },
	});
	const inputs = { tenantName: "one-more", domainIdentity: "mail.more.test" };
	const error = await setupHandler.create(rig.world(), inputs).catch((reason: unknown) => reason);
	expect(String(error)).toContain(message);
	expect(String(error)).not.toContain("is taken");
});

test("names that are in passing are told as that, and to try again", async () => {
	const message = "Tenant name already exists: a setup with it is being removed right now.";
	rig.sandbox.faults.add({
		service: "channels",
		operation: "POST ses-setup",
		effect: { kind: "error", status: 409, code: "Conflict", message },
	});
	const inputs = { tenantName: "in-passing", domainIdentity: "mail.passing.test" };
	const error = await setupHandler.create(rig.world(), inputs).catch((reason: unknown) => reason);
	expect(String(error)).toContain(message);
	expect(String(error)).toContain("That passes within moments: run `pulumi up` again.");
	expect(String(error)).not.toContain("is taken");
});
