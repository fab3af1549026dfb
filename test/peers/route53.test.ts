/** The provider against Route 53s that are not ours: it publishes and removes there what it does in the sandbox. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Rig, Stack, startRig } from "../provider/rig.js";
import { type PeerServer, startMinistack, startMoto } from "./server.js";
import { set, Zone } from "./zone.js";

describe.each([
	["moto", startMoto],
	["ministack", startMinistack],
])("on %s", (_, start) => {
	let peer: PeerServer;
	let rig: Rig;
	beforeAll(async () => {
		peer = await start();
		rig = await startRig({ route53: { insyncMs: 50 } });
	});
	afterAll(async () => {
		await rig?.[Symbol.asyncDispose]();
		await peer?.[Symbol.asyncDispose]();
	});

	const world = () => rig.world(undefined, peer.url);
	const stack = (zone: Zone, onConflict = {}) =>
		new Stack({
			tenantName: zone.name.replaceAll(".", "-"),
			domainIdentity: `mail.${zone.name}`,
			// The name servers that they make up serve nothing.
			route53: { delegationCheck: "off", onConflict },
		});

	it("a setup is published and removed, and others' records stay as they were", async () => {
		const zone = await Zone.create("plain.test", peer.url);
		await zone.put(
			set("_dmarc.mail.plain.test", "TXT", '"one" "two"', '"\\303\\244"'),
			set("old._domainkey.mail.plain.test", "TXT", '"v=DKIM1; p=x"'),
			set("*.plain.test", "A", "192.0.2.1"),
			{ ...set("w.plain.test", "A", "192.0.2.2"), SetIdentifier: "a", Weight: 1 },
		);
		const before = await zone.text();
		const setup = stack(zone);
		await setup.up(world());
		expect(setup.records?.outputs.written).toHaveLength(5);
		expect(await zone.values("_dmarc.mail.plain.test", "TXT")).toEqual([
			'"one" "two"',
			'"\\303\\244"',
			'"v=DMARC1; p=none"',
		]);
		expect(await zone.records()).toHaveLength(before.length + 4);

		const after = await zone.text();
		await setup.up(world());
		await setup.refresh(world());
		await setup.up(world());
		expect(await zone.text()).toEqual(after);

		await setup.destroy(world());
		expect(await zone.text()).toEqual(before);
	});

	it("a conflict is refused with nothing changed; overwritten, it is put back", async () => {
		const zone = await Zone.create("conflict.test", peer.url);
		await zone.put(set("mail.conflict.test", "MX", "10 mx.conflict.test"));
		const before = await zone.text();
		await expect(stack(zone).up(world())).rejects.toThrow("- MX 10 mx.conflict.test  (TTL 60 s)");
		expect(await zone.text()).toEqual(before);

		const setup = stack(zone, { mx: "overwrite" });
		await setup.up(world());
		expect(await zone.values("mail.conflict.test", "MX")).toEqual([
			"10 inbound-smtp.us-east-1.amazonaws.com",
		]);
		await setup.destroy(world());
		expect(await zone.text()).toEqual(before);
	});

	it("what is changed by hand shows as drift, and stays after a removal", async () => {
		const zone = await Zone.create("drift.test", peer.url);
		const setup = stack(zone);
		await setup.up(world());
		const [mx] = await zone.values("mail.drift.test", "MX");
		await zone.put(set("mail.drift.test", "MX", "10 hand.test"));
		await setup.refresh(world());
		expect(setup.records?.outputs.drift).toEqual([
			`MX mail.drift.test: ${mx} is gone; found MX 10 hand.test`,
		]);
		// To put ours back is not possible on moto: see "a set that stood there once" among the differences.
		await setup.destroy(world());
		expect(await zone.values("mail.drift.test", "MX")).toEqual(["10 hand.test"]);
		expect(await zone.records()).toHaveLength(3);
	});

	it("the zone is found by name where there is one that covers the domain", async () => {
		const zone = await Zone.create("found.test", peer.url);
		const setup = stack(zone);
		await setup.up(world());
		expect(setup.setup?.outputs.zone).toMatchObject({ id: zone.id, name: "found.test" });
		await setup.destroy(world());
	});
});
