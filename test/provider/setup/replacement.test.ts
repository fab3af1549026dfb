import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { SetupInputs, SetupOutputs } from "../../../provider/core/inputs.js";
import { setupHandler } from "../../../provider/core/setup/handler.js";
import { diffWorld, type Rig, startRig } from "../rig.js";

let rig: Rig;
beforeAll(async () => {
	rig = await startRig();
});
afterAll(() => rig[Symbol.asyncDispose]());
beforeEach(() => rig.sandbox.faults.clear());

let count = 0;

/** A setup, and what its diff says of a program that wants another one. */
async function standing() {
	count += 1;
	const names = { tenantName: `first-${count}`, domainIdentity: `mail.first-${count}.test` };
	const { id, outputs } = await setupHandler.create(rig.world(), names);
	const compare = async (more: Partial<SetupInputs>) =>
		setupHandler.diff(diffWorld(rig.world()), id, outputs, { ...names, ...more });
	return { id, names, compare };
}

const posts = () => rig.sandbox.log.count({ service: "channels", operation: "POST ses-setup" });

describe("a replacement by another tenant or domain", () => {
	test("is one, and nothing is registered by the look", async () => {
		const { compare } = await standing();
		const before = posts();
		expect(await compare({ domainIdentity: "mail.other.test" })).toMatchObject([
			{ property: "domainIdentity", replaces: true },
		]);
		expect(posts()).toBe(before);
	});

	test("is refused where another setup has one of the names, unless that is the very one to adopt", async () => {
		const [mine, theirs] = [await standing(), await standing()];
		await expect(mine.compare({ tenantName: theirs.names.tenantName })).rejects.toThrow(
			/only one of the two/,
		);
		await expect(mine.compare(theirs.names)).rejects.toThrow(theirs.id);
		expect(await mine.compare({ ...theirs.names, adoptExisting: true })).toMatchObject([
			{ property: "tenantName", replaces: true },
			{ property: "domainIdentity", replaces: true },
		]);
	});

	test("may take the names of a setup that is replaced in the same run", async () => {
		const [mine, theirs] = [await standing(), await standing()];
		const world = rig.world();
		world.claims.replace(undefined, theirs.id);
		const { id, names } = mine;
		const olds =
			(await setupHandler.read(rig.world(), id, { ...names, ...(await world.channels.home(world)) })) ??
			never();
		expect(await setupHandler.diff(diffWorld(world), id, olds, theirs.names)).toHaveLength(2);
	});

	test("is not kept from a key that may not list setups", async () => {
		const { compare } = await standing();
		rig.sandbox.faults.add({
			service: "channels",
			operation: "GET ses-setup",
			times: Number.POSITIVE_INFINITY,
			effect: { kind: "answer", status: 403, body: '{"detail":"Insufficient permissions."}' },
		});
		expect(await compare({ tenantName: "other-tenant" })).toHaveLength(1);
	});

	test("is refused while nobody can say whether the names are free", async () => {
		const { compare } = await standing();
		rig.sandbox.faults.add({
			service: "channels",
			operation: "GET ses-setup",
			times: Number.POSITIVE_INFINITY,
			effect: { kind: "answer", status: 400, body: '{"detail":"No."}' },
		});
		await expect(compare({ tenantName: "another-tenant" })).rejects.toThrow(/So it stays/);
	});
});

describe("a setup that somebody has deleted, and whose domain somebody else has by now,", () => {
	test("is refused before its records are taken down; a refresh tells of it all the same", async () => {
		const { id, names } = await standing();
		const world = rig.world();
		await world.channels.remove(world, { id });
		const rival = await setupHandler.create(rig.world(), { ...names, tenantName: `rival-${count}` });
		const route53 = { zoneId: rig.sandbox.route53.createZone(names.domainIdentity).id };
		const olds: SetupOutputs = {
			...rival.outputs,
			...names,
			route53,
			missing: true,
			zone: { id: route53.zoneId, name: names.domainIdentity, nameServers: [], found: [] },
		};
		const compare = async () =>
			setupHandler.diff({ ...diffWorld(world), urn: "::mail" }, id, olds, { ...names, route53 });
		expect(await compare()).toMatchObject([
			{ property: "domainIdentity", replaces: true, isHidden: true, reason: expect.stringContaining(id) },
		]);
		world.claims.declare("::mail", { kind: "SesSetup", inputs: names });
		await expect(compare()).rejects.toThrow(
			new RegExp(`setup ${id} .* is gone, .*So its records stay\\.\n.*\n.*${rival.id}`),
		);
	});
});

const never = (): never => {
	throw new Error("the setup is gone");
};
