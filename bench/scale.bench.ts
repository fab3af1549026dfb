import { inject, test } from "vitest";
import { startStage } from "../test/support/stage.js";
import { life, milliseconds, patient } from "./measure.js";
import { peakMemory } from "./memory.js";
import { emptyResources, setups } from "./programs.js";
import { addRow, type Row } from "./table.js";

/**
 * The engine writes its whole checkpoint about twice a resource, which at a thousand setups is all that would be
 * measured. So it writes one, at the end, for both.
 */
const oneCheckpoint = { PULUMI_EXPERIMENTAL: "true", PULUMI_SKIP_CHECKPOINTS: "true" };

test.each([
	[10, {}],
	[40, {}],
	[100, {}],
	[100, oneCheckpoint],
	[1_000, oneCheckpoint],
] as const)(
	"%i setups in one zone",
	async (count, env) => {
		const how = env === oneCheckpoint ? ", one checkpoint" : "";
		const add = (row: Row) => addRow(inject("rows"), row);
		let promptly = 0;
		for (const insyncSeconds of count === 1_000 ? [0] : [0, 20]) {
			await using stage = await startStage({ sandbox: { route53: { insyncMs: insyncSeconds * 1000 } } });
			stage.sandbox.route53.createZone("bench.test");
			const project = await stage.project({ program: setups(count), env });
			const calls = () => stage.sandbox.log.count({ service: "route53" });
			if (insyncSeconds > 0) {
				const up = (await milliseconds(() => project.up(patient))) / 1000;
				const what = `${count} setups: up, INSYNC after ${insyncSeconds} s${how}`;
				add({ what, ours: up, floor: promptly, against: "INSYNC at once", calls: [calls()] });
				continue;
			}
			const floor = await life(await stage.project({ program: emptyResources(count), env }));
			const memory = peakMemory("cmd/dynamic-provider");
			let callsOfUp = 0;
			const ours = await life(project, () => {
				callsOfUp = calls();
			});
			promptly = ours.up;
			const megabytes = memory.end();
			for (const step of ["up", "unchanged", "destroy"] as const)
				add({
					what: `${count} setups: ${step}${how}`,
					ours: ours[step],
					floor: floor[step],
					against: "empty resources",
					...(step === "up" && { calls: [callsOfUp], more: `provider ${megabytes} MB` }),
				});
		}
	},
	3_600_000,
);
