import { DeadlineError } from "../deadline.js";
import { about } from "../jitter.js";
import type { Route53Api } from "./api.js";
import type { ZonesWorld } from "./publisher.js";

/** How long a change may take to reach every name server. AWS: generally within 60 seconds. */
const deadlineMs = 10 * 60_000;
/** For who is alone, and a Route 53 that is prompt. */
const firstPauseMs = 150;
/** Between two questions about whatever changes: five a second are all that the account has, for everything. */
const gapMs = 2_000;
const longestPauseMs = 5_000;

interface Pending {
	readonly id: string;
	readonly submittedAt: number;
	/** When it is asked for again, once it was asked for in vain. */
	againAt: number | undefined;
	pauseMs: number;
	resolve(): void;
	reject(error: unknown): void;
}

/**
 * Asks for all changes of an account which have reached every name server: one at a time, and none that is younger than
 * one that was not there yet.
 */
export class ChangePoller {
	readonly #pending = new Map<string, Pending>();
	readonly #asked = new Map<string, Promise<void>>();
	#isPolling = false;
	#lastAt = Number.NEGATIVE_INFINITY;
	/** How long a change takes, as far as was seen. */
	#expectedMs = 0;

	constructor(
		private readonly api: Pick<Route53Api, "inSync">,
		private readonly world: Pick<ZonesWorld, "clock" | "random" | "stop">,
	) {}

	/**
	 * @param submittedAt when Route 53 accepted the change, by the clock
	 * @throws DeadlineError ten minutes after that, Route53Error, and the reason of a stop
	 */
	inSync(id: string, submittedAt: number): Promise<void> {
		const known = this.#asked.get(id);
		if (known) return known;
		const asked = new Promise<void>((resolve, reject) => {
			this.#pending.set(id, { id, submittedAt, againAt: undefined, pauseMs: gapMs, resolve, reject });
		});
		this.#asked.set(id, asked);
		if (!this.#isPolling) {
			this.#isPolling = true;
			void this.#poll();
		}
		return asked;
	}

	async #poll(): Promise<void> {
		const { clock, stop } = this.world;
		for (;;) {
			const [next] = [...this.#pending.values()].sort((a, b) => this.#dueAt(a) - this.#dueAt(b));
			if (next === undefined) break;
			const waitMs = Math.max(this.#dueAt(next), this.#lastAt + gapMs) - clock.now();
			try {
				if (waitMs > 0) {
					// Another one may come meanwhile, and be due before.
					await clock.sleep(Math.min(waitMs, gapMs), stop);
					if (waitMs > gapMs) continue;
				}
				stop.throwIfAborted();
				await this.#ask(next);
			} catch (error) {
				if (!stop.aborted) {
					this.#end(next, () => next.reject(error));
					continue;
				}
				for (const each of [...this.#pending.values()]) this.#end(each, () => each.reject(stop.reason));
			}
		}
		this.#isPolling = false;
	}

	#dueAt({ submittedAt, againAt }: Pending): number {
		return againAt ?? submittedAt + Math.max(firstPauseMs, this.#expectedMs);
	}

	async #ask(change: Pending): Promise<void> {
		const { clock, random, stop } = this.world;
		this.#lastAt = clock.now();
		const age = this.#lastAt - change.submittedAt;
		if (await this.api.inSync(change.id, stop)) {
			// It may have been there for a while.
			this.#expectedMs = 0.9 * age;
			this.#end(change, change.resolve);
			return;
		}
		if (age > deadlineMs)
			throw new DeadlineError(`change ${change.id} to reach every Route 53 name server`, deadlineMs);
		this.#expectedMs = Math.max(this.#expectedMs, age);
		change.againAt = clock.now() + about(change.pauseMs, random);
		change.pauseMs = Math.min(change.pauseMs * 1.5, longestPauseMs);
	}

	#end(change: Pending, settle: () => void): void {
		this.#pending.delete(change.id);
		settle();
	}
}
