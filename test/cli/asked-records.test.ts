/** The commands at an API that asks for other records than the five of our service. */
import { describe, expect, test } from "vitest";
import type { Report as DoctorReport } from "../../cli/doctor/report.js";
import type { Report as PreflightReport } from "../../cli/preflight/report.js";
import type { DnsRecord } from "../../dns/index.js";
import { type Asking, askingFor, hostileShapes, shapes } from "../support/asking-for.js";
import { runChannelsOn } from "../support/channels-run.js";
import { publishByHand, registered } from "../support/registered.js";
import { useStage } from "../support/stage.js";

const stage = useStage();

let count = 0;
/** A setup of a domain of its own, in a zone of its own, at such an API. */
async function scene(asking: Asking) {
	count += 1;
	const domain = `mail.cli-${count}.test`;
	const tenant = `cli-${count}`;
	const zone = stage.sandbox.route53.createZone(`cli-${count}.test`);
	const setup = await registered(stage, { tenant, domain });
	const api = await askingFor(stage, zone, asking);
	return {
		...{ domain, tenant, zone, setup },
		asked: asking(setup.dns_records, domain) as readonly DnsRecord[],
		run: (...args: string[]) => runChannelsOn(api, args),
		[Symbol.asyncDispose]: () => api[Symbol.asyncDispose](),
	};
}

describe.each(Object.entries(shapes))("an API that asks for %s", (_, asking) => {
	test("has each record told by doctor, and found once it is published", async () => {
		await using it = await scene(asking);
		const examine = async () => {
			const { out } = await it.run("doctor", "--setup", it.setup.id, "--json");
			return (JSON.parse(out) as DoctorReport).setups[0];
		};
		const missing = await examine();
		expect(missing?.records.map(({ address, type }) => `${type} ${address}`)).toEqual(
			it.asked.map(({ address, type }) => `${type} ${address}`),
		);
		expect(missing).toMatchObject({ state: "failing", refusal: null });
		publishByHand(stage, it.zone, it.asked);
		const states = new Set((await examine())?.records.map(({ state }) => state));
		expect([...states].filter((state) => state !== "verified" && state !== "unaccepted")).toEqual([]);
	});

	test("has them in the zone file, and taken into a stack with what stands", async () => {
		await using it = await scene(asking);
		const file = await it.run("zone-file", "--setup", it.setup.id);
		expect(file.code).toBe(0);
		expect(file.out.trim().split("\n")).toHaveLength(it.asked.length);
		publishByHand(stage, it.zone, it.asked);
		const imported = await it.run("import-file", "--setup", it.setup.id, "--route53", "--wait");
		const { resources } = JSON.parse(imported.out) as {
			resources: {
				type: string;
				outputs: { written?: { name: string; type: string }[]; drift?: string[] };
			}[];
		};
		const records = resources.find(({ type }) => type.endsWith("Route53Records"))?.outputs;
		const sets = new Set(it.asked.map(({ address, type }) => `${type} ${address}`));
		expect(new Set(records?.written?.map(({ name, type }) => `${type} ${name}`))).toEqual(sets);
		expect(records?.drift).toEqual([]);
	});

	test("has what stands where each kind goes told by preflight, where the setup is there", async () => {
		await using it = await scene(asking);
		const { code, out } = await it.run(
			...["preflight", "--domain", it.domain, "--tenant", it.tenant, "--adopt-existing", "--json"],
		);
		expect(code).toBe(0);
		const [told] = (JSON.parse(out) as PreflightReport).domains;
		expect(new Set(told?.records.map(({ outlook }) => outlook))).toEqual(new Set(["free"]));
		const named = told?.records.map(({ name }) => name) ?? [];
		for (const { address } of it.asked.filter((each) => !each.address.includes("_domainkey")))
			expect(named).toContain(address);
	});
});

describe.each(Object.entries(hostileShapes))("an API that asks for %s", (_, asking) => {
	test("is refused by zone-file and import-file, and doctor says so", async () => {
		await using it = await scene(asking);
		for (const command of [["zone-file"], ["import-file", "--route53"], ["import-file"]]) {
			const end = await it.run(...command, "--setup", it.setup.id);
			expect(end.out, command.join(" ")).toBe("");
			expect(end.err).toContain("[records-unsafe]");
			expect(end.code).not.toBe(0);
		}
		const { out } = await it.run("doctor", "--setup", it.setup.id);
		expect(out.replaceAll(/\s+/g, " ")).toContain("asks for what is published nowhere on its word alone");
		expect(out).not.toContain("`route53: true` publishes");
	});
});

test("a setup that asks for nothing is not ready: there is nothing to check yet", async () => {
	await using it = await scene(() => []);
	const { code, out } = await it.run("doctor", "--setup", it.setup.id);
	expect(out).toContain("… nothing to check yet");
	expect(code).toBe(1);
	const imported = await it.run("import-file", "--setup", it.setup.id, "--wait");
	const { resources } = JSON.parse(imported.out) as { resources: { type: string; outputs: object }[] };
	expect(resources.find(({ type }) => type.endsWith("Verification"))?.outputs).not.toHaveProperty(
		"verifiedDomain",
	);
});

test("MAIL FROM has a row of its own", async () => {
	await using it = await scene(shapes["a custom MAIL FROM"] as Asking);
	const { out } = await it.run("doctor", "--setup", it.setup.id);
	expect(out).toContain(`✗ MAIL FROM  bounce.${it.domain}`);
	expect(out).toContain(`✗ DKIM       `);
});
