// @module-tag all
import { expect, test } from "vitest";
import type { Project } from "../support/project.js";
import { makeScene } from "../support/scene.js";
import { useStage } from "../support/stage.js";
import { makeUseCase } from "../support/use-case.js";

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

async function scene(name: string, first: Record<string, string>) {
	const { project, setups, records } = await makeScene(stage, name);
	const up = async (next: Record<string, string>, head?: string) => {
		await project.replaceProgram(program(name, next, head));
		return await project.up();
	};
	await up(first);
	return { project, up, standing: () => [setups(), records()] };
}

/** The resource of a type whose name is this, or the only one. */
const resourceOf = async (project: Project, type: string, name = "") => {
	const all = await project.resources();
	const found = all.find(({ type: own, urn }) => own.endsWith(type) && urn.endsWith(name));
	if (!found) throw new Error(`the state has no ${type} ${name}`);
	return found;
};

test("a live domain survives its move into a component, a rename without an alias, and a replacement of what had it", async () => {
	const { project, up, standing } = await scene("handed", { mail: adopting });
	const { id } = await resourceOf(project, "SesSetup");
	await up(
		{ mail: `${adopting}; parent` },
		'const parent = new pulumi.ComponentResource("acme:Domain", "domain");',
	);
	expect(standing()).toEqual([1, 5]);

	const renamed = await up({ email: adopting });
	expect(renamed.all).toContain("stays: email of this program has it now");
	expect(renamed.all).toMatch(/stay in \S+: email-records of this program publishes them now/);
	expect(standing()).toEqual([1, 5]);

	const other = `tenantName: "handed-news", domainIdentity: "news.handed.test"`;
	// What the program declares after a replacement may come too late for it.
	const handed = await up({ successor: adopting, email: `${adopting}, ${other}` });
	expect(handed.all).toContain("stays: successor of this program has it now");
	expect(standing()).toEqual([1, 10]);
	expect(await resourceOf(project, "SesSetup", "::successor")).toMatchObject({ id });
	await project.destroy();
	expect(standing()).toEqual([0, 0]);
});

test("two resources of one setup go together, with --run-program too", async () => {
	const { project, up, standing } = await scene("both", { mail: adopting });
	await up({ mail: adopting, copy: adopting });
	expect(standing()).toEqual([1, 5]);
	await project.destroy({ args: ["--run-program"] });
	expect(standing()).toEqual([0, 0]);
});

test("a forced replacement after a rename by alias is one; of a setup in use only its children can be replaced", async () => {
	const { project, up, standing } = await scene("forced", { mail: adopting });
	expect((await up({ email: `${adopting}; aliases: [{ name: "mail" }]` })).changes).toEqual([]);
	const { id = "", urn } = await resourceOf(project, "SesSetup", "::email");
	const free = await makeUseCase(stage, id, "forced");

	const children = [await resourceOf(project, "Route53Records"), await resourceOf(project, "Verification")];
	await project.up({ args: children.flatMap((child) => ["--replace", child.urn]) });
	expect(standing()).toEqual([1, 5]);
	await project.pulumi(["state", "taint", ...children.map((child) => child.urn), "--yes"]);
	await project.up();
	expect(standing()).toEqual([1, 5]);

	await project.pulumi(["state", "taint", urn, "--yes"]);
	for (const refused of [
		await project.up({ expectFailure: true }),
		await project.destroy({ args: ["--refresh"], expectFailure: true }),
	]) {
		expect(refused.all).toContain("Receipts");
		expect(standing()).toEqual([1, 5]);
	}

	await free();
	const { all } = await project.up({ args: ["--replace", urn] });
	expect(all).not.toContain("stays");
	expect((await resourceOf(project, "SesSetup")).id).not.toBe(id);
	expect(standing()).toEqual([1, 5]);
	await project.destroy({ args: ["--refresh"] });
	expect(standing()).toEqual([0, 0]);
});
