import { inject, test } from "vitest";
import { createProject } from "../test/support/project.js";
import { startStage } from "../test/support/stage.js";
import { life, ratios } from "./measure.js";
import { emptyResources, setups } from "./programs.js";
import { addRow } from "./table.js";

const rounds = 8;

test("one setup against empty resources", async () => {
	// Route 53's own time to INSYNC is none of ours.
	await using stage = await startStage({ sandbox: { route53: { insyncMs: 0 } } });
	stage.sandbox.route53.createZone("bench.test");
	const ours = await stage.project({ program: setups(1) });
	const floor = await stage.project({ program: emptyResources(1) });
	await life(ours);
	await life(floor);
	const pairs = [];
	for (let round = 0; round < rounds; round++) pairs.push([await life(ours), await life(floor)] as const);
	for (const [what, figures] of Object.entries(ratios(pairs)))
		addRow(inject("rows"), { what: `1 setup: ${what}`, ...figures, against: "empty resources" });
}, 900_000);

test("one setup with the API in the provider against one with a service", async () => {
	await using stage = await startStage({ sandbox: { route53: { insyncMs: 0 } } });
	stage.sandbox.route53.createZone("bench.test");
	const embedded = await createProject({
		program: setups(1),
		config: { "channels:api": "embedded", "aws:region": "us-east-1" },
		env: stage.sandbox.env(),
	});
	const remote = await stage.project({ program: setups(1) });
	try {
		await life(embedded);
		await life(remote);
		const pairs = [];
		for (let round = 0; round < rounds; round++)
			pairs.push([await life(embedded), await life(remote)] as const);
		for (const [what, figures] of Object.entries(ratios(pairs)))
			addRow(inject("rows"), { what: `1 setup, embedded: ${what}`, ...figures, against: "a service" });
	} finally {
		await embedded.dispose();
	}
}, 900_000);
