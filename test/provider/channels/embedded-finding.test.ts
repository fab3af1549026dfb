import { afterAll, beforeAll, expect, test } from "vitest";
import { setupHandler } from "../../../provider/core/setup/handler.js";
import { defaultAccount } from "../../../sandbox/index.js";
import { diffWorld } from "../rig.js";
import { type EmbeddedRig, startEmbeddedRig } from "./embedded-rig.js";

let rig: EmbeddedRig;
beforeAll(async () => {
	rig = await startEmbeddedRig();
});
afterAll(() => rig[Symbol.asyncDispose]());

const region = (name = "us-east-1") => rig.sandbox.ses.region(defaultAccount.id, name);
const inputs = (tenantName: string, domainIdentity: string) => ({ tenantName, domainIdentity });

test("a setup is found by its id alone, however many tenants there are", async () => {
	const place = { region: "eu-north-1" };
	// SES lists them by name, and takes one question a second: this one comes after two minutes.
	for (let index = 0; index < 130; index += 1)
		region("eu-north-1").createTenant(`a-${index}`, [], Date.now());
	const { id, outputs } = await setupHandler.create(rig.world(place), inputs("z", "z.acme.test"));
	const { tenantName, domainIdentity, dnsRecords } = outputs;
	expect(await setupHandler.read(rig.world(place), id, {})).toMatchObject({
		...{ tenantName, domainIdentity, dnsRecords },
	});
	await setupHandler.delete(rig.world(place), id, { ...outputs, tenantName: undefined as never });
	expect(region("eu-north-1").identities.size).toBe(0);
});

test("a replacement is refused in the preview where the identity in its way cannot be taken in", async () => {
	const { id, outputs } = await setupHandler.create(rig.world(), inputs("old", "old.acme.test"));
	const identity = region().createIdentity("new.acme.test", [], Date.now());
	identity.dkim = { by: "nobody" };
	identity.status = "NOT_STARTED";
	const news = { ...inputs("old", "new.acme.test"), adoptExisting: true };
	const comparing = () => setupHandler.diff(diffWorld(rig.world()), id, outputs, news);
	await expect(comparing()).rejects.toMatchObject({ code: "identity-without-dkim" });
	Object.assign(identity, { dkim: { by: "owner", selector: "s1" }, status: "PENDING" });
	expect(await comparing()).toMatchObject([{ property: "domainIdentity", replaces: true }]);
});

test("settings that lead to another region are refused by the preview, which asks nobody", async () => {
	const { id, outputs } = await setupHandler.create(rig.world(), inputs("stays", "stays.acme.test"));
	const compare = (home: { region?: string }) =>
		setupHandler.diff(
			{ ...diffWorld(rig.world()), home, whole: () => Promise.reject(new Error("asked")) },
			id,
			outputs,
			inputs("stays", "stays.acme.test"),
		);
	expect(await compare({ region: "us-east-1" })).toEqual([]);
	// A remote API has no region; the shared AWS configuration may name it.
	expect(await compare({})).toEqual([]);
	await expect(compare({ region: "eu-west-1" })).rejects.toMatchObject({
		code: "account-changed",
		message: expect.stringMatching(/stays\.acme\.test.*us-east-1.*eu-west-1/s),
	});
});

test("what is shown of the progress fits into a terminal, however long a search takes", async () => {
	const place = { region: "eu-south-1" };
	const lines: string[] = [];
	const world = () => ({
		...rig.world(place),
		progress: { show: (line: string) => void lines.push(line), warn: () => {} },
	});
	const names = inputs("news", "news.department.of-a-company.acme.test");
	const { id, outputs } = await setupHandler.create(world(), names);
	await setupHandler.read(world(), id, {});
	for await (const _ of world().channels.list(world()));
	await setupHandler.delete(world(), id, outputs);
	expect(lines).toEqual(
		expect.arrayContaining([
			expect.stringMatching(/^looking for news\./),
			expect.stringMatching(/^registering news\./),
			"searching Amazon SES, one tenant a second: 1 asked",
			"reading Amazon SES, one a second (tenants: 1, domains of setups: 1)",
		]),
	);
	for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80);
});
