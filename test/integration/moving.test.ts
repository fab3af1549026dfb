import { describe, expect, test } from "vitest";
import { registered } from "../support/registered.js";
import { oneSetup } from "../support/scene.js";
import { useStage } from "../support/stage.js";

const stage = useStage();

const names = (steps: readonly { op: string; name: string }[]) =>
	steps.map(({ op, name }) => `${op} ${name}`).sort();
const published = (zoneId: string) =>
	stage.sandbox.route53.records(zoneId).filter(({ Type }) => Type !== "NS" && Type !== "SOA").length;
const changedZones = () =>
	stage.sandbox.log
		.all({ service: "route53", operation: "ChangeResourceRecordSets" })
		.map(({ input }) => (input as { HostedZoneId: string }).HostedZoneId);

describe("another zone", () => {
	const program = (name: string, zoneId: string) =>
		oneSetup(name, `route53: { zoneId: "${zoneId}" }, waitForVerification: true`);

	async function published5(name: string) {
		const { route53, dns } = stage.sandbox;
		const old = route53.createZone(`${name}.test`);
		const project = await stage.project({ program: program(name, old.id) });
		await project.up();
		const next = route53.createZone(`${name}.test`);
		dns.delegate(`${name}.test`, next.nameServers);
		await project.replaceProgram(program(name, next.id));
		return { old, next, project, standing: () => [old.id, next.id].map(published) };
	}

	test("has the records before the old one loses them, as the preview shows, and nothing is registered anew", async () => {
		const { old, next, project, standing } = await published5("moving");
		const { id } = await project.outputs();
		const shown = names((await project.preview()).changes);
		expect(shown).toEqual(["update mail", "update mail-records", "update mail-verification"]);
		stage.sandbox.log.clear();
		expect(names((await project.up()).changes)).toEqual(shown);
		expect(changedZones()).toEqual([next.id, old.id]);
		const [, removal] = stage.sandbox.log.all({ service: "route53", operation: "ChangeResourceRecordSets" });
		const inSync = stage.sandbox.log.all({ service: "route53", operation: "GetChange" });
		expect(inSync.some(({ endedAt }) => (endedAt ?? 0) <= (removal?.at ?? 0))).toBe(true);
		expect(standing()).toEqual([0, 5]);
		expect((await project.outputs()).id).toBe(id);
		expect((await project.up()).changes).toEqual([]);
		await project.destroy();
		expect(standing()).toEqual([0, 0]);
	});

	test("that refuses leaves the old one as it was, and says so", async () => {
		const { next, project, standing } = await published5("refusing");
		stage.sandbox.route53.put(next.id, {
			name: "mail.refusing.test",
			type: "MX",
			values: ["1 smtp.google.com"],
		});
		const before = [5, 1];
		const preflight = await project.up({ expectFailure: true });
		expect(preflight.all).toContain("- MX 1 smtp.google.com");
		expect(standing()).toEqual(before);

		stage.sandbox.route53.remove(next.id, "mail.refusing.test", "MX");
		const denied = { status: 403, code: "AccessDenied", message: "no" };
		stage.sandbox.faults.add({
			service: "route53",
			operation: "ChangeResourceRecordSets",
			times: Number.POSITIVE_INFINITY,
			match: (input) => (input as { HostedZoneId: string }).HostedZoneId === next.id,
			effect: { kind: "error", ...denied },
		});
		const { all } = await project.up({ expectFailure: true });
		expect(all).toContain("The records in refusing.test (");
		expect(all).toContain("stand as they were");
		expect(standing()).toEqual([5, 0]);
		stage.sandbox.faults.clear();
		await project.up();
		expect(standing()).toEqual([0, 5]);
	});

	test("is remembered beside the old one until that is empty, whatever fails in between", async () => {
		const { old, next, project, standing } = await published5("halfway");
		const lift = stage.sandbox.faults.add({
			service: "route53",
			operation: "ChangeResourceRecordSets",
			times: Number.POSITIVE_INFINITY,
			match: (input) => (input as { HostedZoneId: string }).HostedZoneId === old.id,
			effect: { kind: "error", status: 403, code: "AccessDenied", message: "no" },
		});
		const { all } = await project.up({ expectFailure: true });
		expect(all).toContain(
			`The records stand in halfway.test (${next.id}), and those in halfway.test (${old.id})`,
		);
		expect(standing()).toEqual([5, 5]);
		lift();
		await project.refresh();
		await project.destroy();
		expect(standing()).toEqual([0, 0]);
	});
});

describe("a replacement", () => {
	test("that could not be made is an error of the preview, and the old setup stands", async () => {
		const { sandbox } = stage;
		const zone = sandbox.route53.createZone("first.test");
		const taken = sandbox.route53.createZone("taken.test");
		sandbox.route53.createZone("idle.test");
		sandbox.dns.delegate("idle.test", ["ns.registrar.example"]);
		sandbox.route53.put(taken.id, { name: "mail.taken.test", type: "MX", values: ["1 smtp.google.com"] });
		await registered(stage, { tenant: "somebody", domain: "mail.somebody.test" });
		await using project = await stage.project({ program: oneSetup("first") });
		await project.up();
		const snapshot = sandbox.route53.snapshot(zone.id);
		const attempt = (tenant: string, domain: string) =>
			project.replaceProgram(
				oneSetup("first").replace('"first"', `"${tenant}"`).replace("mail.first.test", domain),
			);
		for (const [tenant, domain, reason] of [
			["first", "mail.frist.test", "No public hosted zone of this AWS account covers mail.frist.test"],
			["first", "mail.idle.test", "is not the one the internet asks about mail.idle.test"],
			["first", "mail.taken.test", "- MX 1 smtp.google.com"],
			["somebody", "mail.first.test", "tenant somebody, domain mail.somebody.test"],
		] as const) {
			await attempt(tenant, domain);
			for (const { all } of [
				await project.preview({ expectFailure: true }),
				...(domain === "mail.idle.test" ? [await project.up({ expectFailure: true })] : []),
			]) {
				expect(all).toContain(reason);
				expect(all).toContain("So it stays");
			}
		}
		expect(sandbox.route53.snapshot(zone.id)).toBe(snapshot);
		expect(sandbox.ses.identities().map(({ name }) => name)).toContain("mail.first.test");

		// The records of the old setup at the same names are not in the way: they go first.
		await attempt("renamed", "mail.first.test");
		expect(names((await project.preview()).changes)).toContain("create-replacement mail");
		await project.up();
		expect(published(zone.id)).toBe(5);
	});
});
