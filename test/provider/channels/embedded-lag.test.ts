/** SES whose reads lag behind its writes: every second one sees what was there 30 seconds before. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { setupHandler } from "../../../provider/core/setup/handler.js";
import { defaultAccount } from "../../../sandbox/index.js";
import { type EmbeddedRig, startEmbeddedRig } from "./embedded-rig.js";

let rig: EmbeddedRig;
beforeEach(async () => {
	// By the clock of the rig's worlds, half a minute.
	rig = await startEmbeddedRig({ ses: { readLagMs: 600 } });
});
afterEach(() => rig[Symbol.asyncDispose]());

const region = () => rig.sandbox.ses.region(defaultAccount.id, "us-east-1");
const standing = () => [[...region().tenants.keys()], [...region().identities.keys()]];
const names = { tenantName: "acme", domainIdentity: "mail.acme.test" };

test("a setup is made, read and taken down at once, time and again, and nothing is left", async () => {
	for (let time = 0; time < 3; time += 1) {
		const { id, outputs } = await setupHandler.create(rig.world({ mailFrom: "bounce" }), names);
		expect(region().identities.get(names.domainIdentity)?.mailFrom?.domain).toMatch(/^bounce\./);
		const read = await setupHandler.read(rig.world({ mailFrom: "bounce" }), id, outputs);
		expect(read).toMatchObject(names);
		expect([read].filter((each) => each?.missing || each?.apart)).toEqual([]);
		await setupHandler.delete(rig.world(), id, outputs);
		expect(standing()).toEqual([[], []]);
	}
});

test("an identity that stood before is taken in, and handed back as it was", async () => {
	const own = { Key: "own", Value: "1" };
	const identity = region().createIdentity(names.domainIdentity, [own], Date.now());
	const { dkim } = identity;
	const adopting = { ...names, adoptExisting: true };
	const { id, outputs } = await setupHandler.create(rig.world({ mailFrom: "bounce" }), adopting);
	expect(identity.tags.length).toBeGreaterThan(1);
	await setupHandler.delete(rig.world(), id, outputs);
	expect([identity.tags, identity.dkim, identity.mailFrom]).toEqual([[own], dkim, undefined]);
	expect(standing()).toEqual([[], [names.domainIdentity]]);
});

test.each(["CreateEmailIdentity", "CreateTenantResourceAssociation"])(
	"a create that is refused at %s leaves nothing",
	async (operation) => {
		const lift = rig.sandbox.faults.add({
			service: "sesv2",
			operation,
			times: Number.POSITIVE_INFINITY,
			effect: { kind: "error", status: 400, code: "LimitExceededException", message: "no more" },
		});
		await expect(setupHandler.create(rig.world(), names)).rejects.toThrow("no more");
		lift();
		expect(standing()).toEqual([[], []]);
	},
);
