import { expect, test } from "vitest";
import { refuseWhileUsed } from "../../../provider/core/setup/removal.js";
import type { World } from "../../../provider/core/world.js";
import { startRig } from "../rig.js";

const removed = (world: World) =>
	world.channels.remove(world, { id: crypto.randomUUID(), domain: "mail.acme.test" });

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
	const failed = await removed(world).catch((error: Error) => error.message);
	expect(failed).toContain("(mail.acme.test) was not deleted");
	expect(failed).toContain("held by tenant other-tenant");
	expect(failed).not.toContain("use case");
});

test("the records stay where something else than the API says that it has no use cases", async () => {
	await using rig = await startRig();
	const world = rig.world();
	const refused = () => refuseWhileUsed(world, crypto.randomUUID()).catch((error: Error) => error.message);
	const answer = (type: string, body: string) =>
		rig.sandbox.faults.add({
			service: "channels",
			operation: "GET use-cases",
			effect: { kind: "answer", status: 404, headers: { "content-type": type }, body },
		});
	answer("text/html", "<html>nginx</html>");
	expect(await refused()).toContain("The records stay, because nobody could say");
	// An API without use cases.
	answer("application/json", JSON.stringify({ detail: "Not Found" }));
	expect(await refused()).toBeUndefined();
});

test("a delete that is not answered in time says what was answered before", async () => {
	await using rig = await startRig();
	const remove = { service: "channels", operation: "DELETE ses-setup/{id}" };
	const busy = { kind: "error", status: 503, code: "Busy", message: "Later, please." } as const;
	rig.sandbox.faults.add({ ...remove, times: 4, effect: busy });
	const over = Promise.withResolvers<void>();
	rig.sandbox.faults.add({ ...remove, from: 5, effect: { kind: "hold", until: over.promise } });
	const world = rig.world();
	const failed = removed(world);
	await expect(failed).rejects.toThrow(/deleting the SES setup .* Later, please\. — .* try again later/);
	over.resolve();
});

test("a setup that the API has never told of, and the state has elsewhere, is not taken for deleted", async () => {
	await using rig = await startRig();
	const world = rig.world();
	const ref = { id: crypto.randomUUID(), account: "123456789012", region: "us-east-1" };
	const failed = world.channels.remove(world, ref);
	await expect(failed).rejects.toThrow(/reconcile --adopt/);
});
