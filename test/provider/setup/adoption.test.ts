import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../../provider/core/clock.js";
import { setupHandler } from "../../../provider/core/setup/handler.js";
import { type Rig, Stack, startRig } from "../rig.js";

let rig: Rig;
beforeAll(async () => {
	rig = await startRig();
});
afterAll(() => rig[Symbol.asyncDispose]());

const inputs = (n: number) => ({
	tenantName: `adopted-${n}`,
	domainIdentity: `mail${n}.acme.test`,
	adoptExisting: true,
});
const all = [1, 2, 3, 4, 5];
/** A list of the workspace serves for some seconds, which are to last as long as seconds do. */
const unhurried = () => ({ ...rig.world(), clock: systemClock });

test("the setups that are adopted at once share one list of the workspace, and none is registered twice", async () => {
	const first = unhurried();
	const made = await Promise.all(all.map((n) => setupHandler.create(first, inputs(n))));
	rig.sandbox.log.clear();
	const second = unhurried();
	const adopted = await Promise.all(all.map((n) => setupHandler.create(second, inputs(n))));
	expect(adopted.map(({ id }) => id)).toEqual(made.map(({ id }) => id));
	const calls = (operation: string) => rig.sandbox.log.count({ service: "channels", operation });
	expect([calls("GET ses-setup"), calls("GET ses-setup/{id}"), calls("POST ses-setup")]).toEqual([1, 5, 0]);
});

test("a setup to adopt that has gone since it was listed is registered", async () => {
	await setupHandler.create(rig.world(), inputs(6));
	const world = unhurried();
	const gone = await setupHandler.create(world, inputs(6));
	await world.channels.remove(world, gone);
	const made = await setupHandler.create(world, inputs(6));
	expect(made.id).not.toBe(gone.id);
});

test("a setup to adopt that another resource has registered since it was looked for is taken over", async () => {
	const world = unhurried();
	const one = await setupHandler.create(world, inputs(7));
	const other = await setupHandler.create(world, inputs(7));
	expect(other.id).toBe(one.id);
});

test("a setup that came meanwhile and cannot be taken over is named", async () => {
	const zone = rig.sandbox.route53.createZone("mail8.acme.test");
	rig.sandbox.route53.put(zone.id, {
		name: "_dmarc.mail8.acme.test",
		type: "TXT",
		values: [`"v=DMARC1; p=reject"`],
	});
	const world = unhurried();
	const { id } = await setupHandler.create(world, inputs(8));
	await expect(setupHandler.create(world, { ...inputs(8), route53: {} })).rejects.toThrow(
		new RegExp(`p=reject.*Setup ${id} of this tenant and domain`, "s"),
	);
});

test("a setup that is taken over without `route53` brings its records along once that is there", async () => {
	const { route53 } = rig.sandbox;
	const zone = route53.createZone("brought.test");
	const before = route53.snapshot(zone.id);
	const names = { tenantName: "brought", domainIdentity: "mail.brought.test" };
	await new Stack({ ...names, route53: {} }).up(rig.world());

	const taker = new Stack({ ...names, adoptExisting: true, route53: {} });
	taker.setup = await setupHandler.create(rig.world(), { ...names, adoptExisting: true });
	await taker.up(rig.world());
	await taker.destroy(rig.world());
	expect(route53.snapshot(zone.id)).toBe(before);
});
