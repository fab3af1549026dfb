import type { RecordSetState } from "../../shapes.js";
import type { Clock } from "../clock.js";
import { pauseBefore } from "../jitter.js";
import { Coalescer, inHalves } from "./coalesce.js";
import { type AcceptedChange, type DnsHost, isHostError, type PlannedChange, type Range } from "./host.js";
import type { Intent } from "./intents.js";
import { readTogether } from "./shared-reader.js";

/** What the calls of an account's zones need of the world around. */
export interface ZonesWorld {
	clock: Clock;
	/** Uniform in [0, 1). */
	random: () => number;
	/** Whether the engine can set off nothing more until something ends. */
	complete: () => boolean;
	stop: AbortSignal;
}

/** What one resource wants changed in a zone. */
export interface Submission {
	/** What of the zone the plan must see. */
	ranges: Range[];
	/**
	 * Decides the changes from what stands there now. It is asked again, with fresh eyes, when the zone has
	 * changed in between. What it throws refuses this submission and no other.
	 */
	plan(current: RecordSetState[]): readonly Intent[];
	/**
	 * Told that a change of that plan has failed: without an answer, so that it may have been made, or refused, because the
	 * zone has changed since it was read, if only by the same change, which something on its way has repeated.
	 */
	failed?(unanswered: boolean): void;
}

interface Pending extends Submission {
	refusals: number;
	unanswered: number;
	resolve(change: AcceptedChange | undefined): void;
	reject(error: unknown): void;
}

interface Planned extends PlannedChange {
	item: Pending;
}

/** How often a plan is made anew, because the zone changed since it was read or no answer came. */
const attempts = 4;
/** One change takes up to a minute to be seen everywhere, and one more call of five a second at most. */
const longestWindowMs = 5_000;

/**
 * Makes the changes of one hosted zone, one call at a time: overlapping calls would fail with
 * PriorRequestNotComplete. What is submitted at the same time shares a reading and a batch.
 */
export class Publisher {
	readonly #queue: Coalescer<Pending>;

	constructor(
		private readonly host: DnsHost,
		private readonly zoneId: string,
		private readonly world: ZonesWorld,
	) {
		this.#queue = new Coalescer({ ...world, longestWindowMs }, (items) => this.#round(items));
	}

	/**
	 * Resolves with the change once the host has accepted it, or undefined if there was nothing to do.
	 *
	 * @throws what the plan threw, or HostError.
	 */
	submit(submission: Submission): Promise<AcceptedChange | undefined> {
		return new Promise((resolve, reject) => {
			this.#queue.add({ ...submission, refusals: 0, unanswered: 0, resolve, reject });
		});
	}

	async #round(items: Pending[]): Promise<void> {
		const planned: Planned[] = [];
		const taken = new Set<string>();
		await readTogether(
			(ranges) => this.host.read(this.zoneId, ranges),
			items,
			(item, current) => {
				const intents = this.#plan(item, current, taken);
				if (intents) planned.push({ item, intents, current });
			},
		);
		for (const batch of this.host.batches(planned)) await this.#change(batch);
	}

	/** Two plans for one name cannot share a reading: the later one waits for the next round. */
	#plan(item: Pending, current: RecordSetState[], taken: Set<string>): readonly Intent[] | undefined {
		try {
			const intents = item.plan(current);
			const names = intents.map(({ name }) => name);
			const waits = names.some((name) => taken.has(name));
			for (const name of names) taken.add(name);
			if (intents.length > 0 && !waits) return intents;
			if (waits) this.#queue.add(item);
			else item.resolve(undefined);
		} catch (error) {
			item.reject(error);
		}
		return undefined;
	}

	/** One batch is one atomic change; one that is refused is split, so that it fails only those it must. */
	#change(batch: Planned[]): Promise<void> {
		return inHalves(
			batch,
			async (planned) => {
				const accepted = await this.host.change(this.zoneId, planned);
				for (const { item } of planned) item.resolve(accepted);
			},
			(error) => isHostError(error, "outdated", "refused"),
			async (planned, error) => {
				const items = planned.map(({ item }) => item);
				if (isHostError(error, "outdated")) {
					for (const item of items) item.failed?.(false);
					this.#again(items, "refusals", error);
				} else if (isHostError(error, "unanswered")) {
					for (const item of items) item.failed?.(true);
					await this.#pause(items);
					this.#again(items, "unanswered", error);
				} else {
					for (const item of items) item.reject(error);
				}
			},
		);
	}

	/** What was read is compared and swapped, so a new plan repeats nothing that was done. */
	#again(items: Pending[], count: "refusals" | "unanswered", error: unknown): void {
		for (const item of items) {
			item[count] += 1;
			if (item[count] < attempts && !this.world.stop.aborted) this.#queue.add(item);
			else item.reject(error);
		}
	}

	async #pause(items: Pending[]): Promise<void> {
		const repetition = Math.max(...items.map(({ unanswered }) => unanswered));
		// Told to stop, nothing is left to wait for: `#again` gives up.
		await this.world.clock.sleep(pauseBefore(repetition, this.world.random), this.world.stop).catch(() => {});
	}
}
