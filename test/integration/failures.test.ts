import { CreateEmailIdentityCommand, SESv2Client } from "@aws-sdk/client-sesv2";
import { describe, expect, test } from "vitest";
import { defaultAccount } from "../../sandbox/index.js";
import { apiOf } from "../support/channels-api.js";
import { errorsOf } from "../support/events.js";
import { registered } from "../support/registered.js";
import { makeScene, oneSetup, setupsOf } from "../support/scene.js";
import { useStage } from "../support/stage.js";

const stage = useStage();

const scene = (name: string, more?: string) => makeScene(stage, name, more);

const ses = () =>
	new SESv2Client({ region: "us-east-1", endpoint: stage.sandbox.ses.url, credentials: defaultAccount });

const create = { service: "channels", operation: "POST ses-setup" } as const;

describe("a registration whose end nobody knows", () => {
	const lost = { kind: "drop", when: "after" } as const;
	const failed = (status: number) =>
		({ kind: "answer", status, body: '{"detail":"Channel manager timed out."}', when: "after" }) as const;
	test("is adopted, with one POST each: the connection lost after the work, a 504, a 201 that cannot be read", async () => {
		const names = ["lost", "gateway", "garbled"];
		stage.sandbox.log.clear();
		for (const name of names) stage.sandbox.route53.createZone(`${name}.test`);
		await using project = await stage.project({ program: setupsOf(names) });
		for (const [index, effect] of [
			lost,
			failed(504),
			{ kind: "answer", status: 201, body: "<html>", when: "after" } as const,
		].entries()) {
			stage.sandbox.faults.add({ ...create, from: index + 1, effect });
		}
		const setups = () => stage.sandbox.ses.tenants().filter(({ name }) => names.includes(name)).length;
		await project.up();
		expect(stage.calls("channels")["POST ses-setup"]).toBe(3);
		expect(setups()).toBe(3);
		expect((await project.up()).changes).toEqual([]);
		await project.destroy();
		expect(setups()).toBe(0);
	});

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
	});

	test("never adopts a setup that was there before", async () => {
		const { project } = await scene("older", "");
		await registered(stage, { tenant: "older", domain: "mail.older.test" });
		stage.sandbox.faults.add({ ...create, effect: { kind: "drop", when: "before" } });
		const up = await project.up({ expectFailure: true });
		expect(up.all).toContain("not there");
		expect((await project.resources()).filter(({ type }) => type.includes("SesSetup"))).toEqual([]);
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
	});
});

test("a setup that exists already is refused with what is the same and the ways to adopt it, then adopted", async () => {
	const workspaceId = crypto.randomUUID();
	for (const name of ["taken", "partly"]) stage.sandbox.route53.createZone(`${name}.test`);
	const taken = await registered(stage, { tenant: "taken", domain: "mail.taken.test" });
	await registered(stage, { tenant: "partly-2", domain: "mail.partly.test" });
	await registered(stage, { tenant: "elsewhere", domain: "mail.elsewhere.test" }, workspaceId);
	await ses().send(new CreateEmailIdentityCommand({ EmailIdentity: "mail.console.test" }));
	await using project = await stage.project({
		program: setupsOf(["taken", "partly", "elsewhere", "console"], ""),
	});
	const refused = await project.up({ args: ["--continue-on-error"], expectFailure: true });
	const errors = errorsOf(refused.events);
	expect(errors.taken).toContain(taken.id);
	expect(errors.taken).toContain("adoptExisting: true");
	expect(errors.elsewhere).toContain("Another workspace may have it");
	expect(errors.console).toContain("It stands in Amazon SES without a setup here");

	await project.replaceProgram(
		setupsOf(["taken", "partly"], "adoptExisting: true, route53: true, waitForVerification: true"),
	);
	const adopted = await project.up({ args: ["--continue-on-error"], expectFailure: true });
	expect(errorsOf(adopted.events).partly).toContain("only one of the two is the same");
	const ofType = async (type: string) =>
		(await project.resources()).filter((resource) => resource.type.endsWith(type));
	expect(await ofType("SesSetup")).toMatchObject([{ id: taken.id }]);
	expect(await ofType("Verification")).toMatchObject([{ outputs: { verifiedDomain: "mail.taken.test" } }]);
	await project.replaceProgram(
		setupsOf(["taken"], "adoptExisting: true, route53: true, waitForVerification: true"),
	);
	expect((await project.up()).changes).toEqual([]);
	await project.destroy();
});

describe("a delete", () => {
	test("that use cases forbid leaves the DNS standing and names them", async () => {
		const { project, setups, records } = await scene("used");
		await project.up();
		const { id } = await project.outputs();
		const api = apiOf(stage.service);
		const made = await api<{ id: string }>("POST", "/use-cases", {
			json: {
				channel: "email",
				entity_name: "Acme",
				name: "Receipts",
				setup_id: id,
				sender_email_address: "hello@mail.used.test",
				email_type: "transactional",
			},
		});
		expect(made.status).toBe(201);

		const refused = await project.destroy({ expectFailure: true });
		expect(refused.all).toContain("Receipts");
		expect([setups(), records()]).toEqual([1, 5]);

		await api("DELETE", `/use-cases/${made.body.id}`);
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
	});

	test("a base URL that leads elsewhere never empties the state; the API's own 404 ends a delete well", async () => {
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
		const { id } = await project.outputs();
		expect((await apiOf(stage.service)("DELETE", `/channels/ses-setup/${id}`)).status).toBe(204);
		await project.destroy();
	});
});
