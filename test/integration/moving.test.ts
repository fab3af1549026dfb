// @module-tag all
import { expect, test } from "vitest";
import { makeScene, oneSetup } from "../support/scene.js";
import { useStage } from "../support/stage.js";

const stage = useStage();

test("a move to another zone is previewed as updates alone, and its records end up there", async () => {
	const { route53, dns } = stage.sandbox;
	const { project, records } = await makeScene(stage, "moving");
	await project.up();
	const next = route53.createZone("moving.test");
	dns.delegate("moving.test", next.nameServers);
	await project.replaceProgram(
		oneSetup("moving", `route53: { zoneId: "${next.id}" }, waitForVerification: true`),
	);
	const names = (steps: readonly { op: string; name: string }[]) =>
		steps.map(({ op, name }) => `${op} ${name}`).sort();
	const shown = names((await project.preview()).changes);
	expect(shown).toEqual(["update mail", "update mail-records", "update mail-verification"]);
	expect(names((await project.up()).changes)).toEqual(shown);
	expect(records()).toBe(0);
	expect(route53.records(next.id).filter(({ Type }) => Type === "CNAME")).toHaveLength(3);
});
