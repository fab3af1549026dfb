import { DeadlineError } from "../../deadline.js";
import { about } from "../../jitter.js";
import type { AcceptedChange, SettledOptions } from "../../zones/host.js";
import type { ZonesWorld } from "../../zones/publisher.js";
import type { Route53Api } from "./api.js";

/** How long a change may take to reach every name server. AWS: generally within 60 seconds. */
const deadlineMs = 10 * 60_000;
/** For who is alone, and a Route 53 that is prompt. */
const firstPauseMs = 150;
/** Between two questions about whatever changes: five a second are all that the account has, for everything. */
const gapMs = 2_000;
/** The same where Route 53 was prompt, so that every question was the last one about its change. */
const promptGapMs = 250;
const longestPauseMs = 4_000;
/** A single change that takes longer says nothing of the others. */
const longestExpectedMs = 30_000;

interface Pending extends AcceptedChange {
	byLater: boolean;
	/** When it is asked for again, once it was asked for in vain. */
	againAt: number | undefined;
	resolve(): void;
	reject(error: unknown): void;
}

/**
 * Asks for all changes of an account which have reached every name server: one at a time, and the youngest that
 * should be there where it may answer for others.
 */
export class ChangePoller {
	readonly #pending = new Map<string, Pending>();
	/** By id; those that have ended too. */
	readonly #asked = new Map<string, Promise<void>>();
	#isPolling = false;
	/** When the next question may be asked. */
	#freeAt = Number.NEGATIVE_INFINITY;
	/** How long a change takes, as far as was seen. */
	#expectedMs = 0;

	constructor(
		private readonly api: Pick<Route53Api, "inSync">,
		private readonly world: Pick<ZonesWorld, "clock" | "random" | "stop">,
	) {}

	/** @throws DeadlineError ten minutes after the change was accepted, Route53Error, and the reason of a stop */
	inSync(change: AcceptedChange, { byLater = false }: SettledOptions = {}): Promise<void> {
		const pending = this.#pending.get(change.id);
		if (pending) pending.byLater &&= byLater;
		const known = this.#asked.get(change.id);
		if (known) return known;
		const asked = new Promise<void>((resolve, reject) => {
			const begun = { ...change, byLater, againAt: undefined, resolve, reject };
			this.#pending.set(change.id, begun);
		});
		this.#asked.set(change.id, asked);
		if (!this.#isPolling) {
			this.#isPolling = true;
			void this.#poll();
		}
		return asked;
	}

	async #poll(): Promise<void> {
		const { clock, stop } = this.world;
		while (this.#pending.size > 0) {
			const next = this.#next();
			const waitMs = Math.max(this.#dueAt(next), this.#freeAt) - clock.now();
			try {
				stop.throwIfAborted();
				// Another one may come meanwhile, and be due before.
				if (waitMs > 0) await clock.sleep(Math.min(waitMs, gapMs), stop);
				else await this.#ask(next);
			} catch (error) {
				for (const each of stop.aborted ? this.#pending.values() : [next]) {
					this.#end(each, () => each.reject(stop.aborted ? stop.reason : error));
				}
			}
		}
		this.#isPolling = false;
	}

	/** The first that is due, or in its place the youngest that is due too and may answer for it. */
	#next(): Pending {
		const pending = [...this.#pending.values()].sort((a, b) => this.#dueAt(a) - this.#dueAt(b));
		const now = Math.max(this.#freeAt, this.world.clock.now());
		const [first, ...others] = pending as [Pending, ...Pending[]];
		return others
			.filter((each) => this.#dueAt(each) <= now && isAnsweredBy(first, each))
			.reduce((youngest, each) => (each.at > youngest.at ? each : youngest), first);
	}

	#dueAt({ at, againAt }: Pending): number {
		return Math.max(againAt ?? at + firstPauseMs, at + Math.min(this.#expectedMs, longestExpectedMs));
	}

	async #ask(change: Pending): Promise<void> {
		const { clock, random, stop } = this.world;
		const age = clock.now() - change.at;
		const isInSync = await this.api.inSync(change.id, stop).finally(() => {
			this.#freeAt = clock.now() + gapMs;
		});
		if (isInSync) {
			if (age < gapMs) this.#freeAt = clock.now() + promptGapMs;
			// It may have been there for a while.
			this.#expectedMs = Math.min(this.#expectedMs || age, 0.9 * age);
			const answered = [...this.#pending.values()].filter((each) => isAnsweredBy(each, change));
			for (const each of new Set([change, ...answered])) this.#end(each, each.resolve);
			return;
		}
		if (age > deadlineMs)
			throw new DeadlineError(
				"records-not-served",
				`change ${change.id} to reach every Route 53 name server`,
				deadlineMs,
			);
		const pauseMs = about(Math.min(Math.max(age, gapMs), longestPauseMs), random);
		change.againAt = clock.now() + pauseMs;
		this.#expectedMs = Math.max(this.#expectedMs, age + pauseMs);
	}

	#end(change: Pending, settle: () => void): void {
		this.#pending.delete(change.id);
		settle();
	}
}

const isAnsweredBy = (change: Pending, later: Pending) =>
	change.byLater && change.zoneId === later.zoneId && change.at <= later.at;
