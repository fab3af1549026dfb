import { describe, expect, test } from "vitest";
import { makeScene, oneSetup } from "../support/scene.js";
import { useStage } from "../support/stage.js";

const stage = useStage();

const scene = (name: string, more?: string) => makeScene(stage, name, more);

const create = { service: "channels", operation: "POST ses-setup" } as const;

describe("a registration whose end nobody knows", () => {
	const lost = { kind: "drop", when: "after" } as const;
	const failed = (status: number) =>
		({ kind: "answer", status, body: '{"detail":"Channel manager timed out."}', when: "after" }) as const;
	for (const [name, how, effect] of [
		["lost", "the connection is lost after the work", lost],
		["gateway", "a 504 comes after the work", failed(504)],
		[
			"garbled",
			"a 201 cannot be read",
			{ kind: "answer", status: 201, body: "<html>", when: "after" } as const,
		],
	] as const) {
		test(`is adopted, with one POST, when ${how}`, async () => {
			const { project, setups } = await scene(name);
			stage.sandbox.faults.add({ ...create, effect });
			await project.up();
			expect(stage.calls("channels")["POST ses-setup"]).toBe(1);
			expect(setups()).toBe(1);
			expect((await project.up()).changes).toEqual([]);
			await project.destroy();
			expect(setups()).toBe(0);
		});
	}

	test("is not repeated when a 500 comes before the work, and fails with what to do", async () => {
		const { project, setups } = await scene("refusing");
		stage.sandbox.faults.add({
			...create,
			effect: { kind: "error", status: 500, code: "Oops", message: "no" },
		});
		const up = await project.up({ expectFailure: true });
		expect(up.all).toMatch(/looked for .* not there[\s\S]*`pulumi up` again/);
		expect(stage.calls("channels")["POST ses-setup"]).toBe(1);
		expect(setups()).toBe(0);
		await project.up();
		await project.destroy();
	});

	test("never adopts a setup that was there before", async () => {
		const { project } = await scene("older", "");
		await project.up();
		await using other = await stage.project({ program: oneSetup("older", "") });
		stage.sandbox.faults.add({ ...create, effect: { kind: "drop", when: "before" } });
		const up = await other.up({ expectFailure: true });
		expect(up.all).toContain("not there");
		expect((await other.resources()).filter(({ type }) => type.includes("SesSetup"))).toEqual([]);
		await project.destroy();
	});

	test("is never owned by two stacks that register the same names at once", async () => {
		const { project, setups } = await scene("twice", "");
		await using other = await stage.project({ program: oneSetup("twice", "") });
		stage.sandbox.faults.add({ ...create, times: 2, effect: lost });
		const owners = await Promise.all(
			[project, other].map(async (each) => {
				const { result } = await each.start(["up", "--yes", "--skip-preview"]);
				const { code } = await result;
				const owned = (await each.resources()).filter(({ type }) => type.endsWith("SesSetup"));
				expect(owned).toHaveLength(code === 0 ? 1 : 0);
				return owned;
			}),
		);
		expect(setups()).toBe(1);
		expect(owners.flat().length).toBeLessThanOrEqual(1);
	});

	test("is waited out and sent again after a 429", async () => {
		const { project } = await scene("throttled", "");
		stage.sandbox.faults.add({
			...create,
			effect: {
				kind: "error",
				status: 429,
				code: "RateLimited",
				message: "slow down",
				headers: { "retry-after": "1" },
			},
		});
		await project.up();
		expect(stage.calls("channels")["POST ses-setup"]).toBe(2);
		await project.destroy();
	});
});

describe("a setup that exists already", () => {
	test("is refused with its id and the ways to adopt it, then adopted by adoptExisting", async () => {
		const { project } = await scene("taken", "");
		await project.up();
		const { id } = await project.outputs();
		await using second = await stage.project({ program: oneSetup("taken", "") });
		const refused = await second.up({ expectFailure: true });
		expect(refused.all).toContain(id);
		expect(refused.all).toContain("adoptExisting: true");

		await second.replaceProgram(
			oneSetup("taken", "adoptExisting: true, route53: true, waitForVerification: true"),
		);
		await second.up();
		expect(await second.outputs()).toMatchObject({ id, sender: "mail.taken.test" });
		expect((await second.up()).changes).toEqual([]);
		await second.destroy();
	});

	test("in another workspace is said to be there", async () => {
		const { project } = await scene("elsewhere", "");
		await project.up();
		const workspaceId = crypto.randomUUID();
		await using second = await stage.project({
			program: oneSetup("elsewhere", ""),
			config: { "channels:workspaceId": workspaceId },
			secretConfig: { "channels:apiKey": await stage.service.createKey({ workspaceId }) },
		});
		const refused = await second.up({ expectFailure: true });
		expect(refused.all).toContain("another workspace has it");
		await project.destroy();
	});

	test("with only the same domain is never adopted", async () => {
		const { project } = await scene("partly", "");
		await project.up();
		await using second = await stage.project({
			program: oneSetup("partly", "adoptExisting: true").replace(
				'tenantName: "partly"',
				'tenantName: "partly-2"',
			),
		});
		const refused = await second.up({ expectFailure: true });
		expect(refused.all).toContain("only one of the two is the same");
		await project.destroy();
	});
});

describe("a delete", () => {
	test("that use cases forbid leaves the DNS standing and names them", async () => {
		const { project, setups, records } = await scene("used");
		await project.up();
		const { id } = await project.outputs();
		const useCases = `${stage.baseUrl}/v1/${stage.service.workspaceId}/use-cases`;
		const headers = { authorization: `Bearer ${stage.service.apiKey}`, "content-type": "application/json" };
		const made = await fetch(useCases, {
			method: "POST",
			headers,
			body: JSON.stringify({
				channel: "email",
				entity_name: "Acme",
				name: "Receipts",
				setup_id: id,
				sender_email_address: "hello@mail.used.test",
				email_type: "transactional",
			}),
		});
		expect(made.status).toBe(201);

		const refused = await project.destroy({ expectFailure: true });
		expect(refused.all).toContain("Receipts");
		expect([setups(), records()]).toEqual([1, 5]);

		const { id: useCase } = (await made.json()) as { id: string };
		await fetch(`${useCases}/${useCase}`, { method: "DELETE", headers });
		await project.destroy();
		expect([setups(), records()]).toEqual([0, 0]);
	});

	test("waits out a 502 and takes a lost answer for what it is", async () => {
		const { project, setups } = await scene("bumpy", "");
		await project.up();
		const operation = "DELETE ses-setup/{id}";
		stage.sandbox.faults.add({
			service: "channels",
			operation,
			effect: { kind: "error", status: 502, code: "Upstream", message: "Channel manager unavailable." },
		});
		stage.sandbox.faults.add({
			service: "channels",
			operation,
			from: 2,
			effect: { kind: "drop", when: "after" },
		});
		await project.destroy();
		expect(setups()).toBe(0);
	});

	test("of a setup that is gone already succeeds", async () => {
		const { project } = await scene("gone", "");
		await project.up();
		const { id } = await project.outputs();
		await fetch(`${stage.baseUrl}/v1/${stage.service.workspaceId}/channels/ses-setup/${id}`, {
			method: "DELETE",
			headers: { authorization: `Bearer ${stage.service.apiKey}` },
		});
		await project.destroy();
	});

	test("with a key that is no longer valid says how to use the new one", async () => {
		const { project } = await scene("revoked", "");
		await project.up();
		stage.sandbox.faults.add({
			service: "channels",
			times: Number.POSITIVE_INFINITY,
			effect: { kind: "error", status: 401, code: "Unauthorized", message: "Invalid API key." },
		});
		for (const failed of [
			await project.refresh({ expectFailure: true }),
			await project.destroy({ expectFailure: true }),
		]) {
			expect(failed.all).toContain("--run-program");
			expect(failed.all).not.toContain(stage.service.apiKey);
		}
		stage.sandbox.faults.clear();
		await project.destroy();
	});
});

describe("what is wrong with the settings", () => {
	test("is an error of the preview: a missing key, a key in clear, another workspace, bad arguments", async () => {
		const { project } = await scene("settings", "");
		await project.up();
		await project.pulumi(["config", "set", "channels:workspaceId", crypto.randomUUID()]);
		const moved = await project.preview({ expectFailure: true });
		expect(moved.all).toContain("is in workspace");
		await project.pulumi(["config", "set", "channels:workspaceId", stage.service.workspaceId]);

		await project.pulumi(["config", "set", "--plaintext", "channels:apiKey", stage.service.apiKey]);
		const clear = await project.preview({ expectFailure: true });
		expect(clear.all).toContain("pulumi config set --secret channels:apiKey");

		await project.pulumi(["config", "rm", "channels:apiKey"]);
		const missing = await project.preview({ expectFailure: true });
		expect(missing.all).toContain("channels:apiKey is not set");
		await project.preview({ env: { CHANNELS_API_KEY: stage.service.apiKey } });

		await project.replaceProgram(
			oneSetup(
				"settings",
				'route53: { ttl: 0, zone: "x" }, waitForVerification: { timeout: "soon", until: "noon" }',
			),
		);
		const bad = await project.preview({
			expectFailure: true,
			env: { CHANNELS_API_KEY: stage.service.apiKey },
		});
		expect(bad.all).toContain("route53.ttl");
		expect(bad.all).toContain("route53.zone");
		expect(bad.all).toContain("waitForVerification.timeout");
		expect(bad.all).toContain("waitForVerification.until");
		await project.replaceProgram(oneSetup("settings", ""));
		await project.destroy();
	});

	test("a base URL that leads elsewhere never empties the state", async () => {
		const { project } = await scene("astray", "");
		await project.up();
		stage.sandbox.faults.add({
			service: "channels",
			times: Number.POSITIVE_INFINITY,
			effect: { kind: "answer", status: 404, body: "<h1>Not Found</h1>" },
		});
		const refresh = await project.refresh({ expectFailure: true });
		expect(refresh.all).toContain("not taken for gone");
		expect((await project.resources()).some(({ type }) => type.endsWith("SesSetup"))).toBe(true);
		stage.sandbox.faults.clear();
		await project.destroy();
	});
});
