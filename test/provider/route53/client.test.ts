import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../provider/core/clock.js";
import type { Route53Access, Route53Api, Route53Error } from "../../../provider/core/route53/api.js";
import { connectRoute53 } from "../../../provider/core/route53/client.js";
import type { AwsSettings } from "../../../provider/core/settings/aws-settings.js";
import {
	type Account,
	defaultAccount,
	type Sandbox,
	sandboxAccount,
	startSandbox,
} from "../../../sandbox/index.js";
import { alias, standing, weighted } from "./sets.js";

const never = new AbortController().signal;
const other = sandboxAccount("222222222222");
const role = { arn: "arn:aws:iam::222222222222:role/dns", externalId: "agreed" };

let sandbox: Sandbox;
let zoneId: string;
beforeAll(async () => {
	sandbox = await startSandbox({ accounts: [other], roles: [role] });
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
		expect(error).toMatchObject({ code: "NoSuchHostedZone", unanswered: false });
		expect(error.message).toMatch(
			/^Route 53 could not get hosted zone Z0NOTHING: No hosted zone found with ID: Z0NOTHING \(NoSuchHostedZone, HTTP 404, request id [0-9a-f-]{36}\)\.$/,
		);
		expect(error.requestId).toBe(sandbox.log.all()[0]?.requestId);
	});

	it("of a refused batch give every reason", async () => {
		const route53 = await connect();
		const set = standing("x.acme.com", "TXT", ["no quotes"]);
		const error = await failure(route53.change(zoneId, [{ action: "CREATE", set }], never));
		expect(error.code).toBe("InvalidChangeBatch");
		expect(error.message).toContain("enclosed in quotation marks");
	});

	it("of permissions say which ones are needed", async () => {
		const route53 = await connect({}, as(other));
		const error = await failure(route53.getZone(zoneId, never));
		expect(error.code).toBe("AccessDenied");
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
		expect(error).toMatchObject({ name: "Route53Error", unanswered: true });
		expect(sandbox.log.count({ operation: "ChangeResourceRecordSets" })).toBe(1);
		const left = sandbox.route53.records(zoneId).find(({ Type }) => Type === "TXT");
		if (left) sandbox.route53.remove(zoneId, left.Name, "TXT");
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
