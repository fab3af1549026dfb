import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ImportFile } from "../../cli/import-file/file.js";
import { channels } from "../support/channels-command.js";
import { runChannelsOn } from "../support/channels-run.js";
import { publishByHand, registered } from "../support/registered.js";
import { useStage } from "../support/stage.js";

const stage = useStage();

let count = 0;
/** A setup with its records in a zone of its own. */
async function published() {
	count += 1;
	const zone = stage.sandbox.route53.createZone(`i${count}.test`);
	const setup = await registered(stage, { tenant: `import-${count}`, domain: `i${count}.test` });
	publishByHand(stage, zone, setup.dns_records);
	return { zone, setup };
}

const importFile = (...args: string[]) => runChannelsOn(stage, ["import-file", ...args]);

describe("channels import-file", () => {
	test("writes the setup alone where the program has neither route53 nor a wait", async () => {
		const { setup } = await published();
		const { code, out, err } = await importFile("--setup", setup.id, "--name", "mail");
		expect(code).toBe(0);
		expect(out).not.toContain(stage.service.apiKey);
		expect(JSON.parse(out)).toEqual({
			resources: [
				{
					type: "pulumi-nodejs:dynamic/channels:SesSetup",
					name: "mail",
					id: setup.id,
					inputs: {
						tenantName: setup.tenant_name,
						domainIdentity: setup.domain_identity,
						__provider: 'exports.handler=()=>require("pulumi-channels/runtime").setup',
					},
					outputs: {
						tenantName: setup.tenant_name,
						domainIdentity: setup.domain_identity,
						workspaceId: stage.service.workspaceId,
						createdAt: setup.created_at,
						dnsRecords: setup.dns_records.map(({ address, type, record }) => ({ address, type, record })),
						__provider: 'exports.handler=()=>require("pulumi-channels/runtime").setup',
					},
				},
			],
		} satisfies ImportFile);
		expect(err).toBe(`1 resource of 1 setup. Take it into the stack, with this program:

  pulumi import --file FILE --generate-code=false --protect=false

  import { SesSetup } from "pulumi-channels";

  new SesSetup("mail", { tenantName: "${setup.tenant_name}", domainIdentity: "${setup.domain_identity}" });
`);
	});

	test("writes every argument of the program into the file, and says the program", async () => {
		const { zone, setup } = await published();
		const { code, out, err } = await importFile(
			...["--setup", setup.id, "--route53", "--zone-id", zone.id, "--ttl", "300", "--on-conflict", "mx=keep"],
			...["--delegation-check", "warn", "--region", "eu-west-1"],
			...["--wait", "--timeout", "5m", "--purpose", "sending"],
		);
		expect(code).toBe(0);
		const { resources } = JSON.parse(out) as ImportFile;
		const route53 = {
			zoneId: zone.id,
			ttl: 300,
			onConflict: { mx: "keep" },
			delegationCheck: "warn",
			region: "eu-west-1",
		};
		expect(resources.map(({ name, parent }) => [name, parent])).toEqual([
			[setup.tenant_name, undefined],
			[`${setup.tenant_name}-records`, setup.tenant_name],
			[`${setup.tenant_name}-verification`, setup.tenant_name],
		]);
		const [own, records, verification] = resources;
		expect(own?.inputs).toMatchObject({ route53, waitPurpose: "sending" });
		expect(records?.inputs).toMatchObject({
			...route53,
			setupId: setup.id,
			zone: { id: zone.id, found: [] },
		});
		expect(verification?.inputs).toMatchObject({ setupId: setup.id, timeout: "5m", purpose: "sending" });
		expect(verification?.inputs).not.toHaveProperty("verifiedDomain");
		expect(verification?.outputs).toMatchObject({ verifiedDomain: setup.domain_identity });
		expect(err).toContain(
			`route53: { zoneId: "${zone.id}", ttl: 300, onConflict: { mx: "keep" }, delegationCheck: "warn", ` +
				`region: "eu-west-1" }, waitForVerification: { timeout: "5m", purpose: "sending" } });`,
		);
	});

	test("takes lists of records and purposes as a program writes them", async () => {
		const { setup } = await published();
		const of = ["--setup", setup.id, "--route53", "--records", "dkim,mx", "--wait"];
		const { code, out, err } = await importFile(...of);
		expect(code).toBe(0);
		const [own, records, verification] = (JSON.parse(out) as ImportFile).resources;
		expect(own?.inputs).toMatchObject({ route53: { records: ["dkim", "mx"] }, waitPurpose: "published" });
		const { written = [] } = (records?.outputs ?? {}) as { written?: { type: string }[] };
		expect(written.map(({ type }) => type).sort()).toEqual(["CNAME", "CNAME", "CNAME", "MX"]);
		expect(verification?.inputs).toMatchObject({ published: ["dkim", "mx"] });
		expect(err).toContain('route53: { records: ["dkim", "mx"] }, waitForVerification: true });');

		const both = await importFile(...of, "--purpose", "sending,receiving");
		expect(both.err).toContain('waitForVerification: { purpose: ["sending", "receiving"] } });');
		const endless = await importFile(...of, "--purpose", "all");
		expect(endless).toMatchObject({ code: 2, out: "" });
		expect(endless.err).toContain(
			'--purpose is "all", which needs dmarc, and route53.records leaves that out',
		);
	});

	test("names what is already in the stack by URN", async () => {
		const { setup } = await published();
		const parent = "urn:pulumi:dev::acme::acme:Domains::domains";
		const provider = "urn:pulumi:dev::acme::pulumi:providers:pulumi-nodejs::account";
		const { out } = await importFile(
			...["--setup", setup.id, "--route53", "--parent", parent, "--provider", provider],
		);
		const { nameTable, resources } = JSON.parse(out) as ImportFile;
		expect(nameTable).toEqual({ [parent]: parent, [provider]: provider });
		expect(resources.map(({ parent, provider }) => [parent, provider])).toEqual([
			[parent, provider],
			[setup.tenant_name, provider],
		]);
	});

	test("refuses what the provider would refuse, and writes nothing", async () => {
		const { zone, setup } = await published();
		const name = `_dmarc.${setup.domain_identity}`;
		stage.sandbox.route53.put(zone.id, { name, type: "TXT", values: ['"v=DMARC1; p=reject"'] });
		const refused = await importFile("--setup", setup.id, "--route53", "--wait");
		expect(refused).toMatchObject({ code: 1, out: "" });
		expect(refused.err).toContain('- TXT "v=DMARC1; p=reject"');
		expect(refused.err).toContain("Here the fields of route53 are options, such as --on-conflict dmarc=keep");

		const endless = await importFile(
			...["--setup", setup.id, "--route53", "--wait", "--on-conflict", "dmarc=keep"],
		);
		expect(endless).toMatchObject({ code: 1, out: "" });
		expect(endless.err).toContain('the wait for purpose "all" could never end');

		const kept = await importFile(
			...["--setup", setup.id, "--route53", "--on-conflict", "dmarc=keep", "--wait", "--purpose", "sending"],
		);
		expect(kept.code).toBe(0);
		expect(kept.err).toContain(`TXT ${name} stays as it is, and ours is not published`);
	});

	test("writes no file where one of several setups cannot be imported, and says which", async () => {
		const { setup } = await published();
		const lost = await registered(stage, { tenant: "no-zone", domain: "no-zone.test" });
		const { code, out, err } = await importFile(
			...["--setup", setup.id, "--domain", "no-zone.test", "--route53"],
		);
		expect({ code, out }).toEqual({ code: 1, out: "" });
		expect(err).toContain(`No public hosted zone of this AWS account covers ${lost.domain_identity}`);
		expect(err).toContain("1 of 2 setups cannot be imported this way, and no file was written");
	});

	test("takes one name for one setup", async () => {
		const [one, two] = [await published(), await published()];
		const args = ["--setup", one.setup.id, "--setup", two.setup.id, "--name", "mail"];
		const { code, err } = await importFile(...args);
		expect(code).toBe(2);
		expect(err).toBe(
			"channels: --name names one setup, and 2 are selected: leave it out, or select one [option-invalid]\n",
		);
	});

	test("says of an empty workspace that there is nothing to import", async () => {
		const workspaceId = crypto.randomUUID();
		const apiKey = await stage.service.createKey({ workspaceId });
		const empty = { CHANNELS_API_KEY: apiKey, CHANNELS_WORKSPACE_ID: workspaceId };
		const { code, err } = await runChannelsOn(stage, ["import-file", "--all"], empty);
		expect(code).toBe(1);
		expect(err).toContain("has no setups, so there is nothing to import");
		expect(await runChannelsOn(stage, ["doctor", "--all"], empty)).toMatchObject({
			code: 0,
			out: "The workspace has no setups.\n",
		});
	});

	test("says why a file cannot be written, or where it is and how to take it in", async () => {
		const { setup } = await published();
		const folder = await mkdtemp(join(tmpdir(), "channels import-"));
		try {
			const missing = await runChannelsOn(
				stage,
				["import-file", "--setup", setup.id, "--out", join(folder, "no/such/file.json")],
				{},
				{ writeFile },
			);
			expect(missing).toMatchObject({ code: 3, out: "" });
			expect(missing.err).toMatch(/^channels: --out: ENOENT/);

			const file = join(folder, "import.json");
			const { stdout, stderr } = await channels(stage, ["import-file", "--setup", setup.id, "--out", file]);
			expect(stdout).toBe("");
			expect(stderr).toContain(`pulumi import --file "${file}" --generate-code=false`);
			expect(JSON.parse(await readFile(file, "utf8"))).toHaveProperty("resources");
		} finally {
			await rm(folder, { recursive: true });
		}
	});

	test("Route 53 that refuses the credentials is exit code 3", async () => {
		const { setup } = await published();
		const { code, err } = await runChannelsOn(stage, ["import-file", "--setup", setup.id, "--route53"], {
			AWS_ACCESS_KEY_ID: "AKIANOBODY",
			AWS_SECRET_ACCESS_KEY: "not-to-be-shown",
		});
		expect(code).toBe(3);
		expect(err).toMatch(/^channels: Route 53 could not list hosted zones: .*sign in again/);
		expect(err).not.toContain("not-to-be-shown");
	});
});
