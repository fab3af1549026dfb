import { causesOf, isFound, isUnknown } from "../../../dns/index.js";
import { ForbiddenError, UnauthorizedError } from "../../../sdk/errors.js";
import { formatDuration } from "../../arguments/duration.js";
import type { CheckedDnsRecord, DnsRecord, PublishedZone } from "../../shapes.js";
import { remembersUntil } from "../channels/negative-cache.js";
import { arbiterOf } from "../channels/place.js";
import type { CheckedSetup, Home, SetupRef } from "../channels/setup.js";
import { DeadlineError, deadlineSignal } from "../deadline.js";
import { UserError } from "../errors.js";
import { about } from "../jitter.js";
import type { Progress, World } from "../world.js";
import { blockedWarning, objection, progressLine, reasons } from "./wait-report.js";
import { isSeen, isVerified, notAskedFor, type WaitState, withheld } from "./wait-state.js";

export interface WaitInput {
	ref: SetupRef;
	records: DnsRecord[];
	/** Where the setup is. Default: at an API that is asked over HTTP. */
	home?: Pick<Home, "account">;
	/** Whether it is for sending. */
	isForSending?: boolean;
	/** Those of the records that it waits for; one at least, unless SES alone has the word. */
	needed: DnsRecord[];
	timeoutMs: number;
	/** Where the records are published, if known. */
	zone?: PublishedZone | undefined;
}

export interface WaitOutcome {
	verified: boolean;
	/** Whether the API asks for other records by now. */
	isStale: boolean;
	/** All records of the setup, with the API's last word on each. */
	records: CheckedDnsRecord[];
	/** As the API last answered; undefined if it was never asked. */
	setup: CheckedSetup | undefined;
	/** One for each record that is missing; empty when verified. */
	reasons: string[];
}

const dnsPause = { first: 500, factor: 1.5, longest: 15_000 };
const verifyPause = { first: 1_000, factor: 2, longest: 60_000 };
/** Between two questions to the API that do not wait for what this machine sees. */
const slowPause = 5 * 60_000;
/** Between two questions while the API may remember a "no". */
const rememberedPause = 2 * 60_000;
/** How long the API has for its answer once the time is up. */
const lastQuestionMs = 10_000;

/**
 * However many wait, the API gets 50 questions a second, and a name server 40 looks of five questions; 20 where it was
 * asked before, because servers limit how often they say no (BIND's reference manual, `nxdomains-per-second`).
 */
const turnMs = { api: 20, look: 25, lookAgain: 50 };

/**
 * Waits until the needed records are verified. The API decides; where it is asked first, a resolver
 * that asked too early would remember the "no" for the zone's negative TTL, 900 seconds at Route 53. So the question
 * waits until no authoritative server that answers lacks a record. It is asked all the same every few minutes, and
 * once when the time is up, because a stale server, or another view of DNS than the API's, is seen here alone.
 *
 * @returns also at the deadline, and as soon as the API no longer asks for a record, with the reasons.
 * @throws UserError when the setup is gone or the key is refused; the signal's reason when it aborts.
 */
export async function waitUntilVerified(
	world: World,
	{ ref, records, needed, isForSending = false, home = {}, timeoutMs, zone }: WaitInput,
	progress: Progress,
	outer: AbortSignal,
): Promise<WaitOutcome> {
	const end = world.clock.now() + timeoutMs;
	const state = { ...beginning(world, ref.id, records, needed), isForSending, arbiter: arbiterOf(home) };
	const show = () => {
		state.waitsAtOnce = world.cache.waits;
		progress.show(progressLine(state, end - world.clock.now(), world.clock.now()));
	};
	using deadline = deadlineSignal(
		world.clock,
		timeoutMs,
		outer,
		() => new DeadlineError("records-not-verified", "verification", timeoutMs),
	);
	const isOver = () => {
		show();
		if (notAskedFor(state).length > 0) return true;
		if (!isDone(state)) return false;
		const seen = objection(state);
		// A warning, because it outlives the wait: whoever asks that server does not find the record.
		if (seen) progress.warn(seen);
		return true;
	};
	world.cache.waits += 1;
	try {
		await settled(world, ref.id, state, progress, deadline.signal);
		show();
		await lookAndAsk({ ...world, progress }, ref, state, { isOver, show, signal: deadline.signal });
	} catch (error) {
		outer.throwIfAborted();
		if (!deadline.signal.aborted) throw error;
		progress.show(`time is up; asking ${state.arbiter} once more`);
		await askFinally(world, ref, state, outer);
		if (isOver()) return outcome(state, timeoutMs);
		progress.show("time is up; looking for the reasons");
		await explain(world, ref, state, zone, outer);
	} finally {
		world.cache.waits -= 1;
	}
	return outcome(state, timeoutMs);
}

const beginning = (world: World, setupId: string, records: DnsRecord[], needed: DnsRecord[]): WaitState => ({
	records,
	needed,
	checks: new Map(),
	findings: new Map(),
	view: undefined,
	unsettled: undefined,
	setup: undefined,
	failure: undefined,
	remembersUntil: remembersUntil(world, setupId),
	arbiter: arbiterOf({}),
	isForSending: false,
	waitsAtOnce: 0,
	slots: world.slots,
});

/** Looks at the name servers and asks the API, each at its pace, until it is over or the signal aborts. */
async function lookAndAsk(
	world: World,
	ref: SetupRef,
	state: WaitState,
	{ isOver, show, signal }: { isOver: () => boolean; show: () => void; signal: AbortSignal },
): Promise<void> {
	const { clock, random, progress } = world;
	let pause = dnsPause.first;
	let verifyAfter = verifyPause.first;
	let nextVerify = 0;
	let nextAnyway = clock.now() + about(slowPause, random);
	for (;;) {
		await lookAtServers(world, state, signal);
		tellIfBlocked(world, state.arbiter, progress);
		const open = unseen(state);
		const lacking = !open.every(isUnknown);
		if (clock.now() >= (lacking ? nextAnyway : nextVerify)) {
			show();
			await turnToAsk(world, signal);
			await askApi(world, ref, state, signal);
			if (isOver()) return;
			nextAnyway = clock.now() + about(slowPause, random);
			if (!lacking) {
				// To a "no" that is remembered there is no other answer before its time.
				const remembered = (state.remembersUntil ?? 0) > clock.now();
				nextVerify = clock.now() + about(remembered ? rememberedPause : verifyAfter, random);
				verifyAfter = Math.min(verifyAfter * verifyPause.factor, verifyPause.longest);
			}
		}
		show();
		const next = open.length === 0 ? nextVerify - clock.now() : about(pause, random);
		pause = Math.min(pause * dnsPause.factor, dnsPause.longest);
		await sleepShowing(world, Math.max(next, 50), signal, show);
	}
}

/**
 * Waits for the change that this run has made: who asks a name server before it has the records, makes a resolver
 * remember that they are not there.
 */
async function settled(
	world: World,
	setupId: string,
	state: WaitState,
	progress: Progress,
	signal: AbortSignal,
): Promise<void> {
	const change = world.cache.changes.get(setupId);
	if (!change) return;
	progress.show(`waiting until every name server of ${change.zoneName} has the records`);
	state.unsettled = change.zoneName;
	try {
		await orAborted(change.inSync, signal);
		state.unsettled = undefined;
	} catch (error) {
		signal.throwIfAborted();
		// Its name servers are asked for the records all the same.
		progress.warn(
			`Whether every name server of ${change.zoneName} has the records is not known: ${(error as Error).message}`,
		);
	}
}

async function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
	signal.throwIfAborted();
	let abort = () => {};
	const aborted = new Promise<never>((_, reject) => {
		abort = () => reject(signal.reason);
	});
	signal.addEventListener("abort", abort, { once: true });
	try {
		return await Promise.race([work, aborted]);
	} finally {
		signal.removeEventListener("abort", abort);
	}
}

const unseen = (state: WaitState) =>
	[...state.checks.values()].filter((check) => !isFound(check) && !isVerified(state, check.record));

async function lookAtServers(world: World, state: WaitState, signal: AbortSignal): Promise<void> {
	const open = state.needed.filter((record) => !isSeen(state, record));
	if (open.length === 0) return;
	const turn = state.checks.size > 0 ? turnMs.lookAgain : turnMs.look;
	await world.cache.limiters.looks.turn(world.clock, turn, signal);
	const checks = await world.lookups.checkAll(open, { signal });
	for (const [index, record] of open.entries()) {
		const check = checks[index];
		if (check) state.checks.set(record, check);
	}
}

/** Once for all waits of the run, which share their look-ups. */
function tellIfBlocked({ lookups, cache }: World, arbiter: string, progress: Progress): void {
	const { blocked } = lookups;
	if (!blocked || cache.isBlockageTold) return;
	cache.isBlockageTold = true;
	progress.warn(blockedWarning(blocked, arbiter));
}

/** How long the search for reasons may take, once the wait itself is over. */
const explanationMs = 8_000;

/**
 * Looks for the usual slips behind each record that is not seen, and asks the API about those that are. What cannot be
 * found out stays unsaid.
 */
async function explain(
	world: World,
	ref: SetupRef,
	state: WaitState,
	zone: PublishedZone | undefined,
	outer: AbortSignal,
): Promise<void> {
	using deadline = deadlineSignal(
		world.clock,
		explanationMs,
		outer,
		() => new DeadlineError("records-not-verified", "an explanation", explanationMs),
	);
	const options = { signal: deadline.signal };
	const explaining = unseen(state).map(async (check) => {
		const published = zone ?? (await liveZone(world, check.record, options));
		const findings = await causesOf(check, published, world.lookups, options);
		state.findings.set(
			check.record,
			findings.map(({ text }) => text),
		);
	});
	const isRefused = state.needed.some((record) => isSeen(state, record) && !isVerified(state, record));
	const asking = isRefused && askForView(world, ref, state, deadline.signal);
	await Promise.allSettled([...explaining, asking]);
	outer.throwIfAborted();
}

async function askForView(world: World, ref: SetupRef, state: WaitState, signal: AbortSignal) {
	await turnToAsk(world, signal);
	state.view = await world.channels.diagnosis({ ...world, stop: signal }, ref);
}

async function liveZone(
	world: World,
	record: DnsRecord,
	options: { signal: AbortSignal },
): Promise<PublishedZone | undefined> {
	const live = await world.lookups.authoritative(record.address, options);
	return live && { name: live.zone };
}

export const turnToAsk = (world: World, signal: AbortSignal) =>
	world.cache.limiters.api.turn(world.clock, turnMs.api, signal);

async function askApi(world: World, ref: SetupRef, state: WaitState, signal: AbortSignal): Promise<void> {
	try {
		state.setup = await world.channels.verify({ ...world, stop: signal }, ref);
		state.failure = undefined;
	} catch (error) {
		signal.throwIfAborted();
		if (error instanceof UserError || error instanceof UnauthorizedError || error instanceof ForbiddenError)
			throw error;
		state.failure = error as Error;
	}
}

async function askFinally(world: World, ref: SetupRef, state: WaitState, outer: AbortSignal): Promise<void> {
	await turnToAsk(world, outer);
	using deadline = deadlineSignal(
		world.clock,
		lastQuestionMs,
		outer,
		() => new DeadlineError("api-timeout", "its answer", lastQuestionMs),
	);
	try {
		await askApi(world, ref, state, deadline.signal);
	} catch (error) {
		outer.throwIfAborted();
		if (!deadline.signal.aborted) throw error;
		// What it answered before says more than that it does not answer now.
		state.failure ??= error as Error;
	}
}

const isDone = (state: WaitState) =>
	state.setup !== undefined &&
	state.needed.every((record) => isVerified(state, record)) &&
	withheld(state) === undefined;

function outcome(state: WaitState, timeoutMs: number): WaitOutcome {
	const verified = isDone(state);
	return {
		verified,
		isStale: notAskedFor(state).length > 0,
		records: state.records.map((record) => ({ ...record, verified: isVerified(state, record) })),
		setup: state.setup,
		reasons: verified ? [] : reasons(state, formatDuration(timeoutMs)),
	};
}

const tickMs = 5_000;

/** Sleeps, and keeps the time left on the screen true. */
async function sleepShowing(world: World, ms: number, signal: AbortSignal, show: () => void): Promise<void> {
	for (let rest = ms; rest > 0; rest -= tickMs) {
		await world.clock.sleep(Math.min(rest, tickMs), signal);
		if (rest > tickMs) show();
	}
}
