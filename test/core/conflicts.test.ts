import { describe, expect, test } from "vitest";
import { presentationValue } from "../../dns/index.js";
import { LocalProject, localScene, type Setup } from "../support/deployment/project.js";
import { registered } from "../support/registered.js";
import { useStage } from "../support/stage.js";

const stage = useStage();

const put = (zoneId: string, name: string, type: "MX" | "TXT" | "CNAME" | "NS", ...values: string[]) =>
	stage.sandbox.route53.put(zoneId, { name, type, values });
const valuesAt = (zoneId: string, name: string, type: string) =>
	stage.sandbox.route53
		.records(zoneId)
		.find((set) => set.Name === `${name}.` && set.Type === type)
		?.ResourceRecords?.map(({ Value }) => Value);

const google = ["1 smtp.google.com"];
const reject = ['"v=DMARC1; p=reject; rua=mailto:dmarc@acme.com"'];

test("a decision that somebody makes is not undone by an update that did not show it, and refresh is named", async () => {
	const { project, setup, zone } = localScene(stage, "unseen", { route53: true });
	const domain = "mail.unseen.test";
	await project.up();
	put(zone.id, domain, "MX", ...google);
	put(zone.id, `_dmarc.${domain}`, "TXT", ...reject);
	const before = stage.sandbox.route53.snapshot(zone.id);
	project.declare(setup({ route53: { ttl: 60 } }));
	const refused = await project.up({ expectFailure: true });
	expect(refused.all).toContain("- MX 1 smtp.google.com");
	expect(refused.all).toContain("p=reject");
	expect(refused.all).toContain("run `pulumi refresh`");
	expect(stage.sandbox.route53.snapshot(zone.id)).toBe(before);

	await project.refresh();
	expect((await project.preview()).changes).toEqual(["update mail-records"]);
	await project.up();
	expect(valuesAt(zone.id, domain, "MX")).not.toEqual(google);
	await project.destroy();
	expect(stage.sandbox.route53.records(zone.id)).toHaveLength(2);
});

test("an up whose way out is a refresh goes on after it, also where what stood beside ours has gone", async () => {
	const { project, setup, zone } = localScene(stage, "beside", { route53: { ttl: 300 } });
	const name = "_dmarc.mail.beside.test";
	put(zone.id, name, "TXT", '"somebody=else"');
	await project.up();
	const [value = ""] = valuesAt(zone.id, name, "TXT")?.filter((each) => each.includes("DMARC1")) ?? [];
	stage.sandbox.route53.put(zone.id, { name, type: "TXT", values: [value], ttl: 60 });
	project.declare(setup({ route53: { ttl: 600 } }));
	const refused = await project.up({ expectFailure: true });
	expect(refused.all).toContain("run `pulumi refresh`");
	await project.refresh();
	expect((await project.preview()).all).toContain("the TTL is 60 s instead of 300 s");
	await project.up();
	const set = stage.sandbox.route53.records(zone.id).find((each) => each.Name === `${name}.`);
	expect(set).toMatchObject({ TTL: 600, ResourceRecords: [{ Value: value }] });
	expect((await project.up()).changes).toEqual([]);
	await project.destroy();
});

test("an up goes on after a refresh also where others have set the very TTL that the program had then", async () => {
	const { project, setup, zone } = localScene(stage, "timed", { route53: { ttl: 300 } });
	const name = "_dmarc.mail.timed.test";
	stage.sandbox.route53.put(zone.id, { name, type: "TXT", values: ['"somebody=else"'], ttl: 900 });
	await project.up();
	const [value = ""] = valuesAt(zone.id, name, "TXT")?.filter((each) => each.includes("DMARC1")) ?? [];
	stage.sandbox.route53.put(zone.id, { name, type: "TXT", values: [value], ttl: 300 });
	await project.refresh();
	expect((await project.up()).changes).toEqual([]);
	project.declare(setup({ route53: { ttl: 600 } }));
	expect((await project.preview()).all).toContain(`TXT ${name}: the TTL is 300 s instead of 600 s`);
	await project.up();
	const set = stage.sandbox.route53.records(zone.id).find((each) => each.Name === `${name}.`);
	expect(set).toMatchObject({ TTL: 600, ResourceRecords: [{ Value: value }] });
	await project.destroy();
});

test("what `keep` has left is put back once the policy is another one, after a refresh and a preview", async () => {
	const { project, setup, zone } = localScene(stage, "left", { route53: { onConflict: { mx: "keep" } } });
	const domain = "mail.left.test";
	await project.up();
	const [value = ""] = valuesAt(zone.id, domain, "MX") ?? [];
	stage.sandbox.route53.put(zone.id, { name: domain, type: "MX", values: [value], ttl: 60 });
	await project.refresh();
	expect((await project.preview()).changes).toEqual([]);
	project.declare(setup({ route53: {} }));
	expect((await project.preview()).all).toContain(`MX ${domain}: the TTL is 60 s instead of 300 s`);
	await project.up();
	const set = stage.sandbox.route53.records(zone.id).find((each) => each.Name === `${domain}.`);
	expect(set).toMatchObject({ Type: "MX", TTL: 300 });
	expect((await project.up()).changes).toEqual([]);
	await project.destroy();
});

describe("records that stand there before a setup", () => {
	test("are kept where they are what it asks for, and compared with its values where they are not", async () => {
		const { sandbox } = stage;
		const zone = sandbox.route53.createZone("compared.test");
		const names = ["same", "other", "vendor", "alias"];
		put(zone.id, "_dmarc.same.compared.test", "TXT", '"v=DMARC1; p=none"');
		put(zone.id, "same.compared.test", "MX", "10 inbound-smtp.us-east-1.amazonaws.com");
		put(zone.id, "_dmarc.other.compared.test", "TXT", ...reject);
		put(zone.id, "_dmarc.vendor.compared.test", "NS", "ns1.vendor.example");
		put(zone.id, "alias.compared.test", "CNAME", "lb.compared.test");
		const before = sandbox.route53.snapshot(zone.id);
		const settings: Record<string, Setup["route53"]> = {
			vendor: { onConflict: { dmarc: "keep" } },
			// A CNAME is more than the mail of its domain.
			alias: { onConflict: { mx: "overwrite" } },
		};
		const project = new LocalProject(
			stage,
			...names.map((name) => ({
				name,
				tenantName: `compared-${name}`,
				domainIdentity: `${name}.compared.test`,
				route53: settings[name] ?? (true as const),
			})),
		);
		const { errors } = await project.up({ continueOnError: true, expectFailure: true });
		expect(Object.keys(errors).sort()).toEqual(["alias", "other"]);
		expect(errors.other).toContain("p=reject");
		expect(errors.other).toContain('+ TXT "v=DMARC1; p=none');
		expect(errors.other).toContain("Nothing was changed");
		expect(errors.alias).toContain('{ other: "overwrite" }');

		const tenants = () => sandbox.ses.tenants().map(({ name }) => name);
		expect(tenants().sort()).toEqual(["compared-same", "compared-vendor"]);
		const inState = project.resources.filter(({ kind }) => kind === "SesSetup");
		expect(inState.map(({ name }) => name).sort()).toEqual(["same", "vendor"]);
		expect(valuesAt(zone.id, "_dmarc.vendor.compared.test", "NS")).toEqual(["ns1.vendor.example"]);

		await project.destroy();
		expect(tenants()).toEqual([]);
		expect(sandbox.route53.snapshot(zone.id)).toBe(before);
	});

	test("leave a setup in state that cannot be deleted again, and the next up goes on with it", async () => {
		const { project, zone, setup, setups, records } = localScene(stage, "stuck", { route53: true });
		put(zone.id, "mail.stuck.test", "MX", "10 inbound-smtp.eu-west-1.amazonaws.com");
		stage.sandbox.faults.add({
			service: "channels",
			operation: "DELETE ses-setup/{id}",
			effect: { kind: "error", status: 403, code: "Forbidden", message: "This key may not delete." },
		});
		const { all } = await project.up({ expectFailure: true });
		expect(all).toContain("- MX 10 inbound-smtp.eu-west-1.amazonaws.com");
		expect(all).toContain("+ MX 10 inbound-smtp.us-east-1.amazonaws.com");
		expect(all).toMatch(/could not be deleted again: .*This key may not delete.*It is in the state/);
		expect([setups(), records()]).toEqual([1, 1]);

		project.declare(setup({ route53: { onConflict: { mx: "overwrite" } } }));
		await project.up();
		expect([setups(), records()]).toEqual([1, 5]);
		await project.destroy();
		expect([setups(), records()]).toEqual([0, 1]);
	});
});

describe("what is kept", () => {
	test("is as good as ours where it serves the very value, and a wait may leave out what is not", async () => {
		const { sandbox } = stage;
		const zone = sandbox.route53.createZone("served.test");
		const setup = await registered(stage, { tenant: "served", domain: "mail.served.test" });
		for (const record of setup.dns_records) {
			sandbox.route53.put(zone.id, {
				Name: `${record.address}.`,
				Type: record.type,
				TTL: 300,
				SetIdentifier: "primary",
				Weight: 100,
				ResourceRecords: [{ Value: presentationValue(record) }],
			});
		}
		put(zone.id, "_dmarc.own.served.test", "TXT", ...reject);
		const before = sandbox.route53.snapshot(zone.id);
		const project = new LocalProject(
			stage,
			{
				name: "mail",
				tenantName: "served",
				domainIdentity: "mail.served.test",
				adoptExisting: true,
				route53: { onConflict: { mx: "keep", dmarc: "keep", other: "keep" } },
				waitForVerification: true,
			},
			{
				name: "own",
				tenantName: "own",
				domainIdentity: "own.served.test",
				route53: { onConflict: { dmarc: "keep" } },
				waitForVerification: { purpose: ["sending", "receiving"] },
			},
		);
		await project.up();
		const verified = ["mail", "own"].map((name) => project.outputs(`${name}-verification`)?.verifiedDomain);
		expect(verified).toEqual(["mail.served.test", "own.served.test"]);
		expect((await project.up()).changes).toEqual([]);
		await project.destroy();
		expect(sandbox.route53.snapshot(zone.id)).toBe(before);
	});

	test("decides nothing where nothing stands in the way: an edit of it previews no update", async () => {
		const { project, setup } = localScene(stage, "edited");
		await project.up();
		const edited = { onConflict: { mx: "keep" }, delegationCheck: "warn" } as const;
		project.declare(setup({ route53: edited, waitForVerification: true }));
		expect((await project.preview()).changes).toEqual([]);
		project.declare(setup({ route53: true, waitForVerification: { purpose: "sending" } }));
		expect((await project.preview()).changes).toEqual(["update mail-verification"]);
	});
});

describe("route53.records", () => {
	test("leaves out what is somebody else's business: not published, not looked at, not waited for", async () => {
		const { project, zone, setup } = localScene(stage, "chosen", {
			route53: { records: ["dkim"] },
			waitForVerification: true,
		});
		put(zone.id, "mail.chosen.test", "MX", ...google);
		put(zone.id, "_dmarc.mail.chosen.test", "CNAME", "policy.vendor.example");
		const theirs = stage.sandbox.route53.snapshot(zone.id);
		await project.up();
		expect(project.outputs("mail-verification")).toMatchObject({ verifiedDomain: "mail.chosen.test" });
		const types = () => stage.sandbox.route53.records(zone.id).map(({ Type }) => Type);
		expect(types().filter((type) => type === "CNAME")).toHaveLength(4);
		expect((await project.up()).changes).toEqual([]);

		project.declare(setup({ route53: { records: ["dkim", "mx"] }, waitForVerification: true }));
		const refused = await project.up({ expectFailure: true });
		expect(refused.all).toContain("- MX 1 smtp.google.com");

		project.declare(setup({ route53: { records: ["dkim"] }, waitForVerification: { purpose: "all" } }));
		const useless = await project.preview({ expectFailure: true });
		expect(useless.all).toContain('is "all", which needs mx and dmarc, and route53.records leaves that out');

		await project.destroy();
		expect(stage.sandbox.route53.snapshot(zone.id)).toBe(theirs);
	});

	test("is pointed out where the records would weaken what holds today", async () => {
		const { project, zone } = localScene(stage, "strict", { route53: true });
		put(zone.id, "_dmarc.strict.test", "TXT", '"v=DMARC1; p=none; sp=reject"');
		stage.sandbox.route53.put(zone.id, { name: "*.strict.test", type: "CNAME", values: ["web.example.net"] });
		const { all } = await project.up();
		expect(all).toMatch(/the DMARC policy of strict\.test holds for mail\.strict\.test.*weaker/);
		expect(all).toMatch(/\*\.strict\.test \(CNAME web\.example\.net\) answers for mail\.strict\.test/);
		expect((await project.up()).all).not.toContain("weaker");
	});

	test("is pointed out where its policy is the organisational domain's, and again where the domain is left to it", async () => {
		const zone = stage.sandbox.route53.createZone("organisation.test");
		put(zone.id, "_dmarc.organisation.test", "TXT", '"v=DMARC1; p=reject"');
		put(zone.id, "_dmarc.eu.organisation.test", "TXT", '"v=DMARC1; p=none"');
		const setup = (route53?: Setup["route53"]) => ({
			...{ name: "mail", tenantName: "between", domainIdentity: "mail.eu.organisation.test" },
			...(route53 && { route53 }),
		});
		const project = new LocalProject(stage, setup(true));
		const holds =
			/policy of organisation\.test holds for mail\.eu\.organisation\.test: .* means reject there\./;
		const said = async (route53?: Setup["route53"]) => {
			project.declare(setup(route53));
			return (await project.up()).all;
		};
		expect(await said(true)).toMatch(new RegExp(`Today the DMARC ${holds.source}.*weaker`));
		expect(await said({ ttl: 60 })).not.toMatch(holds);
		const left = new RegExp(`is not published here any more.*${holds.source} That is stricter`);
		expect(await said({ records: ["dkim", "mx"] })).toMatch(left);
		expect(await said(true)).toMatch(/weaker/);
		expect(await said()).toMatch(left);
		// What stood there before the setup is what comes first then.
		put(zone.id, "_dmarc.own.organisation.test", "TXT", '"v=DMARC1; p=quarantine"');
		const own = new LocalProject(stage);
		const overwritten: Setup["route53"] = { onConflict: { dmarc: "overwrite" } };
		for (const route53 of [overwritten, { records: ["dkim" as const] }]) {
			own.declare({ name: "own", tenantName: "own", domainIdentity: "own.organisation.test", route53 });
			expect((await own.up()).all).not.toMatch(/holds for own/);
		}
		expect(valuesAt(zone.id, "_dmarc.own.organisation.test", "TXT")).toEqual(['"v=DMARC1; p=quarantine"']);
	});
});
