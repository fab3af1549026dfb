import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { Foresight } from "../../cli/preflight/foresee.js";
import type { Report } from "../../cli/preflight/report.js";
import { screen } from "../../cli/preflight/screen.js";
import type { ResourceRecordSet } from "../../sandbox/index.js";
import { runChannelsOn } from "../support/channels-run.js";
import { codeBlocks } from "../support/markdown.js";
import { publishByHand, registered } from "../support/registered.js";
import { useStage } from "../support/stage.js";

const stage = useStage();
beforeEach(() => stage.sandbox.log.clear());

const put = (zone: { id: string }, name: string, type: ResourceRecordSet["Type"], ...values: string[]) =>
	stage.sandbox.route53.put(zone.id, { name, type, values });

/** Without an account of the API, as in the pipeline of a pull request. */
const noAccount = { CHANNELS_API_KEY: "", CHANNELS_WORKSPACE_ID: "", CHANNELS_BASE_URL: "" };

const run = (args: readonly string[], env: Record<string, string> = noAccount) =>
	runChannelsOn(stage, ["preflight", ...args], env);

async function preflight(args: readonly string[], env?: Record<string, string>) {
	const { code, out, err } = await run(["--json", ...args], env);
	expect(err).toBe("");
	const report = JSON.parse(out) as Report;
	const [only] = report.domains;
	if (!only) throw new Error(out);
	return { code, report, ...only, outlooks: only.records.map(({ kind, outlook }) => `${kind} ${outlook}`) };
}

describe("channels preflight", () => {
	test("needs no account of the API, and reads Route 53 alone", async () => {
		const zone = stage.sandbox.route53.createZone("free.test");
		const before = stage.sandbox.route53.snapshot(zone.id);
		const seen = await preflight(["--domain", "Mail.free.test."]);
		expect(seen).toMatchObject({
			code: 0,
			domain: "mail.free.test",
			state: "clear",
			workspace: "not asked",
			setupId: null,
			zone: { id: zone.id, name: "free.test", nameServers: zone.nameServers },
			delegation: "delegated",
			outlooks: ["dkim free", "mx free", "dmarc free"],
			refusals: [],
			warnings: [],
			unanswered: [],
		});
		expect(seen.report).toMatchObject({ version: 1, state: "clear" });
		expect(stage.calls("channels")).toEqual({});
		expect(Object.keys(stage.calls("route53")).sort()).toEqual([
			"GetHostedZone",
			"ListHostedZonesByName",
			"ListResourceRecordSets",
		]);
		expect(stage.sandbox.route53.snapshot(zone.id)).toBe(before);
	});

	test("looks on where `up` would stop, so that all that is in the way is told at once", async () => {
		const zone = stage.sandbox.route53.createZone("busy.test");
		stage.sandbox.dns.delegate("busy.test", ["ns.registrar.example"]);
		put(zone, "mail.busy.test", "MX", "10 mx.busy.test");
		put(zone, "_dmarc.mail.busy.test", "CNAME", "vendor.example");
		const { code, delegation, outlooks, refusals, records } = await preflight(["--domain", "mail.busy.test"]);
		expect({ code, delegation }).toEqual({ code: 1, delegation: "elsewhere" });
		expect(outlooks).toEqual(["dkim free", "mx refused", "dmarc refused"]);
		expect(refusals).toEqual([
			expect.stringContaining("is not the one the internet asks about mail.busy.test"),
			expect.stringContaining("- MX 10 mx.busy.test"),
		]);
		expect(records[2]?.standing).toEqual([
			{ name: "_dmarc.mail.busy.test", type: "CNAME", ttl: 300, values: ["CNAME vendor.example"] },
		]);

		const decided = await preflight([
			...["--domain", "mail.busy.test", "--delegation-check", "warn"],
			...["--on-conflict", "mx=keep,dmarc=overwrite"],
		]);
		expect(decided).toMatchObject({ code: 0, outlooks: ["dkim free", "mx kept", "dmarc overwritten"] });
		expect(decided.warnings).toEqual([expect.stringContaining("is not the one the internet asks")]);
		const { code: chosen, records: looked } = await preflight([
			...["--domain", "mail.busy.test", "--delegation-check", "off", "--records", "dkim"],
		]);
		expect({ chosen, looked: looked.map(({ kind }) => kind) }).toEqual({ chosen: 0, looked: ["dkim"] });
	});

	test("refuses to keep what the program's wait would need", async () => {
		const zone = stage.sandbox.route53.createZone("wait.test");
		put(zone, "mail.wait.test", "MX", "10 mx.wait.test");
		const kept = ["--domain", "mail.wait.test", "--on-conflict", "mx=keep", "--wait"];
		const { code, refusals } = await preflight(kept);
		expect({ code, refusals }).toEqual({
			code: 1,
			refusals: [expect.stringContaining('the wait for purpose "all" could never end')],
		});
		expect(await preflight([...kept, "--purpose", "sending"])).toMatchObject({ code: 0, refusals: [] });
	});

	test("leaves to `up` what is known only once the setup exists, and says so", async () => {
		const zone = stage.sandbox.route53.createZone("open.test");
		put(zone, "mail.open.test", "MX", "10 inbound-smtp.us-east-1.amazonaws.com");
		put(zone, "_dmarc.mail.open.test", "TXT", '"v=DMARC1; p=reject"');
		put(zone, "google._domainkey.mail.open.test", "TXT", '"v=DKIM1; p=abc"');
		const { code, outlooks } = await preflight(["--domain", "mail.open.test"]);
		expect({ code, outlooks }).toEqual({
			code: 0,
			outlooks: ["dkim beside", "mx compared", "dmarc compared"],
		});
		const { out } = await run(["--domain", "mail.open.test"]);
		expect(out).toContain("mail.open.test   ✓ nothing is known to be in the way\n");
		expect(out).toContain("google._domainkey.mail.open.test TXT");
		expect(out.replaceAll(/\s+/g, " ")).toContain(
			"the values of MX and DMARC, and what else is asked for are known once the setup exists. `pulumi up` compares them then;",
		);
	});

	test("warns of a policy that is handed down, and of a wildcard that falls silent", async () => {
		const zone = stage.sandbox.route53.createZone("above.test");
		put(zone, "_dmarc.above.test", "TXT", '"v=DMARC1; p=none; sp=quarantine"');
		put(zone, "*.above.test", "A", "192.0.2.1");
		const { code, warnings } = await preflight(["--domain", "mail.above.test"]);
		expect(code).toBe(0);
		expect(warnings).toEqual([
			expect.stringContaining("*.above.test (A 192.0.2.1) answers for mail.above.test today"),
			expect.stringMatching(
				/policy of above\.test holds for mail\.above\.test: .* which means quarantine there\./,
			),
		]);
		// Nothing takes the place of a policy where none is published, or where the domain has its own.
		expect((await preflight(["--domain", "mail.above.test", "--records", "dkim"])).warnings).toHaveLength(1);
		put(zone, "_dmarc.own.above.test", "TXT", '"v=DMARC1; p=none"');
		expect((await preflight(["--domain", "own.above.test"])).warnings).toEqual([]);
	});

	test("lets a domain pass whose records stand already, as at each pull request after the first", async () => {
		const zone = stage.sandbox.route53.createZone("again.test");
		const setup = await registered(stage, { tenant: "again", domain: "mail.again.test" });
		publishByHand(stage, zone, setup.dns_records);
		const seen = await preflight(["--domain", "mail.again.test"]);
		expect(seen).toMatchObject({ code: 0, state: "clear", refusals: [] });
	});

	test("takes several domains, and counts those that are clear", async () => {
		stage.sandbox.route53.createZone("several.test");
		const domains = [
			"--domain",
			"a.several.test",
			"--domain",
			"b.nowhere.test",
			"--domain",
			"a.several.test",
		];
		const { code, report } = await preflight(domains);
		expect(code).toBe(1);
		expect(report.domains.map(({ domain, state }) => `${domain} ${state}`)).toEqual([
			"a.several.test clear",
			"b.nowhere.test blocked",
		]);
		expect(report.domains[1]).toMatchObject({
			zone: null,
			delegation: null,
			records: [],
			refusals: [expect.stringContaining("No public hosted zone of this AWS account covers b.nowhere.test")],
		});
		expect((await run(domains)).out).toContain("1 of 2 domains have nothing in the way.");
	});

	test("is exit code 3 where Route 53 or DNS cannot be asked and nothing is known to be in the way", async () => {
		stage.sandbox.route53.createZone("asked.test");
		const silent = await preflight(["--domain", "mail.asked.test", "--dns-servers", "127.0.0.1:9"]);
		expect(silent).toMatchObject({ code: 3, state: "unknown", delegation: "unknown", refusals: [] });
		expect(silent.unanswered).toHaveLength(1);
		// Who does not insist on the delegation gets a warning, as in `up`.
		const warned = await preflight([
			...["--domain", "mail.asked.test", "--dns-servers", "127.0.0.1:9", "--delegation-check", "warn"],
		]);
		const [reason = ""] = silent.unanswered;
		expect(reason).toMatch(/ \[dns-unanswered\]$/);
		expect(warned).toMatchObject({ code: 0, warnings: [reason.replace(/ \[dns-unanswered\]$/, "")] });

		stage.sandbox.faults.add({
			service: "route53",
			operation: "ListResourceRecordSets",
			times: Number.POSITIVE_INFINITY,
			effect: { kind: "error", status: 403, code: "AccessDenied", message: "no" },
		});
		const denied = await preflight(["--domain", "mail.asked.test"]);
		expect(denied).toMatchObject({
			code: 3,
			state: "unknown",
			delegation: "delegated",
			records: [],
			unanswered: [expect.stringContaining("Route 53 could not list")],
		});
	});
});

describe("channels preflight --tenant", () => {
	const account = {};

	test("says whether tenant and domain can be had, in the words of `up`", async () => {
		const zone = stage.sandbox.route53.createZone("names.test");
		const setup = await registered(stage, { tenant: "names", domain: "mail.names.test" });
		const free = await preflight(["--domain", "new.names.test", "--tenant", "new"], account);
		expect(free).toMatchObject({ code: 0, workspace: "free" });
		const half = await preflight(["--domain", "new.names.test", "--tenant", "names"], account);
		expect(half).toMatchObject({ code: 1, workspace: "taken" });
		expect(half.refusals).toEqual([expect.stringContaining("Choose another tenantName or domainIdentity")]);
		const same = ["--domain", "mail.names.test", "--tenant", "names"];
		const taken = await preflight(same, account);
		expect(taken).toMatchObject({ code: 1, workspace: "taken", setupId: null });
		expect(taken.refusals).toEqual([
			expect.stringContaining(`the workspace has this setup already: ${setup.id}`),
		]);

		// What is taken over is known already, and so is what its records meet.
		publishByHand(
			stage,
			zone,
			setup.dns_records.filter(({ type }) => type !== "TXT"),
		);
		put(zone, "_dmarc.mail.names.test", "TXT", '"v=DMARC1; p=reject"');
		const adopted = await preflight([...same, "--adopt-existing"], account);
		expect(adopted).toMatchObject({
			code: 1,
			workspace: "existing",
			setupId: setup.id,
			outlooks: ["dkim beside", "mx beside", "dmarc refused"],
		});
		expect(adopted.refusals).toEqual([expect.stringContaining('+ TXT "v=DMARC1; p=none"')]);
		expect(stage.calls("channels")).not.toHaveProperty("DELETE ses-setup/{id}");
		expect(stage.calls("channels")["POST ses-setup"] ?? 0).toBe(0);
	});

	test("is exit code 3 with a key that may not list, and looks at the zone all the same", async () => {
		stage.sandbox.route53.createZone("shy.test");
		const key = await stage.service.createKey({ permissions: ["Channel.create"] });
		const seen = await preflight(["--domain", "mail.shy.test", "--tenant", "shy"], { CHANNELS_API_KEY: key });
		expect(seen).toMatchObject({
			code: 3,
			workspace: "hidden",
			outlooks: ["dkim free", "mx free", "dmarc free"],
		});
		expect(seen.unanswered).toEqual([expect.stringContaining("may not list the setups")]);
	});

	test("is exit code 3 with a wrong key", async () => {
		const names = ["--domain", "mail.acme.test", "--tenant", "acme"];
		const { code, out, err } = await run(names, { CHANNELS_API_KEY: "wrong" });
		expect({ code, out }).toEqual({ code: 3, out: "" });
		expect(err).toContain("401");
	});
});

test("the screen of the documentation is the one that is shown", async () => {
	const page = await readFile(resolve(import.meta.dirname, "../../docs/channels-command.md"), "utf8");
	const mx = { name: "mail.acme.com", type: "MX", ttl: 300, values: ["10 mx.acme.com"] };
	const shown: Foresight = {
		domain: "mail.acme.com",
		workspace: { state: "not asked" },
		zone: { id: "Z0123456789ABC", name: "acme.com", nameServers: ["ns-1.example.net", "ns-2.example.net"] },
		delegation: { state: "delegated" },
		places: [
			{ kind: "dkim", name: "_domainkey.mail.acme.com", standing: [], outlook: "free", policy: "error" },
			{ kind: "mx", name: "mail.acme.com", standing: [mx], outlook: "refused", policy: "error" },
			{ kind: "dmarc", name: "_dmarc.mail.acme.com", standing: [], outlook: "free", policy: "error" },
		],
		refusals: [],
		warnings: [],
		unanswered: [],
	};
	// The texts are those of `up`, from a zone like the one of the page.
	const zone = stage.sandbox.route53.createZone("acme.com");
	put(zone, "mail.acme.com", "MX", "10 mx.acme.com");
	put(zone, "_dmarc.acme.com", "TXT", '"v=DMARC1; p=reject"');
	const { refusals, warnings } = await preflight(["--domain", "mail.acme.com"]);
	const said = { refusals: refusals.map((text) => text.replace(zone.id, "Z0123456789ABC")), warnings };
	const lines = screen([
		{ ...shown, refusals: said.refusals.map((text) => text.split("\n")), warnings: said.warnings },
	]);
	expect(codeBlocks(page).map(({ code }) => code)).toContain(lines.join("\n"));
});
