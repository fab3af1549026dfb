// @module-tag all
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../sandbox/index.js";
import { sharedEngine } from "../support/engine.js";
import { filesIn, playQuickStart, quickStart } from "../support/examples.js";
import { useStage } from "../support/stage.js";

// A program of a user's own has no "type" and no "main".
const packageJson = JSON.stringify({ private: true });

describe("the examples, on the real CLI", () => {
	const stage = useStage();

	test("the quick start verifies a domain, then has nothing to do, and leaves the zone as it was", {
		tags: ["witness"],
	}, async () => {
		const zone = stage.sandbox.route53.createZone("quickstart.test");
		const before = stage.sandbox.route53.snapshot(zone.id);
		await playQuickStart(await stage.project(await quickStart()));
		expect(stage.sandbox.route53.snapshot(zone.id)).toBe(before);
	});

	test("a program with the Automation API adds a domain, has nothing to do the second time, and removes it", async () => {
		const zone = stage.sandbox.route53.createZone("automation.test");
		const before = stage.sandbox.route53.snapshot(zone.id);
		const project = await stage.project({
			files: { ...(await filesIn("examples/automation", "app/")), "app/package.json": packageJson },
		});
		const { service, baseUrl } = stage;
		const { env } = await sharedEngine();
		const run = (...more: string[]) =>
			promisify(execFile)(
				process.execPath,
				[join(project.directory, "app/index.mts"), "automation", "mail.automation.test", ...more],
				{
					// Whatever folder it is called from.
					cwd: tmpdir(),
					env: env({
						...project.env(),
						PULUMI_STACK: undefined,
						CHANNELS_API_KEY: service.apiKey,
						CHANNELS_WORKSPACE_ID: service.workspaceId,
						CHANNELS_BASE_URL: baseUrl,
					}),
				},
			);
		expect((await run()).stdout).toContain("mail.automation.test may send.");
		expect((await run()).stdout).toMatch(/4 unchanged/);
		await run("--destroy");
		expect(stage.sandbox.route53.snapshot(zone.id)).toBe(before);
	});

	test("with DNS elsewhere, the records go to the other host and the wait follows them", async () => {
		// An account that the program's credentials do not reach.
		const zone = stage.sandbox.route53.createZone("elsewhere.test", { account: "999999999999" });
		const before = stage.sandbox.route53.snapshot(zone.id);
		await using host = await startDnsHost(stage.sandbox, zone.id);
		const project = await stage.project({
			name: "external-dns",
			files: { ...(await filesIn("examples/external-dns")), "package.json": packageJson },
			config: {
				"external-dns:tenant": "elsewhere",
				"external-dns:domain": "mail.elsewhere.test",
				"external-dns:dnsApi": host.url,
			},
		});

		await project.up();
		const { sender, published } = await project.outputs();
		expect(sender).toBe("mail.elsewhere.test");
		expect(published).toHaveLength(5);
		expect((await project.up()).changes).toEqual([]);
		await project.destroy();
		expect(stage.sandbox.route53.snapshot(zone.id)).toBe(before);
	});

	test("with the AWS provider, its five records are published and verified", async () => {
		const zone = stage.sandbox.route53.createZone("pulumi-aws.test");
		const before = stage.sandbox.route53.snapshot(zone.id);
		const project = await stage.project({
			name: "pulumi-aws",
			awsPlugin: true,
			files: { ...(await filesIn("examples/pulumi-aws")), "package.json": packageJson },
			config: {
				"pulumi-aws:tenant": "pulumi-aws",
				"pulumi-aws:domain": "mail.pulumi-aws.test",
				"pulumi-aws:zone": "pulumi-aws.test",
			},
		});

		await project.up();
		expect(await project.outputs()).toEqual({ sender: "mail.pulumi-aws.test" });
		const children = (await project.resources()).filter(({ type }) => type === "aws:route53/record:Record");
		expect(children.map(({ urn }) => urn.split("::").at(-1)).sort()).toEqual([
			"mail-dkim-1",
			"mail-dkim-2",
			"mail-dkim-3",
			"mail-dmarc",
			"mail-mx",
		]);
		expect((await project.up()).changes).toEqual([]);
		await project.destroy();
		expect(stage.sandbox.route53.snapshot(zone.id)).toBe(before);
	});

	test("AwsRecords refuses what is not published on an API's word, naming the record", async () => {
		const project = await stage.project({
			awsPlugin: true,
			program: `
				import { AwsRecords } from "pulumi-channels/aws";
				const dnsRecords = [{ address: "acme.test", type: "MX" as const, record: "10 mx.acme.test" }];
				new AwsRecords("mail", { dnsRecords, zoneId: "Z1", domain: "mail.acme.test" });
			`,
		});
		const { all } = await project.up({ expectFailure: true });
		expect(all).toContain('MX acme.test "10 mx.acme.test": it is neither at mail.acme.test nor below it.');
	});
});

interface DnsHost extends AsyncDisposable {
	readonly url: string;
}

/** A DNS host with an HTTP API: `PUT` and `DELETE /records/{address}/{type}`. What it holds is served. */
async function startDnsHost(sandbox: Sandbox, zoneId: string): Promise<DnsHost> {
	const server = createServer((request, response) => {
		const [, address = "", type = ""] = /^\/records\/([^/]+)\/(CNAME|MX|TXT)$/.exec(request.url ?? "") ?? [];
		let body = "";
		request.on("data", (chunk) => {
			body += chunk;
		});
		request.on("end", () => {
			if (type !== "CNAME" && type !== "MX" && type !== "TXT") {
				response.writeHead(404).end("no such record");
			} else if (request.method === "PUT") {
				const value = type === "TXT" ? `"${body}"` : body;
				sandbox.route53.put(zoneId, { name: address, type, values: [value] });
				response.writeHead(204).end();
			} else {
				sandbox.route53.remove(zoneId, address, type);
				response.writeHead(204).end();
			}
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	return {
		url: `http://127.0.0.1:${port}`,
		[Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
	};
}
