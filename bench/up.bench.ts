import { describe, test } from "vitest";
import type { Project } from "../test/support/project.js";
import { startStage } from "../test/support/stage.js";
import { milliseconds, ratios } from "./measure.js";

const rounds = 8;

/** One parent and two children that do nothing, through the same launcher: the engine's own cost. */
const empty = `
import * as pulumi from "@pulumi/pulumi";
const provider = "exports.handler=()=>({ check: (olds, inputs) => ({ inputs }), create: async (outs) => ({ id: 'x', outs }) })";
class Empty extends pulumi.CustomResource {
	constructor(name, opts) { super("pulumi-nodejs:dynamic/channels:Empty", name, { __provider: provider }, opts); }
}
const parent = new Empty("mail");
const records = new Empty("mail-records", { parent });
new Empty("mail-verification", { parent, dependsOn: [records] });
`;

const full = `
import { SesSetup } from "pulumi-channels";
new SesSetup("mail", { tenantName: "bench", domainIdentity: "mail.bench.test", route53: true, waitForVerification: true });
`;

describe("pulumi up of one setup", () => {
	test("against the same program with empty dynamic resources", async () => {
		// Route 53's own time to INSYNC is none of ours.
		await using stage = await startStage({ sandbox: { route53: { insyncMs: 0 } } });
		stage.sandbox.route53.createZone("bench.test");
		const [ours, floor] = [await stage.project({ program: full }), await stage.project({ program: empty })];
		const cycle = async (project: Project) => {
			const up = await milliseconds(() => project.up());
			const noop = await milliseconds(() => project.up());
			const destroy = await milliseconds(() => project.destroy());
			return { up, "up, nothing changed": noop, destroy };
		};
		await cycle(ours);
		await cycle(floor);
		const pairs = [];
		for (let round = 0; round < rounds; round++) pairs.push([await cycle(ours), await cycle(floor)] as const);
		console.table(ratios(pairs));
	}, 900_000);
});
