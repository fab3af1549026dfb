import { expect, test } from "vitest";
import { setupHandler } from "../../../provider/core/setup/handler.js";
import { refuseWhileUsed, removeSetup } from "../../../provider/core/setup/removal.js";
import { type Rig, Stack, startRig } from "../rig.js";

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

test("the records stay where something else than the API says that it has no use cases", async () => {
	await using rig = await startRig();
	const world = rig.world();
	const refused = () =>
		refuseWhileUsed(world, crypto.randomUUID(), world.progress, world.stop).catch(
			(error: Error) => error.message,
		);
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
	const failed = removeSetup(world, crypto.randomUUID(), "mail.acme.test", world.stop);
	await expect(failed).rejects.toThrow(/deleting the SES setup .* Later, please\. — .* try again later/);
	over.resolve();
});

/** The setup of `mail` was deleted elsewhere, which its state does not know, and `copy` has registered its names anew. */
async function deletedElsewhere(rig: Rig) {
	const { route53 } = rig.sandbox;
	const zone = route53.createZone("acme.test");
	const before = route53.snapshot(zone.id);
	const names = { tenantName: "mail", domainIdentity: "mail.acme.test" };
	const mail = new Stack({ ...names, route53: {} });
	const first = rig.world();
	await mail.up(first);
	await first.channels.sesSetups.delete(mail.setup?.id ?? "", {});
	const copy = new Stack({ ...names, adoptExisting: true, route53: {} });
	await copy.up(rig.world());
	/** A run in which only this one of the two is declared. */
	const declaring = (urn: string, { args, setup }: Stack) => {
		const world = rig.world();
		const declared = { kind: "SesSetup", inputs: args, ...(setup && { id: setup.id }) } as const;
		world.run.declares(urn, declared);
		world.run.stays(urn, declared);
		return world;
	};
	return { mail, copy, declaring, standing: () => route53.snapshot(zone.id), before };
}

test("a live setup stays where a resource that is declared has lost its own, and so do its records", async () => {
	await using rig = await startRig();
	const { mail, copy, declaring, standing } = await deletedElsewhere(rig);
	const stood = standing();
	const { id = "", outputs } = copy.setup ?? {};
	const refusal = new RegExp(
		`setup ${id} \\(mail\\.acme\\.test\\) stays with its DNS records: mail of this program .*${mail.setup?.id}, is gone.*adoptExisting`,
	);
	await expect(copy.destroy(declaring("::mail", mail))).rejects.toThrow(refusal);
	expect(standing()).toBe(stood);
	const world = declaring("::mail", mail);
	await expect(outputs && setupHandler.delete(world, id, outputs)).rejects.toThrow(refusal);
	expect((await world.channels.sesSetups.get(id, {})).data.id).toBe(id);
});

test("what was deleted elsewhere goes from the state where another resource has the live setup", async () => {
	await using rig = await startRig();
	const { mail, copy, declaring, standing, before } = await deletedElsewhere(rig);
	await mail.destroy(declaring("::copy", copy));
	await copy.destroy(rig.world());
	expect(standing()).toBe(before);
});
