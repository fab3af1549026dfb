import { describe, expect, test } from "vitest";
import { apiOf } from "../support/channels-api.js";
import { localScene, published } from "../support/deployment/project.js";
import { registered } from "../support/registered.js";
import { useStage } from "../support/stage.js";

const stage = useStage();

const zoneChanges = () =>
	stage.sandbox.log.all({ service: "route53", operation: "ChangeResourceRecordSets" });
const zoneOf = (input: unknown) => (input as { HostedZoneId: string }).HostedZoneId;
/** From now on Route 53 changes nothing in this zone; the function lifts that. */
const deny = (zoneId: string) =>
	stage.sandbox.faults.add({
		service: "route53",
		operation: "ChangeResourceRecordSets",
		times: Number.POSITIVE_INFINITY,
		match: (input) => zoneOf(input) === zoneId,
		effect: { kind: "error", status: 403, code: "AccessDenied", message: "no" },
	});

describe("another zone", () => {
	/** All is published in one zone, and the program wants it in another one of the same name. */
	async function moving(name: string) {
		const { route53, dns } = stage.sandbox;
		const { project, zone: old, setup, records } = localScene(stage, name);
		const inZone = ({ id: zoneId }: { id: string }) =>
			project.declare(setup({ ...published, route53: { zoneId } }));
		inZone(old);
		await project.up();
		const next = route53.createZone(`${name}.test`);
		dns.delegate(`${name}.test`, next.nameServers);
		inZone(next);
		const inNext = () => route53.records(next.id).filter(({ Type }) => Type !== "NS" && Type !== "SOA");
		return { old, next, project, standing: () => [records(), inNext().length] };
	}

	test("has the records before the old one loses them, as the preview shows, and nothing is registered anew", async () => {
		const { old, next, project, standing } = await moving("moving");
		const { id } = project.resource("mail");
		const { changes } = await project.preview();
		expect(changes).toEqual(["update mail", "update mail-records", "update mail-verification"]);
		stage.sandbox.log.clear();
		const { timing } = stage.sandbox.route53;
		const { insyncMs } = timing;
		timing.insyncMs = 500;
		expect((await project.up()).changes).toEqual(changes);
		timing.insyncMs = insyncMs;
		const made = zoneChanges().map(({ at, input }) => ({ at, zone: zoneOf(input) }));
		expect(made.map(({ zone }) => zone)).toEqual([next.id, old.id]);
		const [written, removed] = made.map(({ at }) => at);
		expect((removed ?? 0) - (written ?? 0)).toBeGreaterThanOrEqual(500);
		expect(standing()).toEqual([0, 5]);
		expect(project.resource("mail").id).toBe(id);
		expect((await project.up()).changes).toEqual([]);
		await project.destroy();
		expect(standing()).toEqual([0, 0]);
	});

	test("that refuses leaves the old one as it was, and says so", async () => {
		const { next, project, standing } = await moving("refusing");
		const theirs = { name: "mail.refusing.test", type: "MX", values: ["1 smtp.google.com"] } as const;
		stage.sandbox.route53.put(next.id, theirs);
		const preflight = await project.up({ expectFailure: true });
		expect(preflight.all).toContain("- MX 1 smtp.google.com");
		expect(standing()).toEqual([5, 1]);

		stage.sandbox.route53.remove(next.id, theirs.name, theirs.type);
		const lift = deny(next.id);
		const { all } = await project.up({ expectFailure: true });
		expect(all).toContain("The records in refusing.test (");
		expect(all).toContain("stand as they were");
		expect(standing()).toEqual([5, 0]);
		lift();
		await project.up();
		expect(standing()).toEqual([0, 5]);
	});

	test("is remembered beside the old one until that is empty, whatever fails in between", async () => {
		const { old, next, project, standing } = await moving("halfway");
		const lift = deny(old.id);
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
		const { project, zone, setup, records } = localScene(stage, "first");
		const taken = sandbox.route53.createZone("taken.test");
		sandbox.route53.createZone("idle.test");
		sandbox.dns.delegate("idle.test", ["ns.registrar.example"]);
		sandbox.route53.put(taken.id, { name: "mail.taken.test", type: "MX", values: ["1 smtp.google.com"] });
		await registered(stage, { tenant: "somebody", domain: "mail.somebody.test" });
		await project.up();
		const snapshot = sandbox.route53.snapshot(zone.id);
		const attempt = (tenantName: string, domainIdentity: string) =>
			project.declare(setup({ ...published, tenantName, domainIdentity }));
		for (const [tenant, domain, reason] of [
			["first", "mail.frist.test", "No public hosted zone of this AWS account covers mail.frist.test"],
			["first", "mail.idle.test", "is not the one the internet asks about mail.idle.test"],
			["first", "mail.taken.test", "- MX 1 smtp.google.com"],
			["somebody", "mail.first.test", "tenant somebody, domain mail.somebody.test"],
		] as const) {
			attempt(tenant, domain);
			for (const command of ["preview", "up"] as const) {
				const { all } = await project[command]({ expectFailure: true });
				expect(all).toContain(reason);
				expect(all).toContain("So it stays");
			}
		}
		expect(sandbox.route53.snapshot(zone.id)).toBe(snapshot);
		expect(sandbox.ses.identities().map(({ name }) => name)).toContain("mail.first.test");

		// The records of the old setup at the same names are not in the way: they go first.
		attempt("renamed", "mail.first.test");
		expect((await project.preview()).changes).toContain("replace mail");
		await project.up();
		expect(records()).toBe(5);
	});

	describe("of a setup that is retained", () => {
		/** Changes what is registered as `mail.<name>.test`, and stays that unless it says otherwise. */
		function retained(name: string) {
			const { project, setup } = localScene(stage, name);
			const to = (changed: Partial<typeof before>) =>
				project.declare(setup({ ...published, ...before, ...changed }));
			const before = { tenantName: name, domainIdentity: `mail.${name}.test`, retainOnDelete: true };
			const identities = () =>
				stage.sandbox.ses
					.identities()
					.flatMap((each) => (each.name.endsWith(`.${name}.test`) ? [each.name] : []));
			to({});
			return { project, to, identities };
		}

		test("is refused where it needs one of its names, until an up has seen the option gone", async () => {
			const { project, to, identities } = retained("kept");
			await project.up();
			for (const change of [
				{ domainIdentity: "news.kept.test" },
				{ tenantName: "other" },
				{ domainIdentity: "news.kept.test", retainOnDelete: false },
			]) {
				to(change);
				for (const command of ["preview", "up"] as const) {
					const { all } = await project[command]({ expectFailure: true });
					expect(all).toMatch(/setup .* domain mail\.kept\.test\) would stay registered/);
				}
			}
			to({ retainOnDelete: false });
			expect((await project.up()).changes).toEqual([]);
			to({ retainOnDelete: false, domainIdentity: "news.kept.test" });
			await project.up();
			expect(identities()).toEqual(["news.kept.test"]);
		});

		test("is made beside it where both names are new, and in its place where it is gone", async () => {
			const { project, to, identities } = retained("left");
			await project.up();
			to({ tenantName: "next", domainIdentity: "news.left.test" });
			expect((await project.preview()).changes).toContain("replace mail");
			await project.up();
			expect(identities()).toEqual(["mail.left.test", "news.left.test"]);

			await apiOf(stage.service)("DELETE", `/channels/ses-setup/${project.resource("mail").id}`);
			to({ tenantName: "next", domainIdentity: "more.left.test" });
			await project.up();
			expect(identities()).toEqual(["mail.left.test", "more.left.test"]);
		});
	});
});
