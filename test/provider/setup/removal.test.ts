import { expect, test } from "vitest";
import { removeSetup } from "../../../provider/core/setup/removal.js";
import { startRig } from "../rig.js";

test("a delete that something else than a use case forbids says what the API says, and names no use cases", async () => {
	await using rig = await startRig();
	const detail = "Domain identity is held by tenant other-tenant. Take it out of that tenant first.";
	rig.sandbox.faults.add({
		service: "channels",
		operation: "DELETE ses-setup/{id}",
		effect: {
			kind: "answer",
			status: 409,
			headers: { "content-type": "application/json" },
			body: JSON.stringify({ detail }),
		},
	});
	const world = rig.world();
	const failed = await removeSetup(world, crypto.randomUUID(), "mail.acme.test", world.stop).catch(
		(error: Error) => error.message,
	);
	expect(failed).toContain("(mail.acme.test) was not deleted");
	expect(failed).toContain("held by tenant other-tenant");
	expect(failed).not.toContain("use case");
});
