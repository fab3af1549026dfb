import { CreateEmailIdentityCommand, SESv2Client } from "@aws-sdk/client-sesv2";
import { describe, expect, test } from "vitest";
import { defaultAccount } from "../../sandbox/index.js";
import { apiOf } from "../support/channels-api.js";
import { LocalProject, localScene, published } from "../support/deployment/project.js";
import { registered } from "../support/registered.js";
import { useStage } from "../support/stage.js";
import { makeUseCase } from "../support/use-case.js";

const stage = useStage();

const ses = () =>
	new SESv2Client({ region: "us-east-1", endpoint: stage.sandbox.ses.url, credentials: defaultAccount });

const create = { service: "channels", operation: "POST ses-setup" } as const;

/** A setup in a program of several. */
const named = (name: string) => ({ name, tenantName: name, domainIdentity: `mail.${name}.test` });

const lost = { kind: "drop", when: "after" } as const;
const oops = { kind: "error", status: 500, code: "Oops", message: "no" } as const;

describe("a registration whose end nobody knows", () => {
	test("is sent again and made once: the connection lost after the work, a 504, a 201 that cannot be read", async () => {
		const names = ["lost", "gateway", "garbled"];
		stage.sandbox.log.clear();
		for (const name of names) stage.sandbox.route53.createZone(`${name}.test`);
		for (const [index, effect] of [
			lost,
			{
				kind: "answer",
				status: 504,
				body: '{"detail":"Channel manager timed out."}',
				when: "after",
			} as const,
			{ kind: "answer", status: 201, body: "<html>", when: "after" } as const,
		].entries()) {
			const match = (input: unknown) => (input as { body: string }).body.includes(`"${names[index]}"`);
			stage.sandbox.faults.add({ ...create, match, effect });
		}
		const setups = () => stage.sandbox.ses.tenants().filter(({ name }) => names.includes(name)).length;
		const project = new LocalProject(stage, ...names.map(named));
		await project.up();
		expect(stage.calls("channels")["POST ses-setup"]).toBe(6);
		expect(setups()).toBe(3);
		expect((await project.up()).changes).toEqual([]);
		await project.destroy();
		expect(setups()).toBe(0);
	});

	test("is made by its repetition when a 500 comes before the work", async () => {
		const { project, setups } = localScene(stage, "refusing");
		stage.sandbox.faults.add({ ...create, effect: oops });
		await project.up();
		expect([stage.calls("channels")["POST ses-setup"], setups()]).toEqual([2, 1]);
	});

	test("fails with what to do when every repetition is a 500, and the next up makes it", async () => {
		const { project, setups } = localScene(stage, "ailing");
		stage.sandbox.faults.add({ ...create, times: 4, effect: oops });
		const up = await project.up({ expectFailure: true });
		expect(up.all).toMatch(/Nobody knows whether that made a setup[\s\S]*`pulumi up` again/);
		expect([stage.calls("channels")["POST ses-setup"], setups()]).toEqual([4, 0]);
		await project.up();
	});

	test("is never owned by two stacks that register the same names at once", async () => {
		const { project, setup, setups } = localScene(stage, "twice", {});
		stage.sandbox.faults.add({ ...create, times: 2, effect: lost });
		const owners = await Promise.all(
			[project, new LocalProject(stage, setup())].map(async (each) => {
				const ended = await each.up().then(
					() => true,
					() => false,
				);
				const owned = each.resources.filter(({ kind }) => kind === "SesSetup");
				expect(owned).toHaveLength(ended ? 1 : 0);
				return owned;
			}),
		);
		expect(setups()).toBe(1);
		expect(owners.flat().length).toBe(1);
	});
});

test("a setup that exists already is refused with what is the same and the ways to adopt it, then adopted", async () => {
	const workspaceId = crypto.randomUUID();
	for (const name of ["taken", "partly"]) stage.sandbox.route53.createZone(`${name}.test`);
	const taken = await registered(stage, { tenant: "taken", domain: "mail.taken.test" });
	await registered(stage, { tenant: "partly-2", domain: "mail.partly.test" });
	await registered(stage, { tenant: "elsewhere", domain: "mail.elsewhere.test" }, workspaceId);
	await ses().send(new CreateEmailIdentityCommand({ EmailIdentity: "mail.console.test" }));
	const project = new LocalProject(stage, ...["taken", "partly", "elsewhere", "console"].map(named));
	const refused = await project.up({ continueOnError: true, expectFailure: true });
	expect(refused.errors.taken).toContain(taken.id);
	expect(refused.errors.taken).toContain("adoptExisting: true");
	expect(refused.errors.elsewhere).toContain("Another workspace may have it");
	expect(refused.errors.console).toContain("It stands in Amazon SES without a setup here");

	const adopting = (name: string) => ({ ...named(name), ...published, adoptExisting: true });
	project.declare(adopting("taken"), adopting("partly"));
	const adopted = await project.up({ continueOnError: true, expectFailure: true });
	expect(adopted.errors).toEqual({
		partly: expect.stringContaining("only one of the two is the same"),
	});
	const ofKind = (kind: string) => project.resources.filter((resource) => resource.kind === kind);
	expect(ofKind("SesSetup")).toMatchObject([{ id: taken.id }]);
	expect(ofKind("Verification")).toMatchObject([{ outputs: { verifiedDomain: "mail.taken.test" } }]);
	project.declare(adopting("taken"));
	expect((await project.up()).changes).toEqual([]);
	await project.destroy();
});

describe("a delete", () => {
	test("that use cases forbid leaves the DNS standing and names them", async () => {
		const { project, setups, records } = localScene(stage, "used");
		await project.up();
		const free = await makeUseCase(stage, project.resource("mail").id, "used");

		const refused = await project.destroy({ expectFailure: true });
		expect(refused.all).toContain("Receipts");
		expect([setups(), records()]).toEqual([1, 5]);

		await free();
		await project.destroy();
		expect([setups(), records()]).toEqual([0, 0]);
	});

	test("waits out a 502 and takes a lost answer for what it is", async () => {
		const { project, setups } = localScene(stage, "bumpy", {});
		await project.up();
		const remove = { service: "channels", operation: "DELETE ses-setup/{id}" };
		const unavailable = { status: 502, code: "Upstream", message: "Channel manager unavailable." };
		stage.sandbox.faults.add({ ...remove, effect: { kind: "error", ...unavailable } });
		stage.sandbox.faults.add({ ...remove, from: 2, effect: lost });
		await project.destroy();
		expect(setups()).toBe(0);
		expect(stage.calls("channels")["DELETE ses-setup/{id}"]).toBe(3);
	});
});

test("a base URL that leads elsewhere never empties the state; the API's own 404 ends a delete well", async () => {
	const { project } = localScene(stage, "astray", {});
	await project.up();
	const { id } = project.resource("mail");
	stage.sandbox.faults.add({
		service: "channels",
		times: Number.POSITIVE_INFINITY,
		effect: { kind: "answer", status: 404, body: "<h1>Not Found</h1>" },
	});
	const refresh = await project.refresh({ expectFailure: true });
	expect(refresh.all).toContain("not taken for gone");
	expect(project.resource("mail").id).toBe(id);
	stage.sandbox.faults.clear();
	expect((await apiOf(stage.service)("DELETE", `/channels/ses-setup/${id}`)).status).toBe(204);
	await project.destroy();
	expect(project.resources).toEqual([]);
});
