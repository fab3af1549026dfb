// @module-tag all
import { describe, expect, test } from "vitest";
import { apiOf } from "../support/channels-api.js";
import type { Project } from "../support/project.js";
import { makeScene, oneSetup } from "../support/scene.js";
import { useStage } from "../support/stage.js";

const stage = useStage();

describe("what depends on the verified domain", () => {
	const dependent = `
import * as pulumi from "@pulumi/pulumi";
class Dependent extends pulumi.dynamic.Resource {
	constructor(name, domain, options) {
		const provider = {
			diff: async (id, olds, news) => {
				const changes = JSON.stringify(olds.domain) !== JSON.stringify(news.domain);
				return { changes, replaces: changes ? ["domain"] : [], deleteBeforeReplace: true };
			},
			create: async (inputs) => ({ id: "made", outs: inputs }),
		};
		super(provider, name, { domain }, options);
	}
}
`;
	/** How a value that is not known stands in a state. */
	const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
	const made = async (project: Project) =>
		(await project.resources())
			.filter(({ type }) => type === "pulumi-nodejs:dynamic:Resource")
			.map(({ urn }) => urn.split("::").at(-1))
			.sort();
	const ops = ({ changes }: { changes: readonly { op: string; name: string }[] }) =>
		changes.map(({ op, name }) => `${op} ${name}`).sort();

	test("is not replaced for drift, which refresh sees, preview shows and up puts back: changed records, and a setup that is gone", async () => {
		const { zone, project } = await makeScene(stage, "drift");
		await project.replaceProgram(`${dependent}${oneSetup("drift")}
new Dependent("first", mail.verifiedDomain);
const { Verification } = await import("pulumi-channels");
const own = new Verification("own", { setupId: mail.id, dnsRecords: mail.dnsRecords }, { dependsOn: mail.records });
new Dependent("second", own.verifiedDomain);
new Dependent("third", mail.verification.dnsRecords);
export const gone = new SesSetup("gone", { tenantName: "gone", domainIdentity: "gone.drift.test" }).id;
`);
		await project.up();
		const before = stage.sandbox.route53.snapshot(zone.id);
		const { gone } = await project.outputs();
		stage.sandbox.route53.put(zone.id, { name: "mail.drift.test", type: "MX", values: ["10 mx.other.test"] });
		stage.sandbox.route53.remove(zone.id, "_dmarc.mail.drift.test", "TXT");
		await apiOf(stage.service)("DELETE", `/channels/ses-setup/${gone}`);
		await project.refresh();

		const preview = await project.preview();
		const mended = ["create gone", "update mail-records", "update mail-verification", "update own"];
		expect(ops(preview)).toEqual(mended);
		expect(preview.all).toMatch(
			/Changed in drift\.test since it was published: MX mail\.drift\.test: .* is gone; found MX 10/,
		);
		expect(preview.all).toMatch(/Not verified when it was last looked at: .*TXT _dmarc\.mail\.drift\.test/);
		expect(ops(await project.up())).toEqual(mended);
		expect(stage.sandbox.route53.snapshot(zone.id)).toBe(before);
		const outputs = await project.outputs();
		expect(outputs).toMatchObject({ sender: "mail.drift.test", gone: expect.any(String) });
		expect(outputs.gone).not.toBe(gone);
	});

	test("is not made before the wait has succeeded, which says why it did not; what depends on the setup or its records is", async () => {
		const { zone, project } = await makeScene(stage, "undepended", "");
		stage.sandbox.dns.delegate("undepended.test", ["ns1.elsewhere.test"]);
		const more = 'route53: { delegationCheck: "off" }, waitForVerification: { timeout: "2s" }';
		await project.replaceProgram(`${dependent}${oneSetup("undepended", more)}
new Dependent("registered", "a", { dependsOn: mail });
new Dependent("published", "b", { dependsOn: mail.records });
new Dependent("verified", "c", { dependsOn: mail.verification });
new Dependent("sender", mail.verifiedDomain);
`);
		// The first is a create of the wait, the second an update.
		for (let run = 0; run < 2; run += 1) {
			const failed = await project.up({ args: ["--continue-on-error"], expectFailure: true });
			const waiting = (await project.resources()).find(({ type }) => type.endsWith("Verification"));
			const [waited, elsewhere] = waiting?.initErrors ?? [];
			expect(waited).toContain("5 of 5 records were not verified within 2s");
			expect(elsewhere).toMatch(
				/^All of them: undepended\.test is delegated to ns1\.elsewhere\.test, but this zone's servers are ns-/,
			);
			for (const reason of [waited, elsewhere]) expect(failed.all).toContain(reason);
			expect(await made(project)).toEqual(["published", "registered"]);
			expect(await project.outputs()).toMatchObject({ sender: unknown });
		}
		const { nameServers } = stage.sandbox.route53.allZones().find(({ id }) => id === zone.id) ?? {};
		stage.sandbox.dns.delegate("undepended.test", nameServers ?? []);
		await project.up();
		expect(await made(project)).toEqual(["published", "registered", "sender", "verified"]);
	});

	test("has no value in an up that leaves the wait out, and keeps the one that it has had", async () => {
		const { zone, project } = await makeScene(stage, "partial", "");
		await project.replaceProgram(`${dependent}
import { SesSetup, Verification } from "pulumi-channels";
class Domain extends pulumi.ComponentResource {
	constructor(name, args, options) {
		super("acme:Domain", name, {}, options);
		this.mail = new SesSetup("mail", { ...args, route53: true, waitForVerification: true }, { parent: this });
		this.sender = this.mail.verifiedDomain;
		this.registerOutputs({ sender: this.sender });
	}
}
export const { mail, sender } = new Domain("domain", { tenantName: "partial", domainIdentity: "mail.partial.test" });
const own = new Verification("own", { setupId: mail.id, dnsRecords: mail.dnsRecords }, { dependsOn: mail.records });
export const outputs = [sender, mail.verification.dnsRecords, own.verifiedDomain, own.dnsRecords];
new Dependent("sender", sender);
new Dependent("command", { environment: { SENDER: own.verifiedDomain } });
`);
		const without = ["--exclude", "**::mail-verification", "--exclude", "**::own"];
		for (const args of [
			["--target", "**::domain", "--target", "**::mail"],
			[...without, "--exclude-dependents"],
		]) {
			await project.up({ args });
			expect(await project.outputs(), `${args}`).toMatchObject({
				sender: unknown,
				outputs: Array(4).fill(unknown),
			});
			expect(await made(project)).toEqual([]);
		}
		await project.up();
		expect(await made(project)).toEqual(["command", "sender"]);
		const { outputs } = await project.outputs();
		const verified = expect.arrayContaining([expect.objectContaining({ type: "MX", verified: true })]);
		expect(outputs).toEqual(["mail.partial.test", verified, "mail.partial.test", verified]);

		stage.sandbox.route53.put(zone.id, {
			name: "mail.partial.test",
			type: "MX",
			values: ["10 mx.other.test"],
		});
		await project.refresh({ args: ["--run-program"] });
		expect(ops(await project.up({ args: without }))).toEqual(["update mail-records"]);
		expect(await project.outputs()).toMatchObject({ sender: "mail.partial.test" });
		expect(ops(await project.up())).toEqual(["update mail-verification", "update own"]);
	});
});
