import { describe, expect, test } from "vitest";
import type { DnsRecord } from "../../dns/index.js";
import { toRecordSets } from "../../dns/index.js";
import type { RecordType } from "../../sandbox/route53/values.js";
import type { SesSetupDetailResponse } from "../../sdk/index.js";
import { makeScene, oneSetup } from "../support/scene.js";
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
		// How long was waited; then DKIM in one, MX and DMARC.
		expect(waiting?.initErrors?.length).toBe(4);
		expect(waiting?.initErrors?.[1]).toMatch(
			/^CNAME (\w{32}\._domainkey\.mail\.vain\.test(, )?){3}: expected /,
		);

		const setup = (await project.resources()).find(({ type }) => type.endsWith("SesSetup"));
		publish(zone.id, setup?.outputs?.dnsRecords as DnsRecord[]);
		const resumed = await project.up();
		expect(resumed.changes.map(({ op, name }) => `${op} ${name}`)).toEqual(["update mail-verification"]);
		expect(await project.outputs()).toMatchObject({ sender: "mail.vain.test" });
		expect((await project.up()).changes).toEqual([]);
	});
});

test("a DNS server that is down takes nothing away from what the other one says", async () => {
	stage.sandbox.route53.createZone("halfdown.test");
	const project = await stage.project({
		program: oneSetup("halfdown"),
		env: { CHANNELS_DNS_SERVERS: `127.0.0.1:1,${stage.sandbox.dns.authoritative}` },
	});
	stage.sandbox.log.clear();
	await project.up();
	expect(await project.outputs()).toMatchObject({ sender: "mail.halfdown.test" });
	expect(stage.calls("channels")).toEqual({ "POST ses-setup": 1, "POST ses-setup/{id}/verify": 1 });
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

describe("records that the API no longer asks for", () => {
	test("end the wait at once, and are mended by the refresh that the reasons name", async () => {
		const { zone, project } = await scene("rotated", "route53: true");
		await project.up();
		const { id } = (await project.resources()).find(({ type }) => type.endsWith("SesSetup")) ?? {};
		const answer = await fetch(`${stage.baseUrl}/v1/${stage.service.workspaceId}/channels/ses-setup/${id}`, {
			headers: { authorization: `Bearer ${stage.service.apiKey}` },
		});
		const setup = (await answer.json()) as SesSetupDetailResponse;
		const old = setup.dns_records.find(({ type }) => type === "CNAME");
		const next = { address: "next._domainkey.mail.rotated.test", record: "next.dkim.amazonses.com" };
		const answers = (operation: string, verified: boolean) => {
			const dns_records = setup.dns_records.map((record) => ({
				...(record === old ? { ...record, ...next } : record),
				verified,
			}));
			const headers = { "content-type": "application/json" };
			stage.sandbox.faults.add({
				service: "channels",
				operation,
				times: Number.POSITIVE_INFINITY,
				effect: { kind: "answer", status: 200, headers, body: JSON.stringify({ ...setup, dns_records }) },
			});
		};
		answers("POST ses-setup/{id}/verify", false);
		await project.replaceProgram(oneSetup("rotated"));
		const failed = await project.up({ expectFailure: true });
		expect(failed.all).toContain("The Channels API no longer asks for 1 of 5 records");
		expect(failed.all).toContain(`CNAME ${old?.address}: waited for "${old?.record}"`);
		expect(failed.all).not.toContain("72 hours");

		stage.sandbox.faults.clear();
		answers("GET ses-setup/{id}", false);
		answers("POST ses-setup/{id}/verify", true);
		await project.refresh();
		await project.up();
		expect(await project.outputs()).toMatchObject({ sender: "mail.rotated.test" });
		const published = stage.sandbox.route53.records(zone.id).filter(({ Type }) => Type === "CNAME");
		expect(published.map(({ Name }) => Name)).toContain(`${next.address}.`);
		expect(published).toHaveLength(3);
	});
});

describe("what depends on the verified domain", () => {
	const dependent = `
import * as pulumi from "@pulumi/pulumi";
class Dependent extends pulumi.dynamic.Resource {
	constructor(name, domain, options) {
		const provider = {
			diff: async (id, olds, news) => {
				const changes = olds.domain !== news.domain;
				return { changes, replaces: changes ? ["domain"] : [], deleteBeforeReplace: true };
			},
			create: async (inputs) => ({ id: inputs.domain, outs: inputs }),
		};
		super(provider, name, { domain }, options);
	}
}
`;
	const ops = ({ changes }: { changes: readonly { op: string; name: string }[] }) =>
		changes.map(({ op, name }) => `${op} ${name}`);

	test("previews no replacement after a refresh that saw a record unverified", async () => {
		const { zone, project } = await scene("depended", "");
		const domain = "mail.depended.test";
		await project.replaceProgram(`${dependent}${oneSetup("depended")}
new Dependent("first", mail.verifiedDomain);
const { Verification } = await import("pulumi-channels");
const own = new Verification("own", { setupId: mail.id, dnsRecords: mail.dnsRecords }, { dependsOn: mail.records });
new Dependent("second", own.verifiedDomain);
`);
		await project.up();
		const mx = stage.sandbox.route53.records(zone.id).find(({ Type }) => Type === "MX");
		stage.sandbox.route53.remove(zone.id, domain, "MX");
		await project.refresh();
		const values = mx?.ResourceRecords?.map(({ Value }) => Value) ?? [];
		stage.sandbox.route53.put(zone.id, { name: domain, type: "MX", ttl: mx?.TTL ?? 300, values });

		const updates = ["update mail-records", "update mail-verification", "update own"];
		expect(ops(await project.preview()).sort()).toEqual(updates);
		expect(ops(await project.up()).sort()).toEqual(updates);
		expect((await project.up()).changes).toEqual([]);
		expect(await project.outputs()).toMatchObject({ sender: domain });
	});

	test("is not made before the wait has succeeded; what depends on the setup or its records is", async () => {
		const { zone, project } = await scene("undepended", "");
		stage.sandbox.dns.delegate("undepended.test", ["ns1.elsewhere.test"]);
		const more = 'route53: { delegationCheck: "off" }, waitForVerification: { timeout: "2s" }';
		await project.replaceProgram(`${dependent}${oneSetup("undepended", more)}
new Dependent("registered", "a", { dependsOn: mail });
new Dependent("published", "b", { dependsOn: mail.records });
new Dependent("verified", "c", { dependsOn: mail.verification });
new Dependent("sender", mail.verifiedDomain);
`);
		const made = async () =>
			(await project.resources())
				.filter(({ type }) => type === "pulumi-nodejs:dynamic:Resource")
				.map(({ urn }) => urn.split("::").at(-1))
				.sort();
		// The first is a create of the wait, the second an update.
		for (let run = 0; run < 2; run += 1) {
			await project.up({ args: ["--continue-on-error"], expectFailure: true });
			expect(await made()).toEqual(["published", "registered"]);
		}
		const { nameServers } = stage.sandbox.route53.allZones().find(({ id }) => id === zone.id) ?? {};
		stage.sandbox.dns.delegate("undepended.test", nameServers ?? []);
		await project.up();
		expect(await made()).toEqual(["published", "registered", "sender", "verified"]);
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
		stage.sandbox.route53.timing.insyncMs = 50;
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
		expect(preview.all).toMatch(
			/Changed in drift\.test since it was published: MX mail\.drift\.test: .* is gone; found MX 10/,
		);
		expect(preview.all).toMatch(/Not verified when it was last looked at: .*TXT _dmarc\.mail\.drift\.test/);
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
