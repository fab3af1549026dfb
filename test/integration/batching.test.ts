import { ChangeResourceRecordSetsCommand } from "@aws-sdk/client-route-53";
import { describe, expect, test } from "vitest";
import type { Sandbox } from "../../sandbox/index.js";
import { route53Client } from "../support/aws.js";
import { errorsOf } from "../support/events.js";
import { startStage } from "../support/stage.js";

/** A program with a setup for each of these domains. */
const program = (domains: string[]) => `
import { SesSetup } from "pulumi-channels";
for (const [index, domainIdentity] of ${JSON.stringify(domains)}.entries()) {
	new SesSetup("setup-" + index, { tenantName: "tenant-" + index, domainIdentity, route53: true });
}
`;

const domains = (count: number, zone: string) =>
	Array.from({ length: count }, (_, index) => `d${index}.${zone}`);

test("a hundred setups in one zone take at most twenty changes each way, and list the zone no more than needed", async () => {
	await using stage = await startStage();
	const zone = stage.sandbox.route53.createZone("crowd.test");
	const before = stage.sandbox.route53.snapshot(zone.id);
	await using project = await stage.project({ program: program(domains(100, "crowd.test")) });

	await project.up({ args: ["--parallel", "100"] });
	const up = stage.calls("route53");
	expect(stage.sandbox.route53.records(zone.id)).toHaveLength(2 + 5 * 100);
	expect(stage.calls("channels")).toEqual({ "POST ses-setup": 100 });
	expect(up.ChangeResourceRecordSets).toBeLessThanOrEqual(20);
	expect(up.GetHostedZone).toBe(1);
	// A look-up serves five seconds, and each change is preceded by one reading of two pages at most.
	expect(up.ListHostedZonesByName).toBeLessThanOrEqual(10);
	expect(up.ListResourceRecordSets).toBeLessThanOrEqual(30 + 2 * (up.ChangeResourceRecordSets ?? 0));

	stage.sandbox.log.clear();
	await project.destroy({ args: ["--parallel", "100"] });
	const down = stage.calls("route53");
	expect(stage.sandbox.route53.snapshot(zone.id)).toBe(before);
	expect(down.ChangeResourceRecordSets).toBeLessThanOrEqual(20);
	expect(down.ListResourceRecordSets).toBeLessThanOrEqual(2 * (down.ChangeResourceRecordSets ?? 0));
	expect([down.ListHostedZonesByName, down.GetHostedZone]).toEqual([undefined, undefined]);
});

test("no wait begins before the records of every setup are written, however few may work at once", async () => {
	await using stage = await startStage({ sandbox: { route53: { insyncMs: 4_000 } } });
	stage.sandbox.route53.createZone("wait.test");
	const waiting = program(domains(12, "wait.test")).replace("route53: true", "$&, waitForVerification: true");
	await using project = await stage.project({ program: waiting });
	await project.up({ args: ["--parallel", "4"] });
	const log = stage.sandbox.log.all();
	const changes = log.filter(({ operation }) => operation === "ChangeResourceRecordSets");
	const verified = log.filter(({ operation }) => operation === "POST ses-setup/{id}/verify");
	expect(verified).toHaveLength(12);
	const lastChange = Math.max(...changes.map(({ at }) => at));
	// Who has written his records first, has had them everywhere 4 s later.
	for (const { at } of verified) expect(at).toBeGreaterThan(lastChange);
	// A change is asked for until it is everywhere, and then all of them are.
	expect(stage.calls("route53").GetChange).toBeLessThanOrEqual(8);
	const questions = log.filter(({ operation }) => operation === "GetChange").map(({ at }) => at);
	for (const [index, at] of questions.entries())
		if (index > 0) expect(at - (questions[index - 1] ?? 0)).toBeGreaterThanOrEqual(2_000);
});

test("a setup whose records Route 53 refuses fails alone among its neighbours", async () => {
	await using stage = await startStage();
	const zone = stage.sandbox.route53.createZone("row.test");
	// As a policy does that names what may be changed (`route53:ChangeResourceRecordSetsNormalizedRecordNames`): the
	// answer is for the whole batch.
	stage.sandbox.faults.add({
		service: "route53",
		operation: "ChangeResourceRecordSets",
		times: Number.POSITIVE_INFINITY,
		match: (input) => JSON.stringify(input).includes("secret.row.test"),
		effect: { kind: "error", status: 403, code: "AccessDenied", message: "not allowed by any policy" },
	});
	await using project = await stage.project({
		program: program([...domains(4, "row.test"), "secret.row.test", ...domains(4, "n.row.test")]),
	});
	const { events } = await project.up({
		args: ["--parallel", "20", "--continue-on-error"],
		expectFailure: true,
	});
	const errors = errorsOf(events);
	expect(Object.keys(errors)).toEqual(["setup-4-records"]);
	expect(errors["setup-4-records"]).toContain("not allowed by any policy");
	expect(stage.sandbox.route53.records(zone.id)).toHaveLength(2 + 5 * 8);
	await project.destroy();
	expect(stage.sandbox.route53.records(zone.id)).toHaveLength(2);
});

describe("a Route 53 that is busy", () => {
	test("with five requests a second, and with changes of somebody else, is waited out", async () => {
		await using stage = await startStage({ sandbox: { route53: { requestsPerSecond: 5, changeMs: 400 } } });
		const { sandbox } = stage;
		const zone = sandbox.route53.createZone("busy.test");
		// Both come by themselves, but for certain on no machine: calls of ours may be too slow for the one, and
		// somebody's changes may miss the moment of the other.
		const refuse = (operation: string, code: string) =>
			sandbox.faults.add({
				service: "route53",
				operation,
				match: (input) => !JSON.stringify(input).includes("hand.busy.test"),
				effect: { kind: "error", status: 400, code, message: "Try again later." },
			});
		refuse("ListResourceRecordSets", "Throttling");
		refuse("ChangeResourceRecordSets", "PriorRequestNotComplete");
		await using project = await stage.project({ program: program(domains(12, "busy.test")) });

		const up = project.up({ args: ["--parallel", "30"] });
		// Somebody who changes the zone whenever the provider has just read it.
		const lists = () => sandbox.log.count({ operation: "ListResourceRecordSets" });
		for (let turn = 0; turn < 5; turn += 1) {
			const seen = lists();
			const read = sandbox.log.until(() => lists() > seen, { timeoutMs: 60_000 }).then(() => true);
			if (!(await Promise.race([read.catch(() => false), up.then(() => false)]))) break;
			await changeByHand(sandbox, zone.id, `"${turn}"`);
		}
		await up;

		const refused = sandbox.log.all({ service: "route53" }).map(({ error }) => error);
		expect(refused).toContain("Throttling");
		expect(refused).toContain("PriorRequestNotComplete");
		expect(sandbox.route53.records(zone.id)).toHaveLength(2 + 5 * 12 + 1);
		await project.destroy({ args: ["--parallel", "30"] });
		expect(sandbox.route53.records(zone.id).map(({ Name }) => Name)).toContain("hand.busy.test.");
		expect(sandbox.route53.records(zone.id)).toHaveLength(3);
	});
});

/** Somebody else's change, which the service may refuse for the same reasons as ours. */
async function changeByHand(sandbox: Sandbox, zoneId: string, value: string): Promise<void> {
	const command = new ChangeResourceRecordSetsCommand({
		HostedZoneId: zoneId,
		ChangeBatch: {
			Changes: [
				{
					Action: "UPSERT",
					ResourceRecordSet: {
						Name: "hand.busy.test",
						Type: "TXT",
						TTL: 60,
						ResourceRecords: [{ Value: value }],
					},
				},
			],
		},
	});
	await route53Client(sandbox)
		.send(command)
		.catch((error: Error) => {
			if (!/Throttling|PriorRequestNotComplete/.test(error.name)) throw error;
		});
}
