import { describe, expect, test } from "vitest";
import { type Answer, createLookups, type DnsRecord } from "../../../dns/index.js";
import { waitUntilVerified } from "../../../provider/core/verification/wait.js";
import type { World } from "../../../provider/core/world.js";
import { ChannelsClient, type HttpAnswer, type SesSetupDetailResponse } from "../../../sdk/index.js";
import { VirtualClock } from "../virtual-clock.js";

const setupId = "6f1c1d9e-5b53-4c29-9d6f-0f3a4f2a1b11";
const records: DnsRecord[] = [
	{
		address: "abcdefghijklmnopqrstuvwxyz234567._domainkey.mail.acme.test",
		type: "CNAME",
		record: "abcdefghijklmnopqrstuvwxyz234567.dkim.amazonses.com",
	},
	{ address: "mail.acme.test", type: "MX", record: "10 inbound-smtp.us-east-1.amazonaws.com" },
	{ address: "_dmarc.mail.acme.test", type: "TXT", record: "v=DMARC1; p=none" },
];
const [dkim, mx] = records as [DnsRecord, DnsRecord, DnsRecord];

interface Script {
	/** Seconds after which each record is in DNS; a value in its stead; never. */
	dns?: (record: DnsRecord, seconds: number) => Answer | boolean;
	/** What the API says of each record. */
	verified?: (record: DnsRecord, seconds: number) => boolean;
	/** Answers of the API in place of the setup. */
	api?: (seconds: number) => HttpAnswer | undefined;
	slots?: number;
}

/** A world on a virtual clock, with DNS and the API in this process. */
function stage({ dns = () => true, verified = () => true, api, slots = 8 }: Script) {
	const clock = new VirtualClock();
	const began = clock.now();
	const seconds = () => (clock.now() - began) / 1000;
	const stop = new AbortController();
	const shown: string[] = [];
	const asked: number[] = [];
	const world = {
		clock,
		random: () => 0.5,
		workspaceId: "b8a1a1de-0d0c-4f3e-8a55-0c2e8a1f9d10",
		channels: new ChannelsClient({
			apiKey: "key",
			workspaceId: "b8a1a1de-0d0c-4f3e-8a55-0c2e8a1f9d10",
			clock,
			random: () => 0.5,
			transport: {
				async send() {
					asked.push(seconds());
					const setup: SesSetupDetailResponse = {
						id: setupId,
						tenant_name: "acme",
						domain_identity: "mail.acme.test",
						dns_checked_at: new Date(clock.now()).toISOString(),
						dns_records: records.map((record) => ({ ...record, verified: verified(record, seconds()) })),
						created_at: new Date(began).toISOString(),
						updated_at: new Date(began).toISOString(),
					};
					const headers = { "content-type": "application/json", "x-request-id": "r" };
					return api?.(seconds()) ?? { status: 200, headers, body: JSON.stringify(setup) };
				},
				close: async () => {},
			},
		}),
		lookups: createLookups({
			servers: ["192.0.2.1", "192.0.2.2"],
			ask: async (name, type) => {
				const record = records.find((each) => each.address === name && each.type === type);
				const outcome = record ? dns(record, seconds()) : false;
				if (typeof outcome === "object") return outcome;
				return outcome && record
					? { kind: "found", values: [record.record] }
					: { kind: "none", reason: "NXDOMAIN" };
			},
		}),
		route53: () => Promise.reject(new Error("a wait needs no zone")),
		progress: { show() {}, warn() {} },
		stop: stop.signal,
		slots,
	} satisfies World;
	const wait = (more: { purpose?: "all" | "sending" | "receiving"; minutes?: number } = {}) =>
		waitUntilVerified(
			world,
			{ setupId, records, purpose: more.purpose ?? "all", timeoutMs: (more.minutes ?? 20) * 60_000 },
			{ show: (line) => shown.push(line), warn() {} },
			stop.signal,
		);
	return { wait, shown, asked, stop, seconds };
}

describe("a wait", () => {
	test("asks the API once when DNS is prompt", async () => {
		const { wait, asked } = stage({});
		expect(await wait()).toMatchObject({ verified: true, reasons: [] });
		expect(asked).toHaveLength(1);
	});

	test("asks the API only after every server has every record", async () => {
		const { wait, asked } = stage({ dns: (record, now) => record.type !== "MX" || now >= 300 });
		expect(await wait()).toMatchObject({ verified: true });
		expect(asked[0]).toBeGreaterThanOrEqual(300);
		expect(asked).toHaveLength(1);
	});

	test("asks again with growing pauses while the API does not accept the records yet", async () => {
		const { wait, asked } = stage({ verified: (_, now) => now >= 600 });
		expect(await wait()).toMatchObject({ verified: true });
		const pauses = asked.slice(1).map((at, index) => at - (asked[index] ?? 0));
		expect(Math.max(...pauses)).toBeLessThanOrEqual(75);
		expect(pauses.at(-1)).toBeGreaterThan(pauses[0] ?? 0);
		expect(asked.length).toBeLessThan(20);
	});

	test("asks the API blindly where no name server answers at all", async () => {
		const { wait, asked } = stage({ dns: () => ({ kind: "failed", reason: "timeout" }) });
		expect(await wait()).toMatchObject({ verified: true });
		expect(asked).toHaveLength(1);
	});

	test("for sending needs DKIM alone, for receiving MX alone", async () => {
		const sending = stage({
			dns: (record) => record === dkim,
			verified: (record) => record.type === "CNAME",
		});
		expect(await sending.wait({ purpose: "sending" })).toMatchObject({ verified: true });
		const receiving = stage({ dns: (record) => record === mx, verified: (record) => record.type === "MX" });
		expect(await receiving.wait({ purpose: "receiving" })).toMatchObject({ verified: true });
	});

	test("ends at its deadline with a reason for each record", async () => {
		const { wait, asked, seconds } = stage({
			dns: (record) =>
				record === dkim || (record === mx ? { kind: "found", values: ["20 mx.other.test"] } : false),
		});
		const outcome = await wait({ minutes: 10 });
		expect(outcome.verified).toBe(false);
		expect(outcome.reasons).toEqual([
			expect.stringMatching(/^3 of 3 records were not verified within 10m/),
			expect.stringMatching(
				/^MX mail\.acme\.test: expected "10 inbound.*found "20 mx\.other\.test" at 192\.0\.2\.1:53, 192\.0\.2\.2:53/,
			),
			expect.stringMatching(/^TXT _dmarc.*found nothing at 192\.0\.2\.1/),
			"Every name server has the other 1; the Channels API is asked once all are there.",
		]);
		expect(asked).toEqual([]);
		expect(seconds()).toBeLessThan(620);
	});

	test("says which servers lack a record", async () => {
		let calls = 0;
		const { wait } = stage({ dns: (record) => record !== mx || calls++ % 2 === 0 });
		const outcome = await wait({ minutes: 1 });
		expect(outcome.reasons[1]).toMatch(
			/^MX .*only some name servers have it: 192\.0\.2\.\d:53 has it, 192\.0\.2\.\d:53 does not/,
		);
	});

	test("goes on while the API has a bad time, and says so if that does not end", async () => {
		const broken: HttpAnswer = {
			status: 503,
			headers: { "content-type": "application/json" },
			body: '{"detail":"Channel manager unavailable."}',
		};
		const passing = stage({ api: (now) => (now < 120 ? broken : undefined) });
		expect(await passing.wait()).toMatchObject({ verified: true });
		const lasting = stage({ api: () => broken });
		expect((await lasting.wait({ minutes: 5 })).reasons.at(-1)).toContain("Channel manager unavailable.");
	});

	test("ends at once when the setup is gone or the key is refused", async () => {
		const answer = (status: number): HttpAnswer => ({
			status,
			headers: { "content-type": "application/json" },
			body: '{"detail":"no"}',
		});
		await expect(stage({ api: () => answer(404) }).wait()).rejects.toThrow(/is gone/);
		await expect(stage({ api: () => answer(401) }).wait()).rejects.toThrow(/401|key/i);
	});

	test("says that the API does not accept what every server has", async () => {
		const { wait } = stage({ verified: (record) => record.type !== "CNAME" });
		const outcome = await wait({ minutes: 5 });
		expect(outcome.reasons).toHaveLength(2);
		expect(outcome.reasons[1]).toMatch(/^CNAME .*every authoritative server has it, but .*72 hours/);
	});

	test("ends at once when it is told to stop", async () => {
		const { wait, stop } = stage({ dns: () => false });
		const waiting = wait();
		stop.abort(new Error("Told to stop."));
		await expect(waiting).rejects.toThrow("Told to stop.");
	});
});

describe("the progress line", () => {
	test("counts by kind and names what is waited for, and how long", async () => {
		const { wait, shown } = stage({ dns: (record, now) => record.type !== "MX" || now > 60 });
		await wait({ minutes: 5 });
		expect(shown).toContain("DKIM 1/1 · MX 0/1 · DMARC 1/1 · waiting for mail.acme.test MX (5m left)");
		expect(shown.at(-1)).toBe("DKIM 1/1 · MX 1/1 · DMARC 1/1 · verified");
	});

	test("shortens the names of DKIM", async () => {
		const { wait, shown } = stage({ dns: (_, now) => now > 60 });
		await wait({ minutes: 5 });
		expect(shown[0]).toContain("waiting for abcdefgh…._domainkey.mail.acme.test CNAME and 2 more");
	});

	test("says when waits hold every slot of the run", async () => {
		const { wait, shown } = stage({ dns: (_, now) => now > 30, slots: 1 });
		await wait();
		expect(shown[0]).toContain("--parallel N");
	});
});
