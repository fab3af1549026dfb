import { inject, test } from "vitest";
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
