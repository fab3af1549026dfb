import { afterEach, expect, test } from "vitest";
import { defaultAccount } from "../../sandbox/index.js";
import { LocalProject, localScene } from "../support/deployment/project.js";
import { useStage } from "../support/stage.js";

/** SES is asked anew each time, in place of once an hour. */
const stage = useStage({ service: { timing: { obstaclesMs: 0 } } });

const account = () => stage.sandbox.ses.region(defaultAccount.id, "us-east-1").sending;
const diagnosis = { service: "channels", operation: "GET ses-setup/{id}/diagnosis" } as const;
const warning = /is verified, but does not send as it should yet\. .*in the sandbox of SES in us-east-1/g;

afterEach(() => {
	Object.assign(account(), { productionAccess: true, enabled: true });
});

test("a verified domain of an account in the sandbox of SES is warned of, once for all domains of a run", async () => {
	account().productionAccess = false;
	stage.sandbox.route53.createZone("boxed.test");
	const setup = (name: string) => ({
		name,
		tenantName: name,
		domainIdentity: `${name}.boxed.test`,
		route53: true as const,
		waitForVerification: true as const,
	});
	const project = new LocalProject(stage, setup("one"), setup("two"));
	const { all } = await project.up();
	expect(all.match(warning)).toHaveLength(1);
	for (const name of ["one", "two"])
		expect(project.outputs(`${name}-verification`)).toMatchObject({ verifiedDomain: `${name}.boxed.test` });
	expect((await project.up()).changes).toEqual([]);
});

test("nothing is said of an account that may send, nor asked for a wait that is for receiving alone", async () => {
	const { project } = localScene(stage, "free", { route53: true, waitForVerification: true });
	expect((await project.up()).all).not.toMatch(/but does not send/);
	expect(stage.sandbox.log.count(diagnosis)).toBe(1);
	account().enabled = false;
	const receiving = localScene(stage, "inbound", {
		route53: true,
		waitForVerification: { purpose: "receiving" },
	});
	expect((await receiving.project.up()).all).not.toMatch(/but does not send/);
	expect(stage.sandbox.log.count(diagnosis)).toBe(0);
});

test.each([
	["has no such endpoint", 404, '{"detail":"Not Found"}'],
	["fails", 500, '{"detail":"Internal Server Error"}'],
	["answers in another form", 200, '{"detail":"hello"}'],
])("an API that %s leaves a verified domain verified", async (_, status, body) => {
	account().productionAccess = false;
	stage.sandbox.faults.add({
		...diagnosis,
		times: Number.POSITIVE_INFINITY,
		effect: { kind: "answer", status, headers: { "content-type": "application/json" }, body },
	});
	const name = `answers-${status}`;
	const { project } = localScene(stage, name, { route53: true, waitForVerification: true });
	expect((await project.up()).all).not.toMatch(warning);
	expect(project.outputs("mail-verification")).toMatchObject({ verifiedDomain: `mail.${name}.test` });
});
