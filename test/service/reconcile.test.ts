import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { defaultAccount, type Sandbox, startSandbox } from "../../sandbox/index.js";
import type { SesSetupDetailResponse } from "../../sdk/index.js";
import {
	backUp,
	type ReconcileOptions,
	reconcile,
	type ServiceConfig,
	startService,
} from "../../service/index.js";
import { apiOf } from "../support/channels-api.js";
import { startTestService, type TestService } from "../support/service.js";

let sandbox: Sandbox;
let service: TestService;
let folder: string;
/** Settings of a service on the backup, which knows the setups of the time before it alone. */
let restored: ServiceConfig;
let before: SesSetupDetailResponse;
let after: SesSetupDetailResponse;

const ses = () => sandbox.ses.region(defaultAccount.id, "us-east-1");
const run = (options: ReconcileOptions = {}, config = restored) =>
	reconcile(config, options, { random: () => 0.5, env: {}, progress: () => {} });

async function create(name: string): Promise<SesSetupDetailResponse> {
	const json = { tenant_name: name, domain_identity: `${name}.acme.com` };
	return (await apiOf(service)<SesSetupDetailResponse>("POST", "/channels/ses-setup", { json })).body;
}

beforeAll(async () => {
	sandbox = await startSandbox();
	service = await startTestService({ sandbox });
	folder = await mkdtemp(join(tmpdir(), "channels-reconcile-"));
	before = await create("before");
	const database = join(folder, "backup.db");
	backUp(service.location, database);
	restored = { ...service.config, database };
	after = await create("after");
});
afterAll(async () => {
	await service?.stop();
	await sandbox?.close();
	await rm(folder, { recursive: true, force: true });
});

/** Which of its reasons it was, its words tell. */
const refused = (words: RegExp) => ({
	code: "reconcile-refused",
	message: expect.stringMatching(words),
});

it("finds nothing between a database and its own SES", async () => {
	expect(await run({}, service.config)).toEqual({ report: "2 setups agree.", differs: false });
});

it("names what stands in SES without a row, changes nothing, and says what can be done", async () => {
	const earlier = sandbox.log.all({ service: "sesv2" }).length;
	const { report, differs } = await run();
	expect(differs).toBe(true);
	expect(report).toContain(`${after.id}  after.acme.com, tenant after, workspace ${service.workspaceId}`);
	expect(report).toContain(
		`reconcile --adopt ${after.id}. Where a stack with channels:api embedded has it, leave it`,
	);
	expect(report).toContain(`take it down: reconcile --remove ${after.id}`);
	expect(report).toContain("1 setup agrees.");
	expect(report).not.toContain(before.id);
	const asked = sandbox.log.all({ service: "sesv2" }).slice(earlier);
	expect(asked.map(({ operation }) => operation).filter((name) => !/^(Get|List)/.test(name))).toEqual([]);
});

it("adopts it into its workspace with the records it had, and is asked for no workspace", async () => {
	expect(await run({ adopt: after.id })).toEqual({
		report: `Setup ${after.id} of after.acme.com is in workspace ${service.workspaceId} again.`,
		differs: false,
	});
	expect(await run()).toEqual({ report: "2 setups agree.", differs: false });
	const running = await startService(restored);
	try {
		const api = apiOf({ ...service, url: running.url });
		const { body } = await api<SesSetupDetailResponse>("GET", `/channels/ses-setup/${after.id}`);
		expect(body.dns_records).toEqual(after.dns_records);
		expect([body.tenant_name, body.domain_identity]).toEqual(["after", "after.acme.com"]);
	} finally {
		await running.stop();
	}
	await expect(run({ adopt: after.id })).rejects.toMatchObject(
		refused(/has a row: the setup of after\.acme\.com/),
	);
	await expect(run({ remove: after.id })).rejects.toMatchObject(refused(/has a row/));
});

it("takes an orphan down, and nothing that has a row", async () => {
	const { id } = await create("unwanted");
	expect(await run({ remove: id })).toMatchObject({
		report: "unwanted.acme.com, tenant unwanted is gone from SES.",
	});
	expect([...ses().tenants.keys()]).toEqual(["before", "after"]);
	expect([...ses().identities.keys()]).toEqual(["before.acme.com", "after.acme.com"]);
	await expect(run({ remove: id })).rejects.toMatchObject(refused(/Nothing in SES carries the tag/));
	await expect(run({ remove: before.id })).rejects.toMatchObject(refused(/has a row/));
});

it("asks for the workspace where no tag tells it, and takes no other than the tag's", async () => {
	const { id } = await create("older");
	await expect(run({ adopt: id, workspace: randomUUID() })).rejects.toMatchObject(
		refused(/belongs to workspace/),
	);
	await expect(run({ adopt: id, workspace: "acme" })).rejects.toMatchObject({ code: "option-invalid" });
	for (const tagged of [ses().tenant("older"), ses().identity("older.acme.com")])
		tagged.tags = tagged.tags.filter(({ Key }) => Key === "channels-setup-id");
	expect((await run()).report).toContain(`reconcile --adopt ${id} --workspace UUID`);
	await expect(run({ adopt: id })).rejects.toMatchObject(refused(/give it with --workspace/));
	const workspace = randomUUID();
	expect((await run({ adopt: id, workspace })).report).toContain(`in workspace ${workspace} again`);
	expect((await run()).differs).toBe(false);
});

it("tells what a setup has lost in SES, and puts a domain into its tenant again", async () => {
	const { arn } = ses().identity("before.acme.com");
	ses().disassociate("before", arn);
	expect((await run()).report).toMatch(
		new RegExp(`before\\.acme\\.com, .*\\n.*is not in its tenant.*reconcile --associate ${before.id}`),
	);
	expect((await run({ associate: before.id })).report).toBe("before.acme.com is in the tenant before again.");
	expect((await run()).differs).toBe(false);
	ses().disassociate("before", arn);
	ses().deleteIdentity("before.acme.com");
	expect((await run()).report).toMatch(
		/its identity is gone, or another's\. Delete the setup through the API/,
	);
	await expect(run({ associate: before.id })).rejects.toMatchObject(refused(/lacks more in SES/));
});

it("offers to take down what is no whole setup, and not to adopt it", async () => {
	const { id } = await create("half");
	const { arn } = ses().identity("half.acme.com");
	ses().disassociate("half", arn);
	ses().deleteTenant("half");
	const { report } = await run();
	expect(report).toContain(`${id}  half.acme.com, workspace`);
	expect(report).not.toContain(`--adopt ${id}`);
	await expect(run({ adopt: id })).rejects.toMatchObject(refused(/only the identity is left/));
	expect((await run({ remove: id })).report).toBe("half.acme.com is gone from SES.");
});
