import { inject, test } from "vitest";
import { startStage } from "../test/support/stage.js";
import { milliseconds, patient } from "./measure.js";
import { octodns } from "./octodns.js";
import { awsRecords, setups } from "./programs.js";
import { addRow } from "./table.js";

/** Each record of the AWS provider holds a slot of the engine until INSYNC, so that 500 of them take half an hour. */
const tooLong = (count: number, insyncSeconds: number) => count * insyncSeconds > 1_000;

test.each([1, 40, 100].flatMap((count) => [0, 20].map((insync) => [count, insync] as const)))(
	"%i domains against other tools, INSYNC after %i s",
	async (count, insyncSeconds) => {
		const measure = async (
			work: (
				stage: Awaited<ReturnType<typeof startStage>>,
				zoneId: string,
			) => Promise<() => Promise<unknown>>,
		) => {
			await using stage = await startStage({ sandbox: { route53: { insyncMs: insyncSeconds * 1000 } } });
			const zone = stage.sandbox.route53.createZone("bench.test");
			const run = await work(stage, zone.id);
			stage.sandbox.log.clear();
			const seconds = (await milliseconds(run)) / 1000;
			return { seconds, calls: stage.sandbox.log.count({ service: "route53" }) };
		};
		const ours = await measure(async (stage) => {
			const project = await stage.project({ program: setups(count) });
			return () => project.up(patient);
		});
		const against = (name: string, floor: { seconds: number; calls: number }) =>
			addRow(inject("rows"), {
				what: `domains: ${count}, INSYNC after ${insyncSeconds} s, against ${name}`,
				ours: ours.seconds,
				floor: floor.seconds,
				against: name,
				calls: [ours.calls, floor.calls],
			});
		const dns = await measure(async ({ sandbox }) => {
			const zone = await octodns(sandbox, "bench.test", count);
			return () => zone.publish();
		});
		// It does not wait, so what Route 53 takes after it is added.
		against("octodns-route53", { ...dns, seconds: dns.seconds + insyncSeconds });
		if (tooLong(count, insyncSeconds)) return;
		const each = await measure(async (stage, zoneId) => {
			const project = await stage.project({ program: awsRecords(count, zoneId), awsPlugin: true });
			return () => project.up(patient);
		});
		against("AwsRecords", each);
	},
	3_600_000,
);
