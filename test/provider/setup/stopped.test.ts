import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { shown, type Words } from "../../../dns/index.js";
import { register } from "../../../provider/core/setup/registration.js";
import { type Rig, startRig } from "../rig.js";

let rig: Rig;
beforeAll(async () => {
	rig = await startRig();
});
afterAll(() => rig[Symbol.asyncDispose]());

describe("a registration whose engine is gone, before anybody has noticed", () => {
	/** Registers, where the n-th look finds the engine gone, and tells what was called. */
	async function registered(name: string, goneAt: number) {
		const controller = new AbortController();
		const warnings: string[] = [];
		let looks = 0;
		const world = {
			...rig.world(controller),
			async lookForStop() {
				looks += 1;
				if (looks === goneAt) controller.abort(new Error("The Pulumi engine is gone."));
			},
		};
		const progress = { show() {}, warn: (words: Words) => warnings.push(shown(words)) };
		rig.sandbox.log.clear();
		const names = { tenant: name, domain: `mail.${name}.test` };
		await expect(register({ ...world, progress }, names, false)).rejects.toThrow(
			"The Pulumi engine is gone.",
		);
		const calls = rig.sandbox.log.all({ service: "channels" }).map(({ operation }) => operation);
		return { calls, warnings };
	}

	it("is not begun", async () => {
		expect(await registered("unbegun", 1)).toEqual({ calls: [], warnings: [] });
	});

	it("is taken back once it is answered", async () => {
		const { calls, warnings } = await registered("undone", 2);
		expect(calls).toEqual(["POST ses-setup", "DELETE ses-setup/{id}"]);
		expect(warnings).toEqual([expect.stringContaining("so it was removed again")]);
	});
});
