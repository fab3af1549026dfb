// @module-tag all
import { describe, expect, test } from "vitest";
import { type RunningCommand, waitForExit } from "../support/running-command.js";
import { makeScene, oneSetup } from "../support/scene.js";
import { useStage } from "../support/stage.js";
import { waitUntil } from "../support/wait.js";

const stage = useStage();

const scene = (name: string, more?: string) => makeScene(stage, name, more);

const create = { service: "channels", operation: "POST ses-setup" } as const;
const change = { service: "route53", operation: "ChangeResourceRecordSets" } as const;

/** Starts an `up` and returns while SES has the setup and the API has not answered yet. */
async function startRegistering(name: string, delayMs = 2_000) {
	const made = await scene(name, "");
	stage.sandbox.faults.add({ ...create, effect: { kind: "delay", ms: delayMs, when: "after" } });
	const running = await made.project.start(["up", "--yes", "--skip-preview"]);
	await stage.sandbox.log.until(
		(log) => log.count({ service: "sesv2", operation: "CreateTenantResourceAssociation" }) > 0,
		{ timeoutMs: 60_000 },
	);
	return { ...made, running };
}

/** Starts an `up` and returns while its change of the zone is made and Route 53 has not answered yet. */
async function startChanging(name: string) {
	const made = await scene(name);
	// Done, and not answered.
	const effect = { kind: "delay", when: "after", ms: 60_000 } as const;
	stage.sandbox.faults.add({ ...change, times: Number.POSITIVE_INFINITY, effect });
	const running = await made.project.start(["up", "--yes", "--skip-preview"]);
	await waitUntil(() => made.records() > 0, { timeoutMs: 60_000, what: () => "records in the zone" });
	return { ...made, running };
}

/** The first ^C lets what is under way go on; the second ends it. */
async function interruptTwice(running: RunningCommand): Promise<void> {
	await running.kill("SIGINT");
	await running.waitForOutput(/\^C received; cancelling/);
	await running.kill("SIGINT");
	await running.result;
}

/** As a power failure does. What was in the way is gone afterwards. */
async function killOutright(running: RunningCommand): Promise<void> {
	await running.kill("SIGKILL");
	await running.dispose();
	stage.sandbox.faults.clear();
}

describe("an interrupted run", () => {
	test("in the wait loses nothing: cancel and up finish it", async () => {
		const { project, setups, records } = await scene("killed");
		stage.sandbox.faults.add({
			service: "channels",
			operation: "POST ses-setup/{id}/verify",
			times: Number.POSITIVE_INFINITY,
			effect: { kind: "error", status: 503, code: "Busy", message: "later" },
		});
		const running = await project.start(["up", "--yes", "--skip-preview"]);
		await running.waitForOutput(/mail-verification creating .*waiting/);
		const tree = await running.processTree();
		await running.kill("SIGKILL");
		await waitForExit(tree);
		stage.sandbox.faults.clear();

		const locked = await project.up({ expectFailure: true });
		expect(locked.all).toContain("currently locked");
		await project.cancel();
		await project.up();
		expect(await project.outputs()).toMatchObject({ sender: "mail.killed.test" });
		expect([setups(), records()]).toEqual([1, 5]);
		await project.destroy();
		expect([setups(), records()]).toEqual([0, 0]);
	});

	test("between a change and its recording, then destroyed, is told which records it left", async () => {
		const { project, setups, records, running } = await startChanging("leftover");
		await killOutright(running);

		await project.cancel();
		const { all } = await project.destroy();
		expect(all).toContain("Records of mail.leftover.test still stand in hosted zone leftover.test");
		expect(all).toMatch(/mail\.leftover\.test MX 10 inbound-smtp/);
		expect(all).toMatch(/_dmarc\.mail\.leftover\.test TXT "v=DMARC1/);
		expect([setups(), records()]).toEqual([0, 5]);
	});

	describe("while the registration is under way", () => {
		const remove = { service: "channels", operation: "DELETE ses-setup/{id}" } as const;

		test("by two ^C removes what it made, says so, and leaves the names free", async () => {
			const { project, setups, running } = await startRegistering("regretted");
			await interruptTwice(running);
			expect(running.output()).toMatch(
				/domain mail\.regretted\.test\) could be recorded, so it was removed again/,
			);
			expect(setups()).toBe(0);
			await project.cancel();
			await project.up();
			expect(setups()).toBe(1);
		});

		test("by two ^C says how to take over what cannot be removed", async () => {
			const { project, setups, running } = await startRegistering("stubborn");
			stage.sandbox.faults.add({
				...remove,
				times: Number.POSITIVE_INFINITY,
				effect: { kind: "answer", status: 503, body: '{"detail":"Later."}' },
			});
			await interruptTwice(running);
			expect(running.output()).toMatch(/it could not be removed: .*adoptExisting: true/s);
			expect(setups()).toBe(1);
			stage.sandbox.faults.clear();
			await project.cancel();
			await project.replaceProgram(oneSetup("stubborn", "adoptExisting: true"));
			await project.up();
			await project.destroy();
			expect(setups()).toBe(0);
		});

		test("by two ^C after its answer got lost says that nobody knows", async () => {
			const { project } = await scene("doubtful", "");
			stage.sandbox.faults.add({ ...create, effect: { kind: "drop", when: "after" } });
			stage.sandbox.faults.add({ ...create, from: 2, effect: { kind: "delay", ms: 60_000 } });
			const running = await project.start(["up", "--yes", "--skip-preview"]);
			await stage.sandbox.log.until((log) => log.count(create) > 1, { timeoutMs: 60_000 });
			await interruptTwice(running);
			expect(running.output()).toMatch(/nobody knows whether it made a setup.*adoptExisting: true/);
			stage.sandbox.faults.clear();
			await project.cancel();
			await project.replaceProgram(oneSetup("doubtful", "adoptExisting: true"));
			await project.up();
		});

		test("by kill -9 of the CLI removes what it made, if the answer comes soon", async () => {
			const { project, setups, running } = await startRegistering("bereft");
			await running.kill("SIGKILL");
			await stage.sandbox.log.until(() => setups() === 0, { timeoutMs: 30_000 });
			await running.dispose();
			expect(stage.calls("channels")[remove.operation]).toBe(1);
			await project.cancel();
			await project.up();
		});
	});

	test("by two ^C in a change of the zone says how its records get an owner", async () => {
		const { project, records, running } = await startChanging("hasty");
		await interruptTwice(running);
		expect(running.output()).toContain("The run was stopped while records were being written to hasty.test");
		stage.sandbox.faults.clear();
		await project.cancel();
		await project.up();
		await project.destroy();
		expect(records()).toBe(0);
	});

	test("by SIGINT and then SIGTERM, as a runner cancels a job, ends the wait within a second and leaves the stack unlocked", {
		tags: ["witness"],
	}, async () => {
		const { project } = await scene("interrupted", "waitForVerification: true");
		const running = await project.start(["up", "--yes", "--skip-preview"]);
		await running.waitForOutput(/mail-verification creating .*waiting/);
		const providers = (await running.processTree()).filter(({ command }) =>
			command.includes("dynamic-provider"),
		);
		expect(providers.length).toBeGreaterThan(0);
		await running.kill("SIGINT");
		await running.waitForOutput(/cancel/i);
		const second = Date.now();
		await running.kill("SIGTERM");
		await waitForExit(providers);
		expect(Date.now() - second).toBeLessThan(5_000);
		await running.result;
		const state = await project.resources();
		expect(state.some(({ type }) => type.endsWith("SesSetup"))).toBe(true);
		await project.destroy();
	});
});
