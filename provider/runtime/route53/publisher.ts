import type { RecordSetState } from "../../shapes.js";
import type { Clock } from "../clock.js";
import { type Route53Api, Route53Error } from "./api.js";
import { pack } from "./batches.js";
import { Coalescer } from "./coalesce.js";
import type { Change } from "./plan.js";
import { type Range, readRanges } from "./reader.js";

/** What one resource wants changed in a zone. */
export interface Submission {
	/** What of the zone the plan must see. */
	ranges: Range[];
	/**
	 * Decides the changes from what stands there now. It is asked again, with fresh eyes, when the zone has
	 * changed in between. What it throws refuses this submission and no other.
	 */
	plan(current: RecordSetState[]): Change[];
}

interface Pending extends Submission {
	attempts: number;
	resolve(changeId: string | undefined): void;
	reject(error: unknown): void;
}

interface Planned {
	item: Pending;
	changes: Change[];
}

/** How often a plan is made anew because somebody else changed the zone between reading and writing. */
const maxAttempts = 4;
const windowMs = 15;

/**
 * Makes the changes of one hosted zone, one call at a time: overlapping calls would fail with
 * PriorRequestNotComplete. What is submitted at the same time shares a reading and a batch.
 */
export class Publisher {
	readonly #queue: Coalescer<Pending>;

	constructor(
		private readonly api: Route53Api,
		private readonly zoneId: string,
		clock: Clock,
		private readonly stop: AbortSignal,
	) {
		this.#queue = new Coalescer(clock, windowMs, (items) => this.#round(items));
	}

	/**
	 * Resolves with the change's id once Route 53 has accepted it, or undefined if there was nothing to do.
	 *
	 * @throws what the plan threw, or Route53Error.
	 */
	submit(submission: Submission): Promise<string | undefined> {
		return new Promise((resolve, reject) => {
			this.#queue.add({ ...submission, attempts: 0, resolve, reject });
		});
	}

	async #round(items: Pending[]): Promise<void> {
		const planned: Planned[] = [];
		try {
			const current = await readRanges(
				(start) => this.api.listRecordSets(this.zoneId, start, this.stop),
				items.flatMap((item) => item.ranges),
			);
			const taken = new Set<string>();
			for (const item of items) {
				try {
					const changes = item.plan(current);
					const names = changes.map(({ set }) => set.name);
					if (changes.length === 0) item.resolve(undefined);
					else if (names.some((name) => taken.has(name))) this.#queue.add(item);
					else planned.push({ item, changes });
					for (const name of names) taken.add(name);
				} catch (error) {
					item.reject(error);
				}
			}
		} catch (error) {
			for (const item of items) item.reject(error);
			return;
		}
		for (const batch of pack(planned)) await this.#change(batch);
	}

	/** One batch is one atomic change; one that is refused is split, so that it fails only those it must. */
	async #change(batch: Planned[]): Promise<void> {
		try {
			const id = await this.api.change(
				this.zoneId,
				batch.flatMap(({ changes }) => changes),
				this.stop,
			);
			for (const { item } of batch) item.resolve(id);
		} catch (error) {
			const code = error instanceof Route53Error ? error.code : undefined;
			const [only] = batch;
			if (code === "InvalidChangeBatch" && batch.length > 1) {
				const middle = Math.ceil(batch.length / 2);
				await this.#change(batch.slice(0, middle));
				await this.#change(batch.slice(middle));
			} else if ((code === "InvalidChangeBatch" && only) || code === "ConnectionLost") {
				// Either the zone changed since it was read, or nobody knows whether the batch was made. What was
				// read is compared and swapped, so a new plan repeats nothing.
				for (const { item } of batch) {
					item.attempts += 1;
					if (item.attempts < maxAttempts) this.#queue.add(item);
					else item.reject(error);
				}
			} else {
				for (const { item } of batch) item.reject(error);
			}
		}
	}
}
