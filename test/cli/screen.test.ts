import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import type { Examination, ExaminedRecord } from "../../cli/doctor/examine.js";
import { overallState, setupState } from "../../cli/doctor/judgement.js";
import { screen as linesOf } from "../../cli/doctor/screen.js";
import { recordCheck } from "../../dns/check.js";
import {
	type DnsRecord,
	type Ground,
	type OtherView,
	type RecordCheck,
	type ServerCheck,
	shown,
} from "../../dns/index.js";
import { codeBlocks } from "../support/markdown.js";

const servers = ["ns-1.example.net", "ns-2.example.net"] as const;

function examined(
	kind: ExaminedRecord["kind"],
	record: DnsRecord,
	state: RecordCheck["state"],
	answers: readonly Partial<ServerCheck>[],
	more: Partial<ExaminedRecord> = {},
): ExaminedRecord {
	const checks = servers.map((server, index): ServerCheck => {
		const answer = answers[index] ?? answers[0];
		return { server, state: "found", found: [], ...answer };
	});
	const check = recordCheck(record, { servers: checks });
	expect(check.state).toBe(state);
	return { record, kind, verified: state === "found", check, causes: [], ...more };
}

const dkim = (token: string): DnsRecord => ({
	address: `${token}._domainkey.mail.acme.com`,
	type: "CNAME",
	record: `${token}.dkim.amazonses.com`,
});
const mx: DnsRecord = {
	address: "mail.acme.com",
	type: "MX",
	record: "10 inbound-smtp.us-east-1.amazonaws.com",
};
const dmarc: DnsRecord = { address: "_dmarc.mail.acme.com", type: "TXT", record: "v=DMARC1; p=none" };

const home = { workspaceId: "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed" };
const screen = (examinations: readonly Examination[]) => `${shown(linesOf(examinations, home))}\n`;

const nothing = { state: "missing", reason: "NXDOMAIN" } as const;

const examination = (records: ExaminedRecord[], more: Partial<Examination> = {}): Examination => ({
	id: "9b2fd4a1-37c0-4a2e-9a51-2f3c7f0d5a10",
	home,
	tenantName: "acme-support",
	isApart: false,
	domain: "mail.acme.com",
	createdAt: "2026-11-24T07:12:44.120Z",
	checkedAt: "2026-11-24T07:15:02.981Z",
	live: { state: "live", name: "acme.com", servers: [...servers] },
	hosted: undefined,
	refusal: undefined,
	view: undefined,
	records,
	...more,
});

test("the screen of the documentation is the one that is shown", async () => {
	const text = screen([
		examination([
			examined("dkim", dkim("one"), "found", [{}]),
			examined("dkim", dkim("two"), "found", [{}]),
			examined("dkim", dkim("three"), "missing", [nothing]),
			examined("mx", mx, "different", [{ state: "different", found: ["5 mx.other.example"] }]),
			examined("dmarc", dmarc, "partial", [{}, nothing]),
		]),
	]);
	const page = await readFile(resolve(import.meta.dirname, "../../docs/channels-command.md"), "utf8");
	expect(codeBlocks(page).map(({ code }) => `${code}\n`)).toContain(text);
});

test("a resolver with another view is told beside the live zone", () => {
	const live = (otherView: OtherView, ground?: Ground) =>
		screen([
			examination([], {
				live: {
					state: "live",
					name: "acme.com",
					servers: [...servers],
					otherView,
					...(ground && { ground }),
				},
			}),
		]).replace(/\s+/g, " ");
	expect(live({ name: "mail.acme.com", told: ["ns-0.private.test"] })).toContain(
		"Resolver this machine's tells ns-0.private.test for mail.acme.com: a private zone of this network",
	);
	expect(live({ name: "acme.com", told: ["ns.old.test"] }, "former")).toContain(
		"ns.old.test for acme.com: a former delegation, for up to two days",
	);
	expect(live({ name: "acme.com", told: [] })).toContain("this machine's does not know acme.com yet");
});

test("what needs no hand comes last, and the same advice is given once", () => {
	const waiting = { verified: false };
	const text = screen([
		examination([
			examined("dkim", dkim("one"), "found", [{}], waiting),
			examined("dkim", dkim("two"), "found", [{}], waiting),
			examined("dkim", dkim("three"), "missing", [nothing]),
		]),
	]);
	const [, todo = ""] = text.split("What to do\n");
	expect(todo.match(/^ {2}\d\. .*/gm)).toEqual([
		expect.stringMatching(/^ {2}1\. DKIM: Not published\./),
		expect.stringMatching(/^ {2}2\. DKIM ×2: Published: every name server has it\./),
	]);
});

test("no line of the advice is wider than a terminal of 100 columns", () => {
	const records = [mx, dmarc, dkim("a")].map((record, index) =>
		examined((["mx", "dmarc", "dkim"] as const)[index] ?? "other", record, "different", [
			{
				state: "different",
				found: ["something else that stands there, and is rather long for what it says"],
			},
		]),
	);
	for (const line of screen([examination(records)]).split("\n")) expect(line.length).toBeLessThanOrEqual(100);
});

test("a server that did not answer is named beside those that have the record", () => {
	const silent = { state: "failed", reason: "no answer within 4 s" } as const;
	const found = examined("mx", mx, "found", [{}, silent]);
	expect(setupState(examination([found]))).toBe("verified");
	const text = screen([examination([found])]);
	expect(text).toContain("✓ ready   1 of 1 records verified");
	expect(text).toMatch(/ns-1\.example\.net {2}has it\n/);
	expect(text).toMatch(/ns-2\.example\.net {2}no answer within 4 s\n/);
});

test("the state of a setup is that of its worst record", () => {
	const found = examined("mx", mx, "found", [{}]);
	const unaccepted = examined("mx", mx, "found", [{}], { verified: false });
	const failed = [{ state: "failed", reason: "no answer within 4 s" }] as const;
	const unanswered = examined("mx", mx, "failed", failed, { verified: false });
	const missing = examined("mx", mx, "missing", [nothing]);
	expect(setupState(examination([found]))).toBe("verified");
	expect(setupState(examination([found, unaccepted]))).toBe("pending");
	expect(setupState(examination([found, unaccepted, unanswered]))).toBe("unknown");
	expect(setupState(examination([found, unaccepted, unanswered, missing]))).toBe("failing");
	expect(overallState([examination([found]), examination([unaccepted])])).toBe("pending");
	expect(overallState([])).toBe("verified");
});

test("the word of the API counts where no server answers, but not where nobody serves the domain", () => {
	const failed = [{ state: "failed", reason: "SERVFAIL" }] as const;
	const verified = examined("mx", mx, "failed", failed, { verified: true });
	expect(setupState(examination([verified]))).toBe("verified");
	expect(setupState(examination([verified], { live: { state: "none" } }))).toBe("failing");
	const broken = { live: { state: "broken", name: "acme.com" } } as const;
	expect(setupState(examination([verified], broken))).toBe("failing");
	expect(screen([examination([verified], broken)])).toContain("The live DNS has no answer for acme.com");
});
