import { afterAll, beforeAll, expect, test } from "vitest";
import { defaultAccount } from "../../../sandbox/index.js";
import { publishByHand } from "../../support/registered.js";
import { type EmbeddedRig, startEmbeddedRig } from "./embedded-rig.js";

let rig: EmbeddedRig;
beforeAll(async () => {
	rig = await startEmbeddedRig();
});
afterAll(() => rig[Symbol.asyncDispose]());

test("SES is told by a wait to look again for DKIM records that it gave up and that stand, and by no read", async () => {
	const zone = rig.sandbox.route53.createZone("acme.test");
	const names = { tenant: "given-up", domain: "mail.acme.test" };
	const setup = await rig.world().channels.create(rig.world(), names, { adopt: false });
	publishByHand(rig, zone, setup.dns_records);
	const identity = rig.sandbox.ses.region(defaultAccount.id, "us-east-1").identity(names.domain);
	identity.status = "FAILED";
	const ref = { id: setup.id, ...names, records: setup.dns_records };
	const world = rig.world();
	await world.channels.read(world, ref);
	const told = await world.channels.diagnosis(world, ref);
	expect(told?.ses.reason).toContain("`waitForVerification` has it look again now that they stand");
	expect(identity.status).toBe("FAILED");
	await world.channels.verify(world, ref);
	const { dns_records } = await world.channels.verify(world, ref);
	expect(dns_records.map(({ verified }) => verified)).toEqual([true, true, true, true, true]);
});
