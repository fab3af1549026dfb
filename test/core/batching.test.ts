import { ChangeResourceRecordSetsCommand } from "@aws-sdk/client-route-53";
import { beforeEach, describe, expect, test } from "vitest";
import type { Sandbox } from "../../sandbox/index.js";
import { route53Client } from "../support/aws.js";
import { LocalProject, type Setup } from "../support/deployment/project.js";
import { startStage, useStage } from "../support/stage.js";

const stage = useStage();
beforeEach(() => stage.sandbox.log.clear());

/** A setup for each of these domains. */
const setups = (domains: readonly string[]): Setup[] =>
	domains.map((domainIdentity, index) => ({
		name: `setup-${index}`,
		tenantName: domainIdentity.replaceAll(".", "-"),
		domainIdentity,
		route53: true,
	}));

const domains = (count: number, zone: string) =>
	Array.from({ length: count }, (_, index) => `d${index}.${zone}`);

/** As many at once as here make one request of them wait for the others, on a clock that is no faster than theirs. */
const surroundings = { speed: 1, callTimeoutMs: 120_000 };

test("a hundred setups in one zone take at most twenty changes each way, and list the zone no more than needed", {
	timeout: 180_000,
	tags: ["all"],
}, async () => {
	const zone = stage.sandbox.route53.createZone("crowd.test");
	const before = stage.sandbox.route53.snapshot(zone.id);
	const project = new LocalProject(stage, ...setups(domains(100, "crowd.test")));
	const options = { surroundings, parallel: 100 };

	await project.up(options);
	const up = stage.calls("route53");
	expect(stage.sandbox.route53.records(zone.id)).toHaveLength(2 + 5 * 100);
	expect(stage.calls("channels")).toEqual({ "POST ses-setup": 100 });
	expect(up.ChangeResourceRecordSets).toBeLessThanOrEqual(20);
	expect(up.GetHostedZone).toBe(1);
	// A look-up serves five seconds, and each change is preceded by one reading of two pages at most.
	expect(up.ListHostedZonesByName).toBeLessThanOrEqual(10);
	expect(up.ListResourceRecordSets).toBeLessThanOrEqual(30 + 2 * (up.ChangeResourceRecordSets ?? 0));

	stage.sandbox.log.clear();
	await project.destroy(options);
	const down = stage.calls("route53");
	expect(stage.sandbox.route53.snapshot(zone.id)).toBe(before);
	expect(down.ChangeResourceRecordSets).toBeLessThanOrEqual(20);
	expect(down.ListResourceRecordSets).toBeLessThanOrEqual(2 * (down.ChangeResourceRecordSets ?? 0));
	expect([down.ListHostedZonesByName, down.GetHostedZone]).toEqual([undefined, undefined]);
});

test("a setup whose records Route 53 refuses fails alone among its neighbours", async () => {
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
	const row = setups([...domains(4, "row.test"), "secret.row.test", ...domains(4, "n.row.test")]);
	const project = new LocalProject(stage, ...row);
	const options = { surroundings, parallel: 20 };
	const { errors } = await project.up({ ...options, continueOnError: true, expectFailure: true });
	expect(errors).toEqual({ "setup-4-records": expect.stringContaining("not allowed by any policy") });
	expect(stage.sandbox.route53.records(zone.id)).toHaveLength(2 + 5 * 8);
	await project.destroy(options);
	expect(stage.sandbox.route53.records(zone.id)).toHaveLength(2);
});

describe("a Route 53 that is busy", () => {
	test("with five requests a second, and with changes of somebody else, is waited out", async () => {
		await using busy = await startStage({ sandbox: { route53: { requestsPerSecond: 5, changeMs: 400 } } });
		const { sandbox } = busy;
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
		const project = new LocalProject(busy, ...setups(domains(12, "busy.test")));
		const options = { surroundings, parallel: 30 };
		const up = project.up(options);
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
		await project.destroy(options);
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
