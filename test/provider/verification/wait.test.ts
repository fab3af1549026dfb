import { describe, expect, test } from "vitest";
import { type Answer, createLookups, type DnsRecord, type Lookups } from "../../../dns/index.js";
import { kindsFor, ofKinds } from "../../../provider/arguments/record-kinds.js";
import { RemoteChannels } from "../../../provider/core/channels/remote/remote.js";
import { RunCache } from "../../../provider/core/run/cache.js";
import { Claims } from "../../../provider/core/run/claims.js";
import { waitUntilVerified } from "../../../provider/core/verification/wait.js";
import type { World } from "../../../provider/core/world.js";
import {
	ChannelsClient,
	type DiagnosisResponse,
	type HttpAnswer,
	type SesSetupDetailResponse,
} from "../../../sdk/index.js";
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

const aborted = (signal: AbortSignal) =>
	new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

interface Script {
	/** Seconds after which each record is in DNS; a value in its stead; never. */
	dns?: (record: DnsRecord, seconds: number, server: string) => Answer | boolean;
	/** In place of two name servers that are given. */
	lookups?: (clock: VirtualClock) => Lookups;
	/** What the API says of each record. */
	verified?: (record: DnsRecord, seconds: number) => boolean;
	/** Answers of the API in place of the setup. */
	api?: (seconds: number) => HttpAnswer | "never" | undefined;
	/** What the API says of itself when it is asked why; it has no word for that by default. */
	diagnosis?: DiagnosisResponse;
	/** The records that the API asks for. */
	asksFor?: readonly DnsRecord[];
	/** Those that are waited for. */
	waitsFor?: DnsRecord[];
	slots?: number;
}

/** Look-ups without servers given, of which some kind is never answered. */
const unanswered = (blocked: "direct" | "all") => (clock: VirtualClock) =>
	createLookups({
		ask: async (name, type, { server, signal = new AbortController().signal }) => {
			if (blocked === "all" || server !== undefined) {
				await clock.sleep(4_000, signal);
				return { kind: "failed", reason: "no answer within 4 s", silent: true };
			}
			if (type === "A") return { kind: "found", values: [`192.0.2.${name.charCodeAt(0)}`] };
			const serversOf = ["test", "acme.test"].includes(name) && type === "NS";
			return serversOf
				? { kind: "found", values: ["a", "b", "c", "d"].map((host) => `${host}.${name}`) }
				: { kind: "none", reason: "NODATA" };
		},
	});

function diagnosed(diagnosis: DiagnosisResponse | undefined): HttpAnswer {
	const headers = { "content-type": "application/json", "x-request-id": "r" };
	return diagnosis === undefined
		? { status: 404, headers, body: '{"detail":"Not Found"}' }
		: { status: 200, headers, body: JSON.stringify(diagnosis) };
}

/** A world on a virtual clock, with DNS and the API in this process. */
function stage({
	dns = () => true,
	verified = () => true,
	api,
	waitsFor = records,
	asksFor = waitsFor,
	slots = 8,
	...script
}: Script) {
	const clock = new VirtualClock();
	const began = clock.now();
	const seconds = () => (clock.now() - began) / 1000;
	const stop = new AbortController();
	const shown: string[] = [];
	const warned: string[] = [];
	const asked: number[] = [];
	const world = {
		clock,
		random: () => 0.5,
		channels: new RemoteChannels(
			new ChannelsClient({
				apiKey: "key",
				workspaceId: "b8a1a1de-0d0c-4f3e-8a55-0c2e8a1f9d10",
				baseUrl: "https://channels.acme.test",
				clock,
				random: () => 0.5,
				transport: {
					async send({ signal, url }) {
						if (url.pathname.endsWith("/diagnosis")) return diagnosed(script.diagnosis);
						asked.push(seconds());
						const answer = api?.(seconds());
						if (answer === "never") return aborted(signal);
						const setup: SesSetupDetailResponse = {
							id: setupId,
							tenant_name: "acme",
							domain_identity: "mail.acme.test",
							dns_checked_at: new Date(clock.now()).toISOString(),
							dns_records: asksFor.map((record) => ({ ...record, verified: verified(record, seconds()) })),
							created_at: new Date(began).toISOString(),
							updated_at: new Date(began).toISOString(),
						};
						const headers = { "content-type": "application/json", "x-request-id": "r" };
						return answer ?? { status: 200, headers, body: JSON.stringify(setup) };
					},
					close: async () => {},
				},
			}),
		),
		lookups:
			script.lookups?.(clock) ??
			createLookups({
				servers: ["192.0.2.1", "192.0.2.2"],
				ask: async (name, type, { server = "" }) => {
					const record = records.find((each) => each.address === name && each.type === type);
					const outcome = record ? dns(record, seconds(), server) : false;
					if (typeof outcome === "object") return outcome;
					return outcome && record
						? { kind: "found", values: [record.record] }
						: { kind: "none", reason: "NXDOMAIN" };
				},
			}),
		hosts: { route53: () => Promise.reject(new Error("a wait needs no zone")) },
		progress: { show() {}, warn() {} },
		stop: stop.signal,
		slots,
		claims: new Claims(),
		cache: new RunCache(),
		urn: undefined,
	} satisfies World;
	const wait = (more: { purpose?: "all" | "sending" | "receiving"; minutes?: number } = {}) =>
		waitUntilVerified(
			world,
			{
				ref: { id: setupId },
				records: waitsFor,
				needed: ofKinds(waitsFor, "mail.acme.test", kindsFor(more.purpose ?? "all")),
				timeoutMs: (more.minutes ?? 20) * 60_000,
			},
			{ show: (line) => shown.push(line), warn: (words) => warned.push(...[words].flat()) },
			stop.signal,
		);
	return { wait, shown, warned, asked, stop, seconds, world };
}

describe("a wait", () => {
	test("asks the API once when DNS is prompt", async () => {
		const { wait, asked } = stage({});
		expect(await wait()).toMatchObject({ verified: true, reasons: [] });
		expect(asked).toHaveLength(1);
	});

	test("asks the API as soon as every server has every record, and not before", async () => {
		const { wait, asked, warned } = stage({ dns: (record, now) => record.type !== "MX" || now >= 200 });
		expect(await wait()).toMatchObject({ verified: true });
		expect(asked[0]).toBeGreaterThanOrEqual(200);
		expect(asked[0]).toBeLessThan(220);
		expect(asked).toHaveLength(1);
		expect(warned).toEqual([]);
	});

	describe("of hundreds at once", () => {
		/** The most of these moments, in seconds, that lie within one second. */
		const busiest = (moments: readonly number[]) => {
			const sorted = moments.toSorted((a, b) => a - b);
			let from = 0;
			let most = 0;
			for (const [index, at] of sorted.entries()) {
				while ((sorted[from] ?? at) <= at - 1) from += 1;
				most = Math.max(most, index - from + 1);
			}
			return most;
		};
		const crowd = <T>(count: number, one: () => Promise<T>) =>
			Promise.all(Array.from({ length: count }, one));

		test("asks the API and a name server no faster than some do", async () => {
			const questions: number[] = [];
			const { wait, asked } = stage({
				dns(_record, now, server) {
					if (server === "192.0.2.1:53") questions.push(now);
					return now >= 100;
				},
				verified: (_, now) => now >= 130,
			});
			for (const { verified } of await crowd(1_000, () => wait())) expect(verified).toBe(true);
			expect(busiest(asked)).toBeLessThanOrEqual(50 + 1);
			expect(busiest(questions)).toBeLessThanOrEqual(3 * 40 + 3);
		});

		test("ends each with its reasons when the time is up", async () => {
			const { wait, asked, seconds } = stage({ dns: () => false, verified: () => false });
			for (const { verified, reasons } of await crowd(300, () => wait({ minutes: 5 }))) {
				expect(verified).toBe(false);
				expect(reasons.length).toBeGreaterThanOrEqual(3);
			}
			expect(busiest(asked)).toBeLessThanOrEqual(50 + 1);
			expect(asked.length).toBeGreaterThanOrEqual(300);
			expect(seconds()).toBeLessThan(5 * 60 + 60);
		});
	});

	test("believes the API against a stale server, and says which record that lacks", async () => {
		const { wait, asked, warned, seconds } = stage({
			dns: (record, _, server) => record !== mx || server === "192.0.2.1:53",
		});
		expect(await wait()).toMatchObject({ verified: true, reasons: [] });
		expect(asked).toHaveLength(1);
		expect(asked[0]).toBeGreaterThan(180);
		expect(seconds()).toBeLessThan(400);
		expect(warned).toEqual([
			"Accepted by the Channels API, though, as seen from here, 192.0.2.2:53 lacks MX mail.acme.test.",
		]);
	});

	describe("after records that this run has published", () => {
		const published = (inSync: (clock: VirtualClock) => Promise<void>, script: Script = {}) => {
			let firstLook: number | undefined;
			const staged = stage({
				...script,
				dns: (record, now, server) => {
					firstLook ??= now;
					return script.dns?.(record, now, server) ?? true;
				},
			});
			const { world } = staged;
			world.cache.handOn(setupId, { zoneName: "acme.test", inSync: inSync(world.clock) });
			return { ...staged, firstLook: () => firstLook };
		};
		const seconds = (count: number) => (clock: VirtualClock) =>
			clock.sleep(count * 1000, new AbortController().signal);

		test("asks nobody before Route 53 says that every name server has them", async () => {
			const { wait, asked, firstLook, shown } = published(seconds(40));
			expect(await wait()).toMatchObject({ verified: true });
			expect(firstLook()).toBeGreaterThanOrEqual(40);
			expect(asked).toHaveLength(1);
			expect(shown[0]).toBe("waiting until every name server of acme.test has the records");
		});

		test("says so where that takes longer than it may", async () => {
			const { wait, firstLook } = published(seconds(3_600), { verified: () => false });
			const { verified, reasons } = await wait({ minutes: 5 });
			expect(verified).toBe(false);
			expect(firstLook()).toBeUndefined();
			expect(reasons.join("\n")).toContain(
				"Route 53 has not said within that time that every name server of acme.test has the records",
			);
		});

		test("goes on by the name servers' own word where Route 53 does not tell, and warns", async () => {
			const { wait, warned } = published(() => Promise.reject(new Error("GetChange is not allowed.")));
			expect(await wait()).toMatchObject({ verified: true });
			expect(warned).toEqual([
				"Whether every name server of acme.test has the records is not known: GetChange is not allowed.",
			]);
		});
	});

	test("asks sparingly, and says why, while the API may remember that it looked before the records stood", async () => {
		const { wait, asked, shown, world } = stage({ verified: (_, now) => now >= 850 });
		await world.channels.read(world, { id: setupId });
		expect(await wait()).toMatchObject({ verified: true });
		const [early, ...questions] = asked;
		expect(early).toBe(0);
		expect(questions.length).toBeLessThanOrEqual(9);
		expect(shown.join("\n")).toContain(
			"the Channels API looked before, and its resolver may remember that for 15m",
		);
	});

	test("asks at a slow pace where this network has another view of DNS", async () => {
		const { wait, asked, warned } = stage({ dns: () => false, verified: (_, now) => now >= 800 });
		expect(await wait()).toMatchObject({ verified: true });
		expect(asked).toHaveLength(3);
		for (const [index, at] of asked.entries()) expect(at - (asked[index - 1] ?? 0)).toBeGreaterThan(180);
		expect(warned).toEqual([
			"Accepted by the Channels API, though, as seen from here, 192.0.2.1:53, 192.0.2.2:53 lack " +
				`CNAME ${dkim.address}, MX mail.acme.test, TXT _dmarc.mail.acme.test.`,
		]);
	});

	test("asks the API once when the time is up, and ends near it even without an answer", async () => {
		const late = stage({ dns: () => false });
		expect(await late.wait({ minutes: 2 })).toMatchObject({ verified: true });
		expect(late.asked).toHaveLength(1);
		expect(late.asked[0]).toBeGreaterThanOrEqual(120);
		expect(late.seconds()).toBeLessThan(125);

		const mute = stage({ dns: () => false, api: (now) => (now >= 120 ? "never" : undefined) });
		const outcome = await mute.wait({ minutes: 2 });
		expect(outcome.verified).toBe(false);
		expect(outcome.reasons.at(-1)).toBe(
			"The Channels API could not be asked: Waited 10s for its answer, in vain.",
		);
		expect(mute.seconds()).toBeLessThan(145);
	});

	test("tells why the API could not be asked before, where it does not answer in the end", async () => {
		const refusal: HttpAnswer = { status: 429, headers: {}, body: "" };
		const limited = stage({ api: (now) => (now < 115 ? refusal : "never") });
		const outcome = await limited.wait({ minutes: 2 });
		expect(outcome.reasons.at(-1)).toMatch(
			/^The Channels API could not be asked: verifying the SES setup .* too many requests: try again later/,
		);
	});

	test("asks again with growing pauses while the API does not accept the records yet", async () => {
		const { wait, asked } = stage({ verified: (_, now) => now >= 600 });
		expect(await wait()).toMatchObject({ verified: true });
		const pauses = asked.slice(1).map((at, index) => at - (asked[index] ?? 0));
		expect(Math.max(...pauses)).toBeLessThanOrEqual(75);
		expect(pauses.at(-1)).toBeGreaterThan(pauses[0] ?? 0);
		expect(asked.length).toBeLessThan(20);
	});

	test("asks the API at once where one server has every record and the other does not answer", async () => {
		const { wait, asked, warned } = stage({
			dns: (_, __, server) => server === "192.0.2.2:53" || { kind: "failed", reason: "SERVFAIL" },
		});
		expect(await wait()).toMatchObject({ verified: true });
		expect(asked).toEqual([0]);
		expect(warned).toEqual([]);
	});

	test("names the servers that did not answer beside those that have a record", async () => {
		const { wait } = stage({
			dns: (_, __, server) => server === "192.0.2.2:53" || { kind: "failed", reason: "SERVFAIL" },
			verified: () => false,
		});
		expect((await wait({ minutes: 1 })).reasons[1]).toMatch(
			/^CNAME .*every authoritative server that answers has it, but .*; 192\.0\.2\.1:53: it fails to answer \(SERVFAIL\)\.$/,
		);
	});

	test("asks the API after one round in which no name server answers", async () => {
		const { wait, asked, warned } = stage({ dns: () => ({ kind: "failed", reason: "timeout" }) });
		expect(await wait()).toMatchObject({ verified: true });
		expect(asked).toEqual([0]);
		expect(warned).toEqual([]);
	});

	test.each([
		["direct", 1],
		["direct", 32],
		["all", 1],
		["all", 32],
	] as const)(
		"asks the API within seconds where look-ups are blocked (%s), with %i at once",
		async (kind, waits) => {
			const { wait, asked } = stage({ lookups: unanswered(kind) });
			const outcomes = await Promise.all(Array.from({ length: waits }, () => wait()));
			for (const outcome of outcomes) expect(outcome.verified).toBe(true);
			expect(asked).toHaveLength(waits);
			expect(Math.max(...asked)).toBeLessThanOrEqual(5);
		},
	);

	test.each([
		[
			"direct",
			/^Look-ups are blocked here: no name server .* set channels:dnsServers to servers that can be/,
		],
		["all", /^Look-ups are blocked here: the resolvers of this system .* set channels:dnsServers/],
	] as const)(
		"says once for the process that look-ups are blocked (%s), and what to do",
		async (kind, text) => {
			const { wait, warned } = stage({ lookups: unanswered(kind), verified: (_, now) => now > 120 });
			await Promise.all([wait(), wait()]);
			await wait();
			expect(warned).toEqual([expect.stringMatching(text)]);
		},
	);

	test("says that the servers given do not answer, and names the setting", async () => {
		const { wait, warned } = stage({
			dns: () => ({ kind: "failed", reason: "no answer within 4 s", silent: true }),
			verified: () => false,
		});
		const { reasons } = await wait({ minutes: 5 });
		expect(warned).toEqual([
			"The DNS servers given do not answer. So what stands in DNS is not seen from here, and the Channels API alone " +
				"decides. Correct channels:dnsServers: every look-up goes to the servers that it names.",
		]);
		expect(reasons[1]).toMatch(
			/; the name servers could not be asked; the DNS servers given do not answer\.$/,
		);
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
			verified: () => false,
		});
		const outcome = await wait({ minutes: 10 });
		expect(outcome.verified).toBe(false);
		expect(outcome.reasons).toEqual([
			expect.stringMatching(/^3 of 3 records were not verified within 10m/),
			expect.stringMatching(
				/^CNAME .*every authoritative server has it, but the Channels API does not accept/,
			),
			expect.stringMatching(
				/^MX mail\.acme\.test: expected "10 inbound.*found "20 mx\.other\.test" at 192\.0\.2\.1:53, 192\.0\.2\.2:53/,
			),
			expect.stringMatching(/^TXT _dmarc.*found nothing at 192\.0\.2\.1/),
		]);
		expect(asked).toHaveLength(2);
		expect(asked[1]).toBeGreaterThanOrEqual(600);
		expect(seconds()).toBeLessThan(620);
	});

	test("says which servers lack a record", async () => {
		let calls = 0;
		const { wait } = stage({
			dns: (record) => record !== mx || calls++ % 2 === 0,
			verified: () => false,
		});
		const outcome = await wait({ minutes: 1 });
		expect(outcome.reasons.find((reason) => reason.startsWith("MX"))).toMatch(
			/^MX .*only some name servers have it: 192\.0\.2\.\d:53 has it, 192\.0\.2\.\d:53 does not/,
		);
	});

	describe("that ends in vain", () => {
		const tokens = ["a".repeat(32), "b".repeat(32), "c".repeat(32)];
		const three = tokens.map(
			(token): DnsRecord => ({
				address: `${token}._domainkey.mail.acme.test`,
				type: "CNAME",
				record: `${token}.dkim.amazonses.com`,
			}),
		);
		/** Two servers of acme.test with these answers beside its name servers. */
		const serving = (answer: (name: string, type: string) => string[] | undefined) => () =>
			createLookups({
				servers: ["192.0.2.1", "192.0.2.2"],
				ask: async (name, type) => {
					const values = name === "acme.test" && type === "NS" ? ["ns1.acme.test"] : answer(name, type);
					return values ? { kind: "found", values } : { kind: "none", reason: "NXDOMAIN" };
				},
			});
		const reasonsOf = async (answer: Parameters<typeof serving>[0], waitsFor = three) =>
			(await stage({ lookups: serving(answer), waitsFor, verified: () => false }).wait({ minutes: 1 }))
				.reasons;
		const names = three.map(({ address }) => address).join(", ");
		const values = three.map(({ record }) => `"${record}"`).join(", ");

		test("says of three DKIM records once what is true of all", async () => {
			expect(await reasonsOf(() => undefined)).toEqual([
				expect.stringMatching(/^3 of 3 records/),
				`CNAME ${names}: expected ${values}; found nothing at 192.0.2.1:53, 192.0.2.2:53: the name does not exist ` +
					"(NXDOMAIN).",
			]);
			const [, one, two, ...more] = await reasonsOf((name) =>
				name === three[0]?.address ? ["x.y"] : undefined,
			);
			expect(one).toMatch(/^CNAME a{32}\._domainkey\.mail\.acme\.test: expected "a{32}\..*; found "x\.y" at/);
			expect(two).toMatch(/^CNAME b{32}.*, c{32}.*: expected "b.*", "c.*"; found nothing at/);
			expect(more).toEqual([]);
		});

		test("shows texts that are no policy", async () => {
			const [, text] = await reasonsOf(
				(_, type) => (type === "TXT" ? ["hello"] : undefined),
				records.slice(2),
			);
			expect(text).toMatch(
				/; found nothing but "hello" at 192\.0\.2\.1:53, 192\.0\.2\.2:53: no DMARC policy/,
			);
		});

		test("says where they stand instead", async () => {
			const [, text, ...more] = await reasonsOf((name, type) =>
				type === "CNAME" && name.endsWith("._domainkey.acme.test")
					? [`${name.slice(0, 32)}.dkim.amazonses.com`]
					: undefined,
			);
			expect(text).toContain(
				"; the record stands at <token>._domainkey.acme.test, where a part of its name is missing;",
			);
			expect(more).toEqual([]);
		});

		test("calls what a wildcard answers that, and has nothing removed for it", async () => {
			const wildcard = (name: string, type: string) =>
				type === "CNAME" && name.endsWith(".acme.test") ? ["lb.other.example"] : undefined;
			const said = (await reasonsOf(wildcard, [...three, ...records.slice(1)])).join("\n");
			expect(said.match(/a wildcard answers there \(CNAME lb\.other\.example\)/g)).toHaveLength(3);
			expect(said).not.toMatch(/remove|replace/i);
		});
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
		expect(outcome.reasons[1]).toMatch(
			/^CNAME .*every authoritative server has it, but the Channels API does not accept it yet\.$/,
		);
	});

	const view = (change: Partial<DiagnosisResponse["records"][number]>, reason: string | null = null) => ({
		setup_id: setupId,
		domain_identity: "mail.acme.test",
		dns_checked_at: null,
		records: records.map((record) => ({ ...record, verified: false, servers: [], reason: null, ...change })),
		ses: {
			identity: "own" as const,
			dkim_status: "PENDING",
			error_type: null,
			last_checked_at: null,
			last_success_at: null,
			reason,
		},
	});
	const server = { server: "ns1.acme.test", found: [], reason: null };

	test.each([
		[
			"SES's reason",
			view({ servers: [{ ...server, state: "found" }] }, "SES has not found them yet. Wait."),
			/yet: SES has not found them yet\. Wait\.$/,
		],
		[
			"what its name servers lack",
			view({ servers: [{ ...server, state: "missing", reason: "NXDOMAIN" }] }),
			/yet: the API finds at ns1\.acme\.test the name does not exist \(NXDOMAIN\)\.$/,
		],
		[
			"what else they have",
			view({ servers: [{ ...server, state: "different", found: ["other.example"] }] }),
			/yet: the API finds at ns1\.acme\.test “other\.example”\.$/,
		],
		[
			"that none answers it",
			view({ servers: [{ ...server, state: "failed", reason: "no answer within 4 s" }] }),
			/yet: no name server answers the API \(ns1\.acme\.test: no answer within 4 s\)\.$/,
		],
		[
			"that it could ask none",
			view({ reason: "there was no time to look" }),
			/yet: the API could not ask its name servers: there was no time to look\.$/,
		],
	])("says why the API does not accept it, where the API tells: %s", async (_, diagnosis, text) => {
		const { wait } = stage({ verified: ({ type }) => type !== "CNAME", diagnosis });
		const outcome = await wait({ minutes: 5 });
		expect(outcome.reasons[1]).toMatch(text);
	});

	test("says of what every server has only that, where the API gave no answer at all", async () => {
		const broken = { status: 503, headers: {}, body: "" };
		const { wait } = stage({ api: () => broken });
		const { reasons } = await wait({ minutes: 1 });
		expect(reasons[1]).toMatch(/^CNAME .*and every authoritative server has it\.$/);
	});

	test("ends at once when the API no longer asks for a record, and names what it asks for now", async () => {
		const rotated = { ...dkim, record: "zzz.dkim.amazonses.com" };
		const { wait, asked, seconds } = stage({ asksFor: [rotated, records[2] as DnsRecord] });
		const outcome = await wait();
		expect(outcome).toMatchObject({
			verified: false,
			records: [{ verified: false }, {}, { verified: true }],
		});
		expect(outcome.reasons).toEqual([
			"The Channels API no longer asks for 2 of 3 records, so they will never be verified. The setup is kept. " +
				"Run `pulumi refresh`, which reads what it asks for now, then `pulumi up`.",
			`CNAME ${dkim.address}: waited for "${dkim.record}", and the Channels API now asks for "${rotated.record}".`,
			`MX mail.acme.test: waited for "${mx.record}", and the Channels API no longer asks for it.`,
		]);
		expect(asked).toHaveLength(1);
		expect(seconds()).toBeLessThan(5);
	});

	test("knows its records in whatever spelling the API has them", async () => {
		const { wait } = stage({
			asksFor: [
				{ ...dkim, address: `${dkim.address.toUpperCase()}.`, record: `${dkim.record}.` },
				{ ...mx, record: "10 Inbound-SMTP.us-east-1.amazonaws.com." },
				{ ...(records[2] as DnsRecord), record: "v=DMARC1;P=None;" },
			],
		});
		expect(await wait()).toMatchObject({ verified: true });
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
