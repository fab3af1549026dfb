import { Resolver } from "node:dns/promises";
import {
	CreateHostedZoneCommand,
	ListHostedZonesCommand,
	type ListHostedZonesCommandOutput,
} from "@aws-sdk/client-route-53";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/index.js";
import { route53Client } from "../support/aws.js";

let sandbox: Sandbox;
beforeEach(async () => {
	sandbox = await startSandbox();
});
afterEach(() => sandbox.close());

const list = (): Promise<ListHostedZonesCommandOutput> =>
	route53Client(sandbox).send(new ListHostedZonesCommand({}));
const create = (reference: string) =>
	route53Client(sandbox).send(new CreateHostedZoneCommand({ Name: "acme.com", CallerReference: reference }));
const zoneCount = () => sandbox.route53.allZones().length;

describe("faults", () => {
	it("hit the calls from the n-th on, as often as asked, and no others", async () => {
		sandbox.faults.add({
			service: "route53",
			operation: "ListHostedZones",
			from: 2,
			times: 2,
			effect: { kind: "error", status: 400, code: "Throttling", message: "Rate exceeded" },
		});
		const outcomes: string[] = [];
		for (let call = 0; call < 4; call += 1) {
			await create(String(call));
			outcomes.push(
				await list().then(
					() => "ok",
					(error: Error) => error.name,
				),
			);
		}
		expect(outcomes).toEqual(["ok", "Throttling", "Throttling", "ok"]);
		expect(sandbox.log.all({ operation: "ListHostedZones" }).map(({ error }) => error)).toEqual([
			undefined,
			"Throttling",
			"Throttling",
			undefined,
		]);
	});

	it("drop a connection before the work is done", async () => {
		sandbox.faults.add({ service: "route53", effect: { kind: "drop", when: "before" } });
		await expect(create("1")).rejects.toThrow(/socket hang up|ECONNRESET/);
		expect(zoneCount()).toBe(0);
		expect(sandbox.log.all()).toMatchObject([{ operation: "CreateHostedZone", status: undefined }]);
	});

	it("drop a connection after the work is done", async () => {
		sandbox.faults.add({ service: "route53", effect: { kind: "drop", when: "after" } });
		await expect(create("1")).rejects.toThrow(/socket hang up|ECONNRESET/);
		expect(zoneCount()).toBe(1);
	});

	it("answer an error although the work is done", async () => {
		sandbox.faults.add({
			service: "route53",
			effect: { kind: "error", status: 500, code: "InternalFailure", message: "late", when: "after" },
		});
		await expect(create("1")).rejects.toMatchObject({ name: "InternalFailure", message: "late" });
		expect(zoneCount()).toBe(1);
	});

	it("answer word for word, with headers", async () => {
		sandbox.faults.add({
			service: "route53",
			effect: {
				kind: "answer",
				status: 502,
				headers: { "content-type": "text/html" },
				body: "<h1>Bad Gateway</h1>",
			},
		});
		const response = await fetch(`${sandbox.route53.url}/2013-04-01/hostedzone`);
		expect([response.status, response.headers.get("content-type"), await response.text()]).toEqual([
			502,
			"text/html",
			"<h1>Bad Gateway</h1>",
		]);
	});

	it("end an answer in the middle, although the work is done", async () => {
		sandbox.faults.add({ service: "route53", effect: { kind: "cut" } });
		await expect(create("1")).rejects.toThrow(/aborted|ECONNRESET/);
		expect(zoneCount()).toBe(1);
	});

	it("end a DNS message in the middle", async () => {
		sandbox.route53.createZone("acme.com");
		const resolver = new Resolver({ tries: 1 });
		resolver.setServers([sandbox.dns.authoritative]);
		sandbox.faults.add({ service: "dns", operation: "SOA", effect: { kind: "cut" } });
		await expect(resolver.resolveSoa("acme.com")).rejects.toThrow("EBADRESP");
		await expect(resolver.resolveSoa("acme.com")).resolves.toMatchObject({ expire: 1_209_600 });
	});

	it("delay a call, which the log shows meanwhile", async () => {
		sandbox.faults.add({ service: "route53", effect: { kind: "delay", ms: 100 } });
		const pending = list();
		await sandbox.log.until((log) => log.count({ operation: "ListHostedZones" }) === 1);
		expect(sandbox.log.all()[0]?.endedAt).toBeUndefined();
		await pending;
		const [entry] = sandbox.log.all();
		expect((entry?.endedAt ?? 0) - (entry?.at ?? 0)).toBeGreaterThanOrEqual(99);
	});

	it("can be bound to what a call asks for, and lifted", async () => {
		const lift = sandbox.faults.add({
			service: "route53",
			times: Number.POSITIVE_INFINITY,
			match: (input) => (input as { CallerReference?: string }).CallerReference === "bad",
			effect: { kind: "error", status: 503, code: "ServiceUnavailable", message: "no" },
		});
		await create("good");
		await expect(create("bad")).rejects.toMatchObject({ name: "ServiceUnavailable" });
		lift();
		await create("bad");
	});
});

describe("the HTTP front", () => {
	it("closes open connections when the sandbox closes, answered or not", async () => {
		const own = await startSandbox();
		own.faults.add({ service: "route53", effect: { kind: "delay", ms: 60_000 } });
		const pending = fetch(`${own.route53.url}/2013-04-01/hostedzone`);
		const failed = expect(pending).rejects.toThrow();
		await own.log.until((log) => log.count() === 1);
		await own.close();
		await failed;
	});

	it("refuses a request without a signature as AWS does", async () => {
		const response = await fetch(`${sandbox.route53.url}/2013-04-01/hostedzone`);
		expect(response.status).toBe(403);
		expect(await response.text()).toContain("<Code>MissingAuthenticationToken</Code>");
	});

	it("refuses an access key of no account", async () => {
		const stranger = route53Client(sandbox, { accessKeyId: "AKIASTRANGER00000000", secretAccessKey: "x" });
		await expect(stranger.send(new ListHostedZonesCommand({}))).rejects.toMatchObject({
			name: "InvalidClientTokenId",
			$metadata: { httpStatusCode: 403 },
		});
	});
});
