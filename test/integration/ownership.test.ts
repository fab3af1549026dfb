import { describe, expect, test } from "vitest";
import { apiOf } from "../support/channels-api.js";
import type { Project } from "../support/project.js";
import { makeScene } from "../support/scene.js";
import { useStage } from "../support/stage.js";

const stage = useStage();

const adopting = "adoptExisting: true, route53: true, waitForVerification: true";

/** A program of setups that are all of one tenant and domain, by the names of the resources. */
const program = (name: string, setups: Record<string, string>, head = "") => `
import * as pulumi from "@pulumi/pulumi";
import { SesSetup } from "pulumi-channels";
const names = { tenantName: "${name}", domainIdentity: "mail.${name}.test" };
${head}
${Object.entries(setups)
	.map(([resource, more]) => `new SesSetup("${resource}", { ...names, ${more.replace("; ", " }, { ")} });`)
	.join("\n")}
`;

/** Runs an `up` of each of these programs. */
async function scene(name: string, ...programs: Record<string, string>[]) {
	const made = await makeScene(stage, name);
	for (const setups of programs) {
		await made.project.replaceProgram(program(name, setups));
		await made.project.up();
	}
	return {
		...made,
		program: (next: Record<string, string>, head?: string) =>
			made.project.replaceProgram(program(name, next, head)),
		standing: () => [made.setups(), made.records()],
	};
}

const resourcesOf = async (project: Project, type: string) =>
	(await project.resources()).filter((resource) => resource.type.endsWith(type));

/** A use case, which forbids that the setup is deleted; the function deletes it. */
async function used(setupId: string, domain: string): Promise<() => Promise<unknown>> {
	const api = apiOf(stage.service);
	const { status, body } = await api<{ id: string }>("POST", "/use-cases", {
		json: {
			channel: "email",
			entity_name: "Acme",
			name: `Receipts ${domain.split(".")[1]}`,
			setup_id: setupId,
			sender_email_address: `hello@${domain}`,
			email_type: "transactional",
		},
	});
	expect(status).toBe(201);
	return () => api("DELETE", `/use-cases/${body.id}`);
}

describe("a live domain survives its own program:", () => {
	test("a rename without an alias, adopting, deletes nothing, even in use; then it belongs to the new name", async () => {
		const { project, program, standing } = await scene("renamed", { mail: adopting });
		const [setup] = await resourcesOf(project, "SesSetup");
		const free = await used(setup?.id ?? "", "mail.renamed.test");

		await program({ email: adopting.replace("adoptExisting: true, ", "") });
		const refused = await project.up({ expectFailure: true });
		expect(refused.all).toMatch(/aliases: \[\{ name: "its old name" \}\][\s\S]*adoptExisting: true/);

		await program({ email: adopting });
		const renamed = await project.up();
		expect(renamed.all).toContain("stays: email of this program has it now");
		expect(renamed.all).toContain("stay: email-records of this program has them now");
		expect(standing()).toEqual([1, 5]);
		expect((await project.up()).changes).toEqual([]);
		const [records] = await resourcesOf(project, "Route53Records");
		expect(records?.outputs?.written).toHaveLength(5);

		await free();
		await project.destroy();
		expect(standing()).toEqual([0, 0]);
	});

	test("its resource gets another domain, and a new one, declared a moment later, adopts it in the same run", async () => {
		const { project, program, standing } = await scene("handed", { mail: adopting });
		const [setup] = await resourcesOf(project, "SesSetup");
		const other = `tenantName: "handed-news", domainIdentity: "news.handed.test"`;
		const later = `domainIdentity: new Promise<string>((done) => setTimeout(done, 800, names.domainIdentity))`;
		await program({ mail: `${adopting}, ${other}`, heir: `${adopting}, ${later}` });
		const handed = await project.up();
		expect(handed.all).toContain("stays: heir of this program has it now");
		expect(standing()).toEqual([1, 10]);
		const setups = await resourcesOf(project, "SesSetup");
		expect(setups.find(({ urn }) => urn.endsWith("::heir"))?.id).toBe(setup?.id);
		expect((await project.up()).changes).toEqual([]);
		await project.destroy();
		expect(standing()).toEqual([0, 0]);
	});

	test("a copy goes that has it, because somebody has deleted the setup of the first, which then takes it over", async () => {
		const { project, program, standing } = await scene("lost", { mail: "route53: true" });
		const [first] = await resourcesOf(project, "SesSetup");
		const { status } = await apiOf(stage.service)("DELETE", `/channels/ses-setup/${first?.id}`);
		expect(status).toBe(204);
		await program({ mail: "route53: true", copy: adopting });
		await project.up();
		const stood = standing();
		expect(stood[0]).toBe(1);

		await program({ mail: "route53: true" });
		const refused = await project.up({ expectFailure: true });
		expect(refused.all).toMatch(
			/stays with its DNS records: mail of this program[\s\S]*pulumi refresh[\s\S]*adoptExisting: true/,
		);
		expect(standing()).toEqual(stood);

		await project.refresh();
		await program({ mail: adopting });
		await project.up();
		expect(standing()).toEqual([1, 5]);
		expect((await project.up()).changes).toEqual([]);
		await project.destroy();
		expect(standing()).toEqual([0, 0]);
	});

	test("a move into a component deletes nothing", async () => {
		const { project, program, standing } = await scene("moved", { mail: adopting });
		await program(
			{ mail: `${adopting}; parent` },
			'const parent = new pulumi.ComponentResource("acme:Domain", "domain");',
		);
		await project.up();
		expect(standing()).toEqual([1, 5]);
		await project.destroy();
		expect(standing()).toEqual([0, 0]);
	});

	test("a rename by alias changes nothing, and a forced replacement afterwards is one", async () => {
		const { project, program, standing } = await scene("aliased", { mail: adopting });
		const [before] = await resourcesOf(project, "SesSetup");
		await program({ email: `${adopting}; aliases: [{ name: "mail" }]` });
		expect((await project.up()).changes).toEqual([]);
		const [renamed] = await resourcesOf(project, "SesSetup");
		expect(renamed?.id).toBe(before?.id);

		const free = await used(renamed?.id ?? "", "mail.aliased.test");
		const refused = await project.destroy({ args: ["--refresh"], expectFailure: true });
		expect(refused.all).toContain("Receipts");
		expect(standing()).toEqual([1, 5]);
		await free();

		const { all } = await project.up({ args: ["--replace", renamed?.urn ?? ""] });
		expect(all).not.toContain("stays");
		const [replaced] = await resourcesOf(project, "SesSetup");
		expect(replaced?.id).not.toBe(before?.id);
		expect(standing()).toEqual([1, 5]);
		await program({ post: `${adopting}; aliases: [{ name: "email" }]` });
		expect((await project.up()).changes).toEqual([]);
		// Back again, and without an alias.
		await program({ email: adopting });
		await project.up();
		expect(standing()).toEqual([1, 5]);
		await project.destroy({ args: ["--refresh"] });
		expect(standing()).toEqual([0, 0]);
	});

	test("of two resources of one setup each may go, and the last one takes everything along", async () => {
		const { project, program, standing } = await scene(
			"double",
			{ mail: adopting },
			{ mail: adopting, copy: adopting },
		);
		await program({ mail: adopting });
		await project.up();
		expect(standing()).toEqual([1, 5]);
		await program({ mail: adopting, copy: adopting });
		await project.up();
		await program({ copy: adopting });
		await project.up();
		expect(standing()).toEqual([1, 5]);
		expect((await project.up()).changes).toEqual([]);
		await project.destroy();
		expect(standing()).toEqual([0, 0]);
	});

	test("two resources of one setup go together, with --run-program too", async () => {
		const { project, standing } = await scene("both", { mail: adopting }, { mail: adopting, copy: adopting });
		await project.destroy({ args: ["--run-program"] });
		expect(standing()).toEqual([0, 0]);
	});
});

describe("a setup in use", () => {
	test("lets its records go where it stays, and is known before its DNS is taken down where it goes", async () => {
		const { project, program, standing } = await scene("used", { mail: adopting });
		const [setup] = await resourcesOf(project, "SesSetup");
		const free = await used(setup?.id ?? "", "mail.used.test");
		const urnOf = async (type: string) => (await resourcesOf(project, type))[0]?.urn ?? "";

		for (const type of ["Route53Records", "Verification"]) {
			await project.up({ args: ["--replace", await urnOf(type)] });
			await project.pulumi(["state", "taint", await urnOf(type), "--yes"]);
			await project.up();
			expect(standing()).toEqual([1, 5]);
		}
		await project.pulumi(["state", "taint", await urnOf("SesSetup"), "--yes"]);
		for (const refused of [
			await project.up({ expectFailure: true }),
			await project.destroy({ expectFailure: true }),
		]) {
			expect(refused.all).toContain("Receipts");
			expect(standing()).toEqual([1, 5]);
		}
		await project.pulumi(["state", "untaint", await urnOf("SesSetup"), "--yes"]);

		await program({ mail: "adoptExisting: true" });
		await project.up();
		expect(standing()).toEqual([1, 0]);
		await free();
		await project.destroy();
		expect(standing()).toEqual([0, 0]);
	});
});
