import { describe, expect, test } from "vitest";
import { localScene, published, type Setup } from "../support/deployment/project.js";
import { useStage } from "../support/stage.js";
import { makeUseCase } from "../support/use-case.js";

const stage = useStage();

const adopting = { adoptExisting: true, ...published } as const;

/** A stack of a program of setups that are all of one tenant and domain, by the names of the resources. */
async function scene(name: string, first: Record<string, Partial<Setup>>) {
	const { project, setup, setups, records } = localScene(stage, name);
	const program = (next: Record<string, Partial<Setup>>) =>
		project.declare(...Object.entries(next).map(([resource, more]) => setup({ name: resource, ...more })));
	program(first);
	await project.up();
	return { project, program, standing: () => [setups(), records()] };
}

describe("a live domain survives its own program:", () => {
	test("a rename without an alias, adopting, deletes nothing, even in use; then it belongs to the new name", async () => {
		const { project, program, standing } = await scene("renamed", { mail: adopting });
		const { id } = project.resource("mail");
		const free = await makeUseCase(stage, id, "renamed");

		program({ email: published });
		const refused = await project.up({ expectFailure: true });
		expect(refused.all).toMatch(/aliases: \[\{ name: "its old name" \}\][\s\S]*adoptExisting: true/);

		program({ email: adopting });
		const renamed = await project.up();
		expect(renamed.all).toContain("stays: email of this program has it now");
		expect(renamed.all).toMatch(/stay in \S+: email-records of this program publishes them now/);
		expect(standing()).toEqual([1, 5]);
		expect((await project.up()).changes).toEqual([]);
		expect(project.resource("email").id).toBe(id);
		expect(project.outputs("email-records")?.written).toHaveLength(5);

		await free();
		await project.destroy();
		expect(standing()).toEqual([0, 0]);
	});

	test("its resource gets another domain, and a new one adopts it in the same run", async () => {
		const { project, program, standing } = await scene("handed", { mail: adopting });
		const { id } = project.resource("mail");
		const other = { tenantName: "handed-news", domainIdentity: "news.handed.test" };
		program({ successor: adopting, mail: { ...adopting, ...other } });
		const handed = await project.up();
		expect(handed.all).toContain("stays: successor of this program has it now");
		expect(standing()).toEqual([1, 10]);
		expect(project.resource("successor").id).toBe(id);
		expect((await project.up()).changes).toEqual([]);
		await project.destroy();
		expect(standing()).toEqual([0, 0]);
	});

	test("a rename by alias changes nothing, and one back without an alias deletes nothing", async () => {
		const { project, program, standing } = await scene("aliased", { mail: adopting });
		const { id } = project.resource("mail");
		program({ email: { ...adopting, aliases: ["mail"] } });
		expect((await project.up()).changes).toEqual([]);
		program({ post: { ...adopting, aliases: ["email"] } });
		expect((await project.up()).changes).toEqual([]);
		expect(project.resource("post").id).toBe(id);
		program({ mail: adopting });
		await project.up();
		expect(project.resource("mail").id).toBe(id);
		expect(standing()).toEqual([1, 5]);
		await project.destroy();
		expect(standing()).toEqual([0, 0]);
	});

	test("of two resources of one setup each may go, and the last one takes everything along", async () => {
		const { project, program, standing } = await scene("double", { mail: adopting });
		const goOn = async (next: Record<string, Partial<Setup>>) => {
			program(next);
			await project.up();
			expect(standing()).toEqual([1, 5]);
		};
		await goOn({ mail: adopting, copy: adopting });
		await goOn({ mail: adopting });
		await goOn({ mail: adopting, copy: adopting });
		await goOn({ copy: adopting });
		expect((await project.up()).changes).toEqual([]);
		await project.destroy();
		expect(standing()).toEqual([0, 0]);
	});
});

describe("a setup in use", () => {
	test("lets its records go where it stays, and is known before its DNS is taken down where it goes", async () => {
		const { project, program, standing } = await scene("used", { mail: adopting });
		const free = await makeUseCase(stage, project.resource("mail").id, "used");
		program({ mail: { ...adopting, tenantName: "used-anew" } });
		const replaced = await project.up({ expectFailure: true });
		expect(replaced.errors["mail-records"]).toContain("Receipts");
		expect(standing()).toEqual([1, 5]);

		program({ mail: { adoptExisting: true } });
		await project.up();
		expect(standing()).toEqual([1, 0]);
		await free();
		await project.destroy();
		expect(standing()).toEqual([0, 0]);
	});
});
