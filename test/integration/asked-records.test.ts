// @module-tag all
/** An API that asks for more than five records, on the real CLI. */
import { expect, test } from "vitest";
import { type Asking, askingFor, hostileShapes, shapes } from "../support/asking-for.js";
import { oneSetup } from "../support/scene.js";
import { useStage } from "../support/stage.js";

const stage = useStage();
const asking = shapes["a custom MAIL FROM"] as Asking;

test("has the records of a MAIL FROM published, verified, left alone by a second up, and taken away", async () => {
	const zone = stage.sandbox.route53.createZone("seven.test");
	const before = stage.sandbox.route53.snapshot(zone.id);
	await using api = await askingFor(stage, zone, asking);
	const project = await stage.project({
		config: { "channels:baseUrl": api.baseUrl },
		program: oneSetup("seven"),
	});
	const { all } = await project.up();
	expect(all).toContain("MAIL FROM 2/2");
	const outputs = await project.outputs();
	expect(outputs.sender).toBe("mail.seven.test");
	expect(outputs.records).toHaveLength(7);
	expect((await project.up()).changes).toEqual([]);
	await project.destroy();
	expect(stage.sandbox.route53.snapshot(zone.id)).toBe(before);
});

test("has each of them made by the AWS provider, which what depends on AwsRecords waits for", async () => {
	const zone = stage.sandbox.route53.createZone("children.test");
	await using api = await askingFor(stage, zone, asking);
	const project = await stage.project({
		awsPlugin: true,
		config: { "channels:baseUrl": api.baseUrl },
		program: `
			import { SesSetup, Verification } from "pulumi-channels";
			import { AwsRecords } from "pulumi-channels/aws";
			const mail = new SesSetup("mail", { tenantName: "children", domainIdentity: "mail.children.test" });
			const { dnsRecords, domainIdentity: domain } = mail;
			const records = new AwsRecords("mail", { dnsRecords, domain, zoneId: "${zone.id}" });
			const wait = new Verification("mail", { setupId: mail.id, dnsRecords, timeout: "1m" }, { dependsOn: records });
			export const sender = wait.verifiedDomain;
		`,
	});
	await project.up();
	expect((await project.outputs()).sender).toBe("mail.children.test");
	const children = (await project.resources()).filter(({ type }) => type === "aws:route53/record:Record");
	expect(children.map(({ urn }) => urn.split("::").at(-1)).sort()).toEqual([
		...["mail-dkim-1", "mail-dkim-2", "mail-dkim-3", "mail-dmarc"],
		...["mail-mailFrom-1", "mail-mailFrom-2", "mail-mx"],
	]);
	expect((await project.up()).changes).toEqual([]);
	await project.destroy();
});

test("is refused by name where it asks for what is not its domain's, and leaves nothing behind", async () => {
	const zone = stage.sandbox.route53.createZone("hostile.test");
	const before = stage.sandbox.route53.snapshot(zone.id);
	await using api = await askingFor(stage, zone, hostileShapes["an exchanger at the zone's apex"] as Asking);
	const project = await stage.project({
		config: { "channels:baseUrl": api.baseUrl },
		program: oneSetup("hostile"),
	});
	const { all } = await project.up({ expectFailure: true });
	expect(all).toContain(
		'MX hostile.test "10 mx.evil.example": it is neither at mail.hostile.test nor below it.',
	);
	expect(stage.sandbox.ses.tenants().map(({ name }) => name)).not.toContain("hostile");
	expect(stage.sandbox.route53.snapshot(zone.id)).toBe(before);
});
