import { describe, expect, test } from "vitest";
import type { DnsRecord } from "../../dns/index.js";
import { toRecordSets } from "../../dns/index.js";
import type { RecordType } from "../../sandbox/route53/values.js";
import { makeScene } from "../support/scene.js";
import { useStage } from "../support/stage.js";

const stage = useStage();

const scene = (name: string, more: string) => makeScene(stage, name, more);

/** Publishes by hand, as somebody with DNS elsewhere does. */
function publish(zoneId: string, records: DnsRecord[]): void {
	for (const { name, type, values } of toRecordSets(records, 300)) {
		stage.sandbox.route53.put(zoneId, { name, type: type as RecordType, values });
	}
}

describe("a wait that ends in vain", () => {
	test("gives a reason for each record and what stands there instead, keeps all in state, and resumes", async () => {
		const { zone, project } = await scene("vain", 'waitForVerification: { timeout: "3s" }');
		stage.sandbox.route53.put(zone.id, { name: "mail.vain.test", type: "MX", values: ["5 mx.other.test"] });
		const failed = await project.up({ expectFailure: true });
		expect(failed.all).toMatch(/5 of 5 records were not verified within 3s/);
		expect(failed.all).toMatch(
			/MX mail\.vain\.test: expected "10 inbound-smtp[^"]*"; found "5 mx\.other\.test"/,
		);
		expect(failed.all).toMatch(/TXT _dmarc\.mail\.vain\.test: expected "v=DMARC1[^"]*"; found nothing/);
		expect(stage.calls("channels")).toEqual({ "POST ses-setup": 1, "POST ses-setup/{id}/verify": 1 });
		const waiting = (await project.resources()).find(({ type }) => type.endsWith("Verification"));
		expect(waiting?.initErrors?.length).toBe(6);

		const setup = (await project.resources()).find(({ type }) => type.endsWith("SesSetup"));
		publish(zone.id, setup?.outputs?.dnsRecords as DnsRecord[]);
		const resumed = await project.up();
		expect(resumed.changes.map(({ op, name }) => `${op} ${name}`)).toEqual(["update mail-verification"]);
		expect(await project.outputs()).toMatchObject({ sender: "mail.vain.test" });
		expect((await project.up()).changes).toEqual([]);
	});
});

describe("a wait in a zone that nobody asks", () => {
	test("says that the live DNS is elsewhere", async () => {
		const { project } = await scene(
			"astray",
			'route53: { delegationCheck: "off" }, waitForVerification: { timeout: "3s" }',
		);
		stage.sandbox.dns.delegate("astray.test", ["ns1.elsewhere.test", "ns2.elsewhere.test"]);
		const failed = await project.up({ expectFailure: true });
		expect(failed.all).toMatch(
			/All of them: astray\.test is delegated to ns1\.elsewhere\.test, ns2\.elsewhere\.test, but this zone's servers are ns-/,
		);
	});
});

describe("a purpose", () => {
	test("limits what is waited for", async () => {
		const { zone, project } = await scene(
			"purpose",
			'waitForVerification: { timeout: "30s", purpose: "sending" }',
		);
		const running = await project.start(["up", "--yes", "--skip-preview"]);
		await running.waitForOutput(/mail-verification creating .*waiting/);
		const tenant = stage.sandbox.ses.identities().find(({ name }) => name === "mail.purpose.test");
		const tokens = tenant?.tokens ?? [];
		publish(
			zone.id,
			tokens.map((token) => ({
				address: `${token}._domainkey.mail.purpose.test`,
				type: "CNAME",
				record: `${token}.dkim.amazonses.com`,
			})),
		);
		expect((await running.result).code).toBe(0);
		expect(await project.outputs()).toMatchObject({ sender: "mail.purpose.test" });
	});
});

describe("asking too early", () => {
	test("does not happen: SES is asked only when every authoritative server has the records", async () => {
		const { project } = await scene("early", 'route53: true, waitForVerification: { timeout: "60s" }');
		stage.sandbox.route53.timing.insyncMs = 3_000;
		await project.up();
		stage.sandbox.route53.timing.insyncMs = 200;
		const inSync = stage.sandbox.log.all({ service: "route53", operation: "GetChange" }).at(-1)?.at ?? 0;
		const [firstVerify] = stage.sandbox.log.all({
			service: "channels",
			operation: "POST ses-setup/{id}/verify",
		});
		expect(firstVerify?.at).toBeGreaterThanOrEqual(inSync);
		expect(stage.calls("channels")["POST ses-setup/{id}/verify"]).toBeLessThanOrEqual(2);
	});
});

describe("drift", () => {
	test("of a record is seen by refresh, shown by preview and put back by up", async () => {
		const { zone, project } = await scene("drift", "route53: true, waitForVerification: true");
		await project.up();
		const before = stage.sandbox.route53.snapshot(zone.id);
		stage.sandbox.route53.put(zone.id, { name: "mail.drift.test", type: "MX", values: ["10 mx.other.test"] });
		stage.sandbox.route53.remove(zone.id, "_dmarc.mail.drift.test", "TXT");
		await project.refresh();
		const preview = await project.preview();
		expect(preview.changes.map(({ op, name }) => `${op} ${name}`)).toEqual([
			"update mail-records",
			"update mail-verification",
		]);
		await project.up();
		expect(stage.sandbox.route53.snapshot(zone.id)).toBe(before);
		expect((await project.up()).changes).toEqual([]);
	});

	test("by a setup deleted elsewhere is seen by refresh and mended by up", async () => {
		const { zone, project } = await scene("deleted", "route53: true, waitForVerification: true");
		await project.up();
		const [setup] = (await project.resources()).filter(({ type }) => type.endsWith("SesSetup"));
		await fetch(`${stage.baseUrl}/v1/${stage.service.workspaceId}/channels/ses-setup/${setup?.id}`, {
			method: "DELETE",
			headers: { authorization: `Bearer ${stage.service.apiKey}` },
		});
		await project.refresh();
		const preview = await project.preview();
		expect(preview.changes.map(({ op, name }) => `${op} ${name}`)).toEqual(
			expect.arrayContaining([
				"create-replacement mail",
				"create-replacement mail-records",
				"create mail-verification",
			]),
		);
		await project.up();
		expect(await project.outputs()).toMatchObject({ sender: "mail.deleted.test" });
		expect(stage.sandbox.route53.records(zone.id).filter(({ Type }) => Type === "CNAME")).toHaveLength(3);
		expect((await project.up()).changes).toEqual([]);
		await project.destroy();
		expect(stage.sandbox.route53.records(zone.id)).toHaveLength(2);
	});

	test("that cannot be read changes nothing; by values that others add to our sets it stays, after destroy too", async () => {
		const { zone, project } = await scene("added", "route53: true");
		await project.up();
		const before = await project.resources();
		stage.sandbox.faults.add({
			service: "route53",
			times: Number.POSITIVE_INFINITY,
			effect: { kind: "error", status: 403, code: "AccessDenied", message: "no" },
		});
		const refresh = await project.refresh({ expectFailure: true });
		expect(refresh.all).toContain("route53:ListHostedZonesByName");
		const outputs = (all: typeof before) =>
			all.filter(({ type }) => type.includes("channels")).map(({ urn, outputs }) => ({ urn, outputs }));
		expect(outputs(await project.resources())).toEqual(outputs(before));
		stage.sandbox.faults.clear();

		const name = "_dmarc.mail.added.test";
		stage.sandbox.route53.put(zone.id, { name, type: "TXT", values: ['"v=DMARC1; p=none"', '"note=ours"'] });
		await project.refresh();
		expect((await project.up()).changes).toEqual([]);
		await project.destroy();
		const left = stage.sandbox.route53.records(zone.id).find((set) => set.Type === "TXT");
		expect(left?.ResourceRecords).toEqual([{ Value: '"note=ours"' }]);
	});
});
