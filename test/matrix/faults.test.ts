/**
 * Every remote call of the provider with every fault, in-process: the real handlers in the engine's order, the real
 * clients and servers, on real sockets. The engine adds nothing to what is at stake here; `kills.test.ts` has it.
 */
import { afterAll, describe, expect, test } from "vitest";
import { Faults } from "../../sandbox/index.js";
import type { Outcome } from "../support/deployment/deployment.js";
import { nobody } from "../support/deployment/hasty-transport.js";
import { Case } from "./case.js";
import { changesSomething, everyQuestion, type Fault, faultsOf } from "./fault-kinds.js";
import { closeLanes, face, onLane } from "./lanes.js";
import { embedded, type Operation, operations, waitInVain } from "./operations.js";
import { sampled, showReplay } from "./sample.js";

interface Entry {
	readonly name: string;
	readonly operation: Operation;
	readonly call: string;
	/** The first call that goes wrong, counted from 1, and how many do from there on. */
	readonly from: number;
	readonly times: number;
	readonly fault: Fault;
	/** How it goes on without the fault. */
	readonly next: "up" | "destroy";
}

/** The cases of an operation: its calls are those that it makes where nothing goes wrong. */
async function entriesOf(title: string, operation: Operation): Promise<Entry[]> {
	const calls = await onLane(async (lane, name) => {
		const one = new Case(lane, operation, name);
		await one.prepare();
		expect((await one.run()).failures).toEqual([]);
		return one.calls();
	}, operation.api);
	const { about } = operation;
	if (about) expect(calls).toContain(about);
	const asksDns = calls.some((call) => call.startsWith("dns "));
	const different = about
		? [about]
		: operation.api === "embedded"
			? [...new Set(calls)].filter(isOfAws)
			: [...new Set(calls), ...(asksDns ? [everyQuestion] : [])];
	return different.flatMap((call) => {
		const last = call === everyQuestion ? 1 : calls.filter((each) => each === call).length;
		return coursesOf(operation, call, last).flatMap((course) =>
			faultsOf(call).map((fault) => ({
				name: `${title}: ${call}${nth(course)}: ${fault.name}, ${inWords(course)}`,
				...{ operation, call, fault },
				...course,
			})),
		);
	});
}

type Course = Pick<Entry, "from" | "times" | "next">;

const nth = ({ from }: Course) => (from > 1 ? `, number ${from}` : "");
const inWords = ({ times, next }: Course) =>
	(times === 1 ? "once" : "from then on") + (next === "destroy" ? ", then destroyed" : "");

function coursesOf({ api, isBothHalves }: Operation, call: string, last: number): Course[] {
	const lasting = Number.POSITIVE_INFINITY;
	if (api === "embedded" && !changesSomething(call))
		return [
			{ from: 1, times: 1, next: "up" },
			{ from: last, times: lasting, next: "up" },
		];
	if (isBothHalves) return [{ from: 1, times: lasting, next: "up" }];
	return [...new Set([1, last])].flatMap((from) =>
		repetitions(call).flatMap((times) => continuations(call, times).map((next) => ({ from, times, next }))),
	);
}

/** What only the API in the provider asks. */
const isOfAws = (call: string) => /^(sesv2|sts) /.test(call);

const repetitions = (call: string) =>
	call === everyQuestion ? [Number.POSITIVE_INFINITY] : [1, Number.POSITIVE_INFINITY];

/** Where something may have been changed before or by the call, the one is seen in the zone, and the other in the state. */
const continuations = (call: string, times: number) =>
	times > 1 && (changesSomething(call) || /GetChange|verify/.test(call))
		? (["up", "destroy"] as const)
		: (["up"] as const);

async function withFault(
	{ call, from, times, fault }: Pick<Entry, "call" | "from" | "times" | "fault">,
	one: Case,
): Promise<Outcome> {
	const rule = { ...one.ruleOf(call), from, times };
	const over = Promise.withResolvers<void>();
	const refused = new Faults();
	const { faults } = one.place.stage.sandbox;
	if (fault.effects) for (const effect of fault.effects(over.promise)) faults.add({ ...rule, effect });
	else refused.add({ ...rule, effect: { kind: "drop", when: "before" } });
	try {
		const isMute = !fault.effects && call === everyQuestion;
		return await one.run(one.operation.run, { refused, ...(isMute && { dnsServer: nobody }) });
	} finally {
		faults.clear();
		over.resolve();
	}
}

/** How errors name what failed; of DNS, whose records it is about. */
const doing: Readonly<Record<string, RegExp>> = {
	"channels POST ses-setup": /creating the SES setup/,
	"channels POST ses-setup/{id}/verify": /verifying the SES setup|The Channels API could not be asked/,
	"channels GET ses-setup": /listing SES setups/,
	"channels GET ses-setup/{id}": /reading the SES setup/,
	"channels DELETE ses-setup/{id}": /deleting the SES setup/,
	"channels GET use-cases": /listing the use cases of the SES setup/,
	"route53 ListHostedZonesByName": /Route 53 could not list hosted zones/,
	"route53 GetHostedZone": /Route 53 could not get hosted zone/,
	"route53 ListResourceRecordSets": /Route 53 could not list the record sets of hosted zone/,
	"route53 ChangeResourceRecordSets": /Route 53 could not change hosted zone/,
	"route53 GetChange": /Route 53 could not get change/,
	"sts AssumeRole": /the role .* could not be assumed/,
	"sts GetCallerIdentity": /STS could not say whose the credentials are/,
};

function expectToHelp(message: string, call: string): void {
	const [service, operation = ""] = call.split(" ");
	expect(message).toMatch(service === "sesv2" ? new RegExp(operation) : (doing[call] ?? /\.test\b/));
	expect(message).toMatch(
		/[Rr]un it again|try again|`pulumi up`|docs\/security\.md|\b(?:Check|check|Set|set|Name|Create) /,
	);
	// What is of no use to whoever reads it.
	expect(message).not.toMatch(/undefined|\[object|hidden field|\bat .*\.js:/);
}

/** Those of one API after one another, on one lane. */
async function allEntriesOf(operations: Readonly<Record<string, Operation>>): Promise<Entry[]> {
	const entries: Entry[] = [];
	for (const [title, operation] of Object.entries(operations))
		entries.push(...(await entriesOf(title, operation)));
	return entries;
}

const cases = (await Promise.all([operations, embedded].map(allEntriesOf))).flat();

afterAll(closeLanes);

/** How many of the sample `npm test` runs; `npm run test:all` has the others. */
const fast = 10;

describe.concurrent("a fault", () => {
	for (const [index, entry] of sampled("faults of remote calls", cases, 30).entries()) {
		test(entry.name, { tags: index < fast ? [] : ["all"] }, ({ onTestFailed }) => {
			onTestFailed(() => showReplay(entry.name));
			return onLane(async (lane, name) => {
				const one = new Case(lane, entry.operation, name);
				await one.prepare();
				const { failures } = await withFault(entry, one);
				for (const { message } of failures) expectToHelp(message, entry.call);
				one.place.expectNeighbours();
				if (failures.length === 0) await one.expectDone();
				if (entry.operation.staysLive) await one.place.expectLive();

				const orphans = await one.orphans();
				if (orphans.length > 0) {
					// What nobody can tell from somebody else's is not taken over, and says so.
					expect(entry.call).toBe("channels POST ses-setup");
					expect(failures[0]?.message).toMatch(
						/Nobody knows whether that made a setup|Nothing was taken over|could not be deleted again/,
					);
					one.adopts();
				}
				if (entry.next === "up" || orphans.length > 0) {
					let again = await one.run("up");
					if (
						again.failures.some(({ message }) => message.includes("Run `pulumi refresh`, then `pulumi up`"))
					) {
						// Gone, and what does not change asks nobody.
						expect(entry.call).toMatch(/^channels DELETE ses-setup\/\{id\}$|^sesv2 /);
						expect((await one.run("refresh")).failures).toEqual([]);
						again = await one.run("up");
					}
					expect(again.failures).toEqual([]);
					await one.expectWanted();
					one.place.stage.sandbox.log.clear();
					expect((await one.run("up")).steps).toEqual([]);
					expect(one.calls()).toEqual([]);
				}
				expect((await one.run("destroy")).failures).toEqual([]);
				await one.place.expectNothing();
				one.expectNoSecrets();
			}, entry.operation.api);
		});
	}
});

const diagnosis = "channels GET ses-setup/{id}/diagnosis";

const title = "a fault where the API is asked why it does not accept a record that stands";
describe.concurrent(title, { tags: ["all"] }, () => {
	const faults = faultsOf(diagnosis).map((fault) => ({ name: `${diagnosis}: ${fault.name}`, fault }));
	for (const { name: title, fault } of sampled("faults of the question why", faults, 2)) {
		test(title, ({ onTestFailed }) => {
			onTestFailed(() => showReplay(title));
			return onLane(async (lane, name) => {
				const one = new Case(lane, waitInVain, name);
				await one.prepare();
				one.place.stage.sandbox.faults.add({
					service: "dns",
					times: Number.POSITIVE_INFINITY,
					match: (asked) => (asked as { face: string }).face !== face,
					effect: { kind: "error", status: 0, code: "SERVFAIL", message: "" },
				});
				const { failures } = await withFault({ call: diagnosis, from: 1, times: 99, fault }, one);
				expect(failures.map(({ message }) => message)).toEqual([
					expect.stringMatching(/^7 of 7 records were not verified within 30s.*`pulumi up` goes on waiting/),
				]);
				for (const record of (await one.place.setups()).flatMap(({ records }) => records))
					expect(failures[0]?.message).toContain(record.address);
				if (fault.effects) expect(one.calls()).toContain(diagnosis);
				expect((await one.run("up")).failures).toEqual([]);
				await one.expectWanted();
				expect((await one.run("destroy")).failures).toEqual([]);
				await one.place.expectNothing();
				one.expectNoSecrets();
			});
		});
	}
});
