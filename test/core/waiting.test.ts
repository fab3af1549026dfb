import { describe, expect, onTestFinished, test } from "vitest";
import type { SesSetupDetailResponse } from "../../sdk/index.js";
import { apiOf } from "../support/channels-api.js";
import { nobody } from "../support/deployment/hasty-transport.js";
import { localScene } from "../support/deployment/project.js";
import { publishByHand } from "../support/registered.js";
import { useStage } from "../support/stage.js";

const stage = useStage();

const always = Number.POSITIVE_INFINITY;

test("a wait that ends in vain gives a reason for each record and what stands there instead, keeps all in state, and resumes", async () => {
	const { zone, project } = localScene(stage, "vain", { waitForVerification: { timeout: "30s" } });
	stage.sandbox.route53.put(zone.id, { name: "mail.vain.test", type: "MX", values: ["5 mx.other.test"] });
	const failed = await project.up({ expectFailure: true });
	expect(failed.all).toMatch(/5 of 5 records were not verified within 30s/);
	expect(failed.all).toMatch(
		/MX mail\.vain\.test: expected "10 inbound-smtp[^"]*"; found "5 mx\.other\.test"/,
	);
	expect(failed.all).toMatch(/TXT _dmarc\.mail\.vain\.test: expected "v=DMARC1[^"]*"; found nothing/);
	expect(stage.calls("channels")).toEqual({ "POST ses-setup": 1, "POST ses-setup/{id}/verify": 1 });
	const { initErrors } = project.resource("mail-verification");
	// How long was waited; then DKIM in one, MX and DMARC.
	expect(initErrors).toHaveLength(4);
	expect(initErrors[1]).toMatch(/^CNAME (\w{32}\._domainkey\.mail\.vain\.test(, )?){3}: expected /);

	const { dnsRecords } = project.outputs("mail") ?? {};
	publishByHand(stage, zone, dnsRecords as SesSetupDetailResponse["dns_records"]);
	expect((await project.up()).changes).toEqual(["update mail-verification"]);
	expect(project.outputs("mail-verification")).toMatchObject({ verifiedDomain: "mail.vain.test" });
	expect((await project.up()).changes).toEqual([]);
});

test("records that the API no longer asks for end the wait at once, and are mended by the refresh that the reasons name", async () => {
	const { zone, project, setup } = localScene(stage, "rotated", { route53: true });
	await project.up();
	const path = `/channels/ses-setup/${project.resource("mail").id}`;
	const { body } = await apiOf(stage.service)<SesSetupDetailResponse>("GET", path);
	const old = body.dns_records.find(({ type }) => type === "CNAME");
	const next = { address: "next._domainkey.mail.rotated.test", record: "next.dkim.amazonses.com" };
	const answers = (operation: string, verified: boolean) => {
		const dns_records = body.dns_records.map((record) => ({
			...(record === old ? { ...record, ...next } : record),
			verified,
		}));
		const headers = { "content-type": "application/json" };
		stage.sandbox.faults.add({
			service: "channels",
			operation,
			times: always,
			effect: { kind: "answer", status: 200, headers, body: JSON.stringify({ ...body, dns_records }) },
		});
	};
	answers("POST ses-setup/{id}/verify", false);
	project.declare(setup({ route53: true, waitForVerification: true }));
	const failed = await project.up({ expectFailure: true });
	expect(failed.all).toContain("The Channels API no longer asks for 1 of 5 records");
	expect(failed.all).toContain(`CNAME ${old?.address}: waited for "${old?.record}"`);
	expect(failed.all).not.toContain("72 hours");

	stage.sandbox.faults.clear();
	answers("GET ses-setup/{id}", false);
	answers("POST ses-setup/{id}/verify", true);
	await project.refresh();
	await project.up();
	expect(project.outputs("mail-verification")).toMatchObject({ verifiedDomain: "mail.rotated.test" });
	const published = stage.sandbox.route53.records(zone.id).filter(({ Type }) => Type === "CNAME");
	expect(published.map(({ Name }) => Name)).toContain(`${next.address}.`);
	expect(published).toHaveLength(3);
});

test("neither the API nor a name server is asked too early: only when Route 53 says that every one has the records", async () => {
	const { project } = localScene(stage, "early", {
		route53: true,
		waitForVerification: { timeout: "10m" },
	});
	const { dns, log, route53 } = stage.sandbox;
	const { insyncMs } = route53.timing;
	onTestFinished(() => {
		route53.timing.insyncMs = insyncMs;
	});
	route53.timing.insyncMs = 1_000;
	const face = "provider";
	await project.up({ surroundings: { dnsServer: await dns.addServer({ name: face }) } });
	const [change] = log.all({ operation: "ChangeResourceRecordSets" });
	const everywhere = (change?.at ?? Number.NaN) + route53.timing.insyncMs;
	const looks = log.all({ service: "dns", operation: "CNAME" }).filter(({ input }) => {
		const asked = input as { face: string; name: string };
		return asked.face === face && /^\w{32}\._domainkey\./.test(asked.name);
	});
	expect(looks[0]?.at).toBeGreaterThanOrEqual(everywhere);
	const verifies = log.all({ service: "channels", operation: "POST ses-setup/{id}/verify" });
	expect(verifies[0]?.at).toBeGreaterThanOrEqual(everywhere);
	expect(verifies.length).toBeLessThanOrEqual(2);
});

describe("drift", () => {
	test("by a setup deleted elsewhere is seen by refresh and mended by up", async () => {
		const { zone, project } = localScene(stage, "deleted");
		await project.up();
		const { id } = project.resource("mail");
		await apiOf(stage.service)("DELETE", `/channels/ses-setup/${id}`);
		await project.refresh();
		expect((await project.preview()).changes).toEqual([
			"replace mail",
			"replace mail-records",
			"create mail-verification",
		]);
		await project.up();
		expect(project.outputs("mail-verification")).toMatchObject({ verifiedDomain: "mail.deleted.test" });
		expect(stage.sandbox.route53.records(zone.id).filter(({ Type }) => Type === "CNAME")).toHaveLength(3);
		expect((await project.up()).changes).toEqual([]);
		await project.destroy();
		expect(stage.sandbox.route53.records(zone.id)).toHaveLength(2);
	});

	test("that cannot be read changes nothing", async () => {
		const { project } = localScene(stage, "unread", { route53: true });
		await project.up();
		const outputs = () => project.resources.map(({ urn, outputs }) => ({ urn, outputs }));
		const before = outputs();
		stage.sandbox.faults.add({
			service: "route53",
			times: always,
			effect: { kind: "error", status: 403, code: "AccessDenied", message: "no" },
		});
		const refresh = await project.refresh({ expectFailure: true });
		expect(refresh.all).toContain("route53:ListHostedZonesByName");
		expect(outputs()).toEqual(before);
	});

	test("is none where others add values to our sets, and they stay, after destroy too", async () => {
		const { zone, project } = localScene(stage, "added", { route53: true });
		await project.up();
		const name = "_dmarc.mail.added.test";
		stage.sandbox.route53.put(zone.id, { name, type: "TXT", values: ['"v=DMARC1; p=none"', '"note=ours"'] });
		await project.refresh();
		expect((await project.up()).changes).toEqual([]);
		await project.destroy();
		const left = stage.sandbox.route53.records(zone.id).find((set) => set.Type === "TXT");
		expect(left?.ResourceRecords).toEqual([{ Value: '"note=ours"' }]);
	});
});

test("records of which neither Route 53 nor a name server says that they are everywhere are in the state, and the next up goes on", async () => {
	const { project, records } = localScene(stage, "untold", { route53: { delegationCheck: "off" } });
	const message = "not authorized to perform: route53:GetChange";
	stage.sandbox.faults.add({
		...{ service: "route53", operation: "GetChange", times: always },
		effect: { kind: "error", status: 403, code: "AccessDenied", message },
	});
	const { all, errors } = await project.up({ expectFailure: true, surroundings: { dnsServer: nobody } });
	const stand = "The records stand in untold.test";
	expect(all).toContain(
		`${stand} and are in the state. Whether every name server has them, Route 53 does not tell`,
	);
	expect(all).toContain(message);
	expect(errors["mail-records"]).toMatch(/ and are in the state; the next `pulumi up` goes on with them\./);
	expect(project.outputs("mail-records")).toMatchObject({ written: [{}, {}, {}, {}, {}] });
	// The permission is still missing, and the name servers answer.
	await project.up();
	expect((await project.up()).changes).toEqual([]);
	await project.destroy();
	expect(records()).toBe(0);
});

test("what is published stays where the API asks for nothing, and the error names the refresh by which it goes on", async () => {
	const { project, setup, records } = localScene(stage, "empty", {});
	await project.up();
	const path = `/channels/ses-setup/${project.resource("mail").id}`;
	const { body } = await apiOf(stage.service)<SesSetupDetailResponse>("GET", path);
	const asksForNothing = () =>
		stage.sandbox.faults.add({
			...{ service: "channels", operation: "GET ses-setup/{id}", times: always },
			effect: {
				...{ kind: "answer", status: 200, headers: { "content-type": "application/json" } },
				body: JSON.stringify({ ...body, dns_records: [] }),
			},
		});
	for (const standing of [0, 5]) {
		const lift = asksForNothing();
		await project.refresh();
		project.declare(setup({ route53: true }));
		const { all } = await project.up({ expectFailure: true });
		expect(all).toMatch(
			/once it does, `pulumi refresh` reads it, and `pulumi up` goes on \[argument-invalid\]/,
		);
		expect(records()).toBe(standing);
		lift();
		await project.refresh();
		await project.up();
		expect(records()).toBe(5);
	}
});
