import { test } from "vitest";
import type { Project } from "../test/support/project.js";
import { startStage } from "../test/support/stage.js";
import { milliseconds } from "./measure.js";

/** As many resources as so many setups are, which do nothing: the engine's own cost. */
const empty = (count: number) => `
import * as pulumi from "@pulumi/pulumi";
const provider = "exports.handler=()=>({ check: (olds, inputs) => ({ inputs }), create: async (outs) => ({ id: 'x', outs }) })";
class Empty extends pulumi.CustomResource {
	constructor(name, opts) { super("pulumi-nodejs:dynamic/channels:Empty", name, { __provider: provider }, opts); }
}
for (let index = 0; index < ${count}; index++) {
	const parent = new Empty("mail-" + index);
	const records = new Empty("mail-" + index + "-records", { parent });
	new Empty("mail-" + index + "-verification", { parent, dependsOn: [records] });
}
`;

const full = (count: number) => `
import { SesSetup } from "pulumi-channels";
for (let index = 0; index < ${count}; index++)
	new SesSetup("mail-" + index, {
		tenantName: "tenant-" + index,
		domainIdentity: "d" + index + ".bench.test",
		route53: true,
		waitForVerification: true,
	});
`;

/** Seconds of a life: made, looked at again, taken down. */
async function life(project: Project) {
	const seconds = async (work: () => Promise<unknown>) => Math.round((await milliseconds(work)) / 100) / 10;
	return {
		up: await seconds(() => project.up()),
		unchanged: await seconds(() => project.up()),
		destroy: await seconds(() => project.destroy()),
	};
}

const ratio = (ours: number, floor: number) => Number((ours / floor).toFixed(2));

test.each([10, 40, 100])(
	"%i setups in one zone, and Route 53's time to INSYNC",
	async (count) => {
		const rows = [];
		for (const insyncSeconds of [0, 20]) {
			await using stage = await startStage({ sandbox: { route53: { insyncMs: insyncSeconds * 1000 } } });
			stage.sandbox.route53.createZone("bench.test");
			const floor = await life(await stage.project({ program: empty(count) }));
			stage.sandbox.log.clear();
			const project = await stage.project({ program: full(count) });
			const up = await milliseconds(() => project.up());
			const calls = stage.calls("route53");
			const rest = await life(project);
			const all = Object.values(calls).reduce((sum, each) => sum + each, 0);
			rows.push({
				setups: count,
				"INSYNC, s": insyncSeconds,
				"up, s": Math.round(up / 100) / 10,
				"up ÷ empty": ratio(up / 1000, floor.up),
				"unchanged ÷": ratio(rest.unchanged, floor.unchanged),
				"destroy, s": rest.destroy,
				"destroy ÷": ratio(rest.destroy, floor.destroy),
				"Route 53 calls of up": all,
				changes: calls.ChangeResourceRecordSets ?? 0,
				GetChange: calls.GetChange ?? 0,
			});
		}
		console.table(rows);
	},
	1_800_000,
);
