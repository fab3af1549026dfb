import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { codeBlocks, firstCells } from "../support/markdown.js";
import { type Stage, startStage } from "../support/stage.js";
import { Runner, stepsOf } from "./runner.js";

const example = resolve(import.meta.dirname, "../../examples/gitops");

const makeStack = "pulumi stack init production";
const domain = "mail.acme.com";
/** Before the first deployment, a refresh that runs the program has an output of nothing. */
const verified = /^ +(?:~ )?sender: (?:\[unknown\] => )?"mail\.acme\.com"/m;
const dmarc = { name: `_dmarc.${domain}`, type: "TXT" as const };

/** A world of its own, a runner in it, and the stack, made by hand as the README says. */
async function begin() {
	const stage: Stage = await startStage();
	const zone = stage.sandbox.route53.createZone("acme.com");
	const runner = await Runner.start(stage);
	expect(await runner.sh(makeStack)).toMatchObject({ code: 0 });
	return {
		sandbox: stage.sandbox,
		zone,
		runner,
		/** How many setups SES has, and how many record sets of others than the zone itself stand in it. */
		standing: () => [
			stage.sandbox.ses.tenants().filter(({ name }) => name === "acme-support").length,
			stage.sandbox.route53.records(zone.id).filter(({ Type }) => Type !== "NS" && Type !== "SOA").length,
		],
		/** Runs a job that must end well: else its output says why. */
		succeed: async (workflow: string) => {
			const { code, output } = await runner.job(workflow);
			expect(code, output).toBe(0);
			return output;
		},
		async [Symbol.asyncDispose]() {
			await runner[Symbol.asyncDispose]();
			await stage[Symbol.asyncDispose]();
		},
	};
}

test("a pull request is previewed, a merge deploys it, drift fails the nightly check, and a deployment puts it right", async () => {
	await using world = await begin();
	const { sandbox, zone, runner, standing, succeed } = world;

	expect(await succeed("preview")).toContain("+ 4 to create");
	expect(standing()).toEqual([0, 0]);

	expect(await succeed("deploy")).toMatch(verified);
	expect(standing()).toEqual([1, 5]);
	await succeed("drift");

	sandbox.route53.put(zone.id, { ...dmarc, values: ['"v=DMARC1; p=reject"'] });
	const night = await runner.job("drift");
	expect(night.code, night.output).toBe(7);
	expect(night.output).toContain(
		`TXT ${dmarc.name}: "v=DMARC1; p=none" is gone; found TXT "v=DMARC1; p=reject"`,
	);

	await succeed("deploy");
	const [record] = sandbox.route53.records(zone.id).filter(({ Name }) => Name === `${dmarc.name}.`);
	expect(record?.ResourceRecords).toEqual([{ Value: '"v=DMARC1; p=none"' }]);
	await succeed("drift");

	const destroy = await runner.sh("pulumi destroy --yes");
	expect(destroy.code).not.toBe(0);
	expect(destroy.output).toContain("protect");
	expect(standing()).toEqual([1, 5]);
});

test("a deployment whose machine dies while it registers is finished by the next one", async () => {
	await using world = await begin();
	const { sandbox, runner, standing, succeed } = world;
	const effect = { kind: "delay", ms: 60_000, when: "after" } as const;
	sandbox.faults.add({ service: "channels", operation: "POST ses-setup", effect });
	await runner.dieWhen(
		await lastCommandOf("deploy"),
		() => sandbox.log.count({ service: "sesv2", operation: "CreateTenantResourceAssociation" }) > 0,
	);
	sandbox.faults.clear();
	expect(standing()).toEqual([1, 0]);

	expect(await succeed("deploy")).toMatch(verified);
	expect(standing()).toEqual([1, 5]);
	await succeed("drift");
});

test("a deployment whose machine dies in the wait is finished by the next one", async () => {
	await using world = await begin();
	const { sandbox, runner, standing, succeed } = world;
	sandbox.faults.add({
		service: "channels",
		operation: "POST ses-setup/{id}/verify",
		times: Number.POSITIVE_INFINITY,
		effect: { kind: "error", status: 503, code: "Busy", message: "later" },
	});
	await runner.dieWhen(await lastCommandOf("deploy"), (output) =>
		/mail-verification creating .*waiting/.test(output),
	);
	sandbox.faults.clear();

	expect(await succeed("deploy")).toMatch(verified);
	expect(standing()).toEqual([1, 5]);
	await succeed("drift");
});

async function lastCommandOf(workflow: string): Promise<string> {
	return String((await stepsOf(workflow)).at(-1)?.run);
}

test.each(["preview", "deploy", "drift"])("GitLab's job %s runs what GitHub's does", async (job) => {
	const jobs = parse(await readFile(`${example}/.gitlab-ci.yml`, "utf8")) as Record<
		string,
		{ script: string[] }
	>;
	const steps = await stepsOf(job);
	expect(steps.length).toBeGreaterThan(0);
	expect(jobs[job]?.script).toEqual(steps.map(({ run, mayFail }) => (mayFail ? `${run} || true` : run)));
});

test("the README names every setting of the workflows, every policy, and the way the stack is made", async () => {
	const readme = await readFile(`${example}/README.md`, "utf8");
	const read = async (path: string) => await readFile(`${example}/${path}`, "utf8");
	const workflows = await Promise.all(
		["preview", "deploy", "drift"].map((name) => read(`.github/workflows/${name}.yml`)),
	);
	const settings = workflows.flatMap((text) => [...text.matchAll(/\b(?:vars|secrets)\.(\w+)/g)]);
	const cells = firstCells(readme, "name")
		.flat()
		.flatMap((cell) => cell.split(", "));
	expect(cells.sort()).toEqual([...new Set(settings.map(([, name]) => name))].sort());

	const policies = [...(await read("policy/index.ts")).matchAll(/^\tname: "(.*)",$/gm)].map(
		([, name]) => name,
	);
	expect(policies.length).toBeGreaterThan(0);
	expect(firstCells(readme, "policy").flat()).toEqual(policies);

	const [setup] = codeBlocks(readme).filter(({ language }) => language === "sh");
	expect(setup?.code.split("\n")).toEqual(["npm install", makeStack]);
});
