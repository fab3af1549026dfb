import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../../../provider/core/clock.js";
import type { Route53Access, Route53Api, Route53Error } from "../../../../provider/core/hosts/route53/api.js";
import { connectRoute53 } from "../../../../provider/core/hosts/route53/client.js";
import type { AwsSettings } from "../../../../provider/core/settings/aws-settings.js";
import {
	type Account,
	defaultAccount,
	type Sandbox,
	sandboxAccount,
	startSandbox,
} from "../../../../sandbox/index.js";
import { alias, standing, weighted } from "../../records/sets.js";

const never = new AbortController().signal;
const other = sandboxAccount("222222222222");
const role = { arn: "arn:aws:iam::222222222222:role/dns", externalId: "agreed" };
/** For whom the role above is, and no user: what is assumed first. */
const hub = sandboxAccount("333333333333");
const hubRole = { arn: "arn:aws:iam::333333333333:role/ci", webIdentityToken: "a token" };
const spokeRole = { arn: "arn:aws:iam::222222222222:role/spoke", trustedAccounts: [hub.id] };

let sandbox: Sandbox;
let zoneId: string;
beforeAll(async () => {
	sandbox = await startSandbox({ accounts: [other, hub], roles: [role, hubRole, spokeRole] });
	zoneId = sandbox.route53.createZone("acme.com").id;
});
afterAll(() => sandbox.close());
beforeEach(() => sandbox.log.clear());

const as = ({ accessKeyId, secretAccessKey }: Account): AwsSettings => ({
	accessKey: accessKeyId,
	secretKey: secretAccessKey,
	endpoints: { route53: sandbox.route53.url, sts: sandbox.sts.url },
});

const connect = (access: Route53Access = {}, aws = as(defaultAccount)): Promise<Route53Api> =>
	connectRoute53({
		access,
		aws,
		env: () => undefined,
		clock: systemClock,
		random: Math.random,
		stop: never,
		onBusy() {},
	});

const failure = async (call: Promise<unknown>) =>
	(await call.catch((error: unknown) => error)) as Route53Error;

describe("record sets", () => {
	it("come back exactly as they were created, whatever they are", async () => {
		const route53 = await connect();
		const sets = [
			standing("*.acme.com", "A", ["192.0.2.1", "192.0.2.2"]),
			standing("_dmarc.acme.com", "TXT", ['"a" "b"', '"\\303\\244\\"\\\\"', `"${"x".repeat(255)}" "rest"`]),
			weighted("w.acme.com", "MX", ["10 a.acme.com"], "one"),
			weighted("w.acme.com", "MX", ["10 b.acme.com"], "two"),
			alias("z.acme.com", "A", "lb.example.net."),
		];
		await route53.change(
			zoneId,
			sets.map((set) => ({ action: "CREATE", set })),
			never,
		);
		const { items } = await route53.listRecordSets(zoneId, { name: "acme.com" }, never);
		const found = items.filter(({ name }) => name !== "acme.com");
		expect(found.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual(sets);
		// What was read can be deleted as it was read.
		await route53.change(
			zoneId,
			found.map((set) => ({ action: "DELETE", set })),
			never,
		);
		expect(sandbox.route53.records(zoneId).map(({ Type }) => Type)).toEqual(["NS", "SOA"]);
	});
});

describe("failures", () => {
	it("say what was tried, AWS's words, the status and the request id", async () => {
		const route53 = await connect();
		const error = await failure(route53.getZone("Z0NOTHING", never));
		expect(error).toMatchObject({ word: "NoSuchHostedZone", kind: "gone" });
		expect(error.message).toMatch(
			/^Route 53 could not get hosted zone Z0NOTHING: No hosted zone found with ID: Z0NOTHING \(NoSuchHostedZone, HTTP 404, request id [0-9a-f-]{36}\)\.$/,
		);
		expect(error.requestId).toBe(sandbox.log.all()[0]?.requestId);
	});

	it("of a refused batch give every reason", async () => {
		const route53 = await connect();
		const set = standing("x.acme.com", "TXT", ["no quotes"]);
		const error = await failure(route53.change(zoneId, [{ action: "CREATE", set }], never));
		expect(error.word).toBe("InvalidChangeBatch");
		expect(error.message).toContain("enclosed in quotation marks");
	});

	it("of permissions say which ones are needed", async () => {
		const route53 = await connect({}, as(other));
		const error = await failure(route53.getZone(zoneId, never));
		expect(error.word).toBe("AccessDenied");
		expect(error.message).toContain("route53:ListHostedZonesByName");
	});

	it.each([
		["a dropped connection", { kind: "drop", when: "after" }],
		["a 500", { kind: "error", status: 500, code: "InternalFailure", message: "oops" }],
		["a 503", { kind: "error", status: 503, code: "ServiceUnavailable", message: "later" }],
		["a 200 that cannot be read", { kind: "answer", status: 200, body: "<html>gateway</html>" }],
	] as const)("by %s leave open whether a change was made, and it is not sent again", async (_, effect) => {
		const route53 = await connect();
		const lift = sandbox.faults.add({ service: "route53", operation: "ChangeResourceRecordSets", effect });
		const set = standing("x.acme.com", "TXT", ['"x"']);
		const error = await failure(route53.change(zoneId, [{ action: "CREATE", set }], never));
		lift();
		expect(error).toMatchObject({ name: "Route53Error", kind: "unanswered" });
		expect(sandbox.log.count({ operation: "ChangeResourceRecordSets" })).toBe(1);
		const left = sandbox.route53.records(zoneId).find(({ Type }) => Type === "TXT");
		if (left) sandbox.route53.remove(zoneId, left.Name, "TXT");
	});

	it.each([
		["a dropped connection", { kind: "drop", when: "before" }, "Check the network"],
		[
			"a 503",
			{ kind: "error", status: 503, code: "ServiceUnavailable", message: "no" },
			"Later, run it again",
		],
		["a gateway's page", { kind: "answer", status: 502, body: "<html>" }, "the answer is none of AWS"],
		["half a text", { kind: "answer", status: 200, body: "<A><B>" }, "the answer is none of AWS"],
	] as const)("by %s say what to do next, in no words of the SDK's", async (_, effect, words) => {
		const route53 = await connect({}, { ...as(defaultAccount), maxAttempts: 1 });
		const lift = sandbox.faults.add({ service: "route53", effect });
		const { message } = await failure(route53.getZone(zoneId, never));
		lift();
		expect(message).toContain(words);
		expect(message).toContain("run it again: what is done already is not done twice");
		expect(message).not.toMatch(/UnknownError|hidden field/);
	});

	it("of a call that only reads are repeated", async () => {
		const route53 = await connect();
		const lift = sandbox.faults.add({
			service: "route53",
			operation: "GetHostedZone",
			times: 2,
			effect: { kind: "drop", when: "before" },
		});
		expect(await route53.getZone(zoneId, never)).toMatchObject({ name: "acme.com" });
		lift();
		expect(sandbox.log.count({ operation: "GetHostedZone" })).toBe(3);
	});

	it("end at once when the call is aborted", async () => {
		const route53 = await connect();
		const lift = sandbox.faults.add({ service: "route53", effect: { kind: "delay", ms: 60_000 } });
		const controller = new AbortController();
		const call = failure(route53.getZone(zoneId, controller.signal));
		await sandbox.log.until((log) => log.count({ operation: "GetHostedZone" }) === 1);
		controller.abort(new Error("stop"));
		expect((await call).message).toBe("stop");
		lift();
	});
});

describe("a role", () => {
	it("is assumed with its external id, and reaches the zones of its account", async () => {
		const theirs = sandbox.route53.createZone("other.com", { account: other.id });
		const route53 = await connect({ roleArn: role.arn, externalId: role.externalId });
		expect(await route53.getZone(theirs.id, never)).toMatchObject({ name: "other.com" });
		expect(sandbox.log.all({ service: "sts" })[0]?.input).toMatchObject({
			RoleArn: role.arn,
			ExternalId: "agreed",
			RoleSessionName: "pulumi-channels",
		});
	});

	it("that cannot be assumed is named, and what to check", async () => {
		const route53 = await connect({ roleArn: role.arn, externalId: "wrong" });
		const error = await failure(route53.getZone(zoneId, never));
		expect(error.message).toContain(role.arn);
		expect(error.message).toContain("externalId");
		expect(sandbox.log.count({ service: "route53" })).toBe(0);
	});

	it("for which STS gives no credentials is named, and not the call that needs them alone", async () => {
		const aws = { ...as(defaultAccount), maxAttempts: 1 };
		const route53 = await connect({ roleArn: role.arn, externalId: role.externalId }, aws);
		const lift = sandbox.faults.add({ service: "sts", effect: { kind: "drop", when: "before" } });
		const error = await failure(route53.getZone(zoneId, never));
		lift();
		expect(error).toMatchObject({ word: "ConnectionLost", kind: "unanswered" });
		expect(error.message).toContain(`because the role ${role.arn} could not be assumed: `);
		expect(error.message).toContain("Check the network");
	});

	it("of the stack is assumed unless the resource names its own profile", async () => {
		const theirs = sandbox.route53.createZone("third.com", { account: other.id });
		const route53 = await connect(
			{},
			{
				...as(defaultAccount),
				assumeRoles: [{ roleArn: role.arn, externalId: "agreed", sessionName: "ci" }],
			},
		);
		expect(await route53.getZone(theirs.id, never)).toMatchObject({ name: "third.com" });
	});
});

describe("the stack's own role", () => {
	/** Who called STS for what, in order. */
	const assumed = () =>
		sandbox.log
			.all({ service: "sts" })
			.map(({ account, input }) => [account, (input as { RoleArn: string }).RoleArn]);

	it("is what the resource's role is assumed from", async () => {
		const theirs = sandbox.route53.createZone("spoke.com", { account: other.id });
		const aws = { ...as(defaultAccount), assumeRoles: [{ roleArn: hubRole.arn }] };
		const route53 = await connect({ roleArn: spokeRole.arn }, aws);
		expect(await route53.getZone(theirs.id, never)).toMatchObject({ name: "spoke.com" });
		expect(assumed()).toEqual([
			[defaultAccount.id, hubRole.arn],
			[hub.id, spokeRole.arn],
		]);
	});

	it("is assumed with all that its session is to have", async () => {
		const session = {
			sessionName: "ci",
			durationSeconds: 900,
			policy: "{}",
			policyArns: ["arn:aws:iam::aws:policy/A", "arn:aws:iam::aws:policy/B"],
			sourceIdentity: "ada",
			tags: { team: "mail" },
			transitiveTagKeys: ["team"],
		};
		const aws = { ...as(defaultAccount), assumeRoles: [{ roleArn: hubRole.arn, ...session }] };
		await (await connect({}, aws)).listZonesByName({ name: "acme.com" }, never);
		expect(sandbox.log.all({ service: "sts" })[0]?.input).toMatchObject({
			RoleSessionName: "ci",
			DurationSeconds: "900",
			Policy: "{}",
			"PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/A",
			"PolicyArns.member.2.arn": "arn:aws:iam::aws:policy/B",
			SourceIdentity: "ada",
			"Tags.member.1.Key": "team",
			"Tags.member.1.Value": "mail",
			"TransitiveTagKeys.member.1": "team",
		});
	});

	it("may be that of a web identity, by its token or the file of it, and others are assumed from it", async () => {
		const theirs = sandbox.route53.createZone("web.com", { account: other.id });
		const folder = await mkdtemp(join(tmpdir(), "web-identity-"));
		onTestFinished(() => rm(folder, { recursive: true }));
		const file = join(folder, "token");
		await writeFile(file, "a token");
		for (const identity of [{ token: "a token" }, { tokenFile: file }]) {
			sandbox.log.clear();
			const { endpoints } = as(defaultAccount);
			const webIdentity = { roleArn: hubRole.arn, durationSeconds: 900, ...identity };
			const assumeRoles = [{ roleArn: spokeRole.arn }];
			const route53 = await connect({}, { endpoints: endpoints ?? {}, webIdentity, assumeRoles });
			expect(await route53.getZone(theirs.id, never)).toMatchObject({ name: "web.com" });
			expect(assumed()).toEqual([
				[undefined, hubRole.arn],
				[hub.id, spokeRole.arn],
			]);
			expect(sandbox.log.all({ service: "sts" })[0]?.input).toMatchObject({ DurationSeconds: "900" });
		}
	});
});

describe("the accounts that the stack allows", () => {
	const set = standing("a.acme.com", "TXT", ['"a"']);

	it.each([
		["another", { allowedAccountIds: [other.id] }, `aws:allowedAccountIds has only ${other.id}`],
		["a forbidden", { forbiddenAccountIds: [defaultAccount.id] }, "which aws:forbiddenAccountIds names"],
	])("keep the credentials of %s account from every call", async (_, accounts, reason) => {
		const route53 = await connect({}, { ...as(defaultAccount), ...accounts });
		const error = await failure(route53.change(zoneId, [{ action: "CREATE", set }], never));
		expect(error).toMatchObject({ name: "Route53Error", word: "AccountNotAllowed", kind: "denied" });
		expect(error.message).toContain(`account ${defaultAccount.id}`);
		expect(error.message).toContain(reason);
		expect((await failure(route53.getZone(zoneId, never))).word).toBe("AccountNotAllowed");
		expect(sandbox.log.count({ service: "route53" })).toBe(0);
		expect(sandbox.log.count({ operation: "GetCallerIdentity" })).toBe(1);
	});

	it("are those of the role, once for all calls, and nobody asks without the setting", async () => {
		const theirs = sandbox.route53.createZone("allowed.com", { account: other.id });
		const access = { roleArn: role.arn, externalId: role.externalId };
		const route53 = await connect(access, { ...as(defaultAccount), allowedAccountIds: [other.id] });
		await Promise.all([route53.getZone(theirs.id, never), route53.getZone(theirs.id, never)]);
		expect(sandbox.log.count({ operation: "GetCallerIdentity" })).toBe(1);
		await (await connect()).getZone(zoneId, never);
		expect(sandbox.log.count({ operation: "GetCallerIdentity" })).toBe(1);
	});

	it.each([
		["a page of a proxy", 200, "the answer is none of AWS"],
		["a throttling", 400, "run it again when less is going on"],
	])("are of nobody where %s comes in the place of STS's answer", async (_, status, words) => {
		const aws = { ...as(defaultAccount), allowedAccountIds: [defaultAccount.id], maxAttempts: 2 };
		const route53 = await connect({}, aws);
		const lift = sandbox.faults.add({
			service: "sts",
			times: Number.POSITIVE_INFINITY,
			effect:
				status === 200
					? {
							kind: "answer",
							status,
							headers: { "content-type": "text/html" },
							body: "<html/>",
							when: "before",
						}
					: { kind: "error", status, code: "Throttling", message: "Rate exceeded" },
		});
		const error = await failure(route53.getZone(zoneId, never));
		lift();
		expect(error.message).toContain("STS could not say whose the credentials are");
		expect(error.message).toContain(words);
		expect(error.message).not.toContain("undefined");
		expect(await route53.getZone(zoneId, never)).toMatchObject({ name: "acme.com" });
	});

	it("are asked for again where STS gave no answer", async () => {
		const aws = { ...as(defaultAccount), allowedAccountIds: [defaultAccount.id], maxAttempts: 1 };
		const route53 = await connect({}, aws);
		const lift = sandbox.faults.add({ service: "sts", effect: { kind: "drop", when: "before" } });
		const error = await failure(route53.getZone(zoneId, never));
		lift();
		expect(error.message).toContain("STS could not say whose the credentials are");
		expect(await route53.getZone(zoneId, never)).toMatchObject({ name: "acme.com" });
	});
});

it("sends a call no more often than aws:maxRetries says", async () => {
	const route53 = await connect({}, { ...as(defaultAccount), maxAttempts: 2 });
	const lift = sandbox.faults.add({
		service: "route53",
		times: Number.POSITIVE_INFINITY,
		effect: { kind: "error", status: 400, code: "Throttling", message: "Rate exceeded" },
	});
	expect((await failure(route53.getZone(zoneId, never))).word).toBe("Throttling");
	lift();
	expect(sandbox.log.count({ service: "route53" })).toBe(2);
});
