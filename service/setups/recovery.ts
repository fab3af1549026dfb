import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import { Deadline } from "pulumi-channels/ses";
import type { SetupStore } from "../database/setups.js";
import type { Expiry } from "./expiry.js";
import type { Removal } from "./removal.js";

export interface RecoveryOptions {
	/** How often the loop looks for work. */
	readonly intervalMs: number;
	/** How long the removal of one setup may take. Shorter than a lease. */
	readonly deadlineMs: number;
	/** 0 to 1. */
	readonly random: () => number;
}

/** How many setups are worked on at once, and fetched in one look. */
const batch = 8;

/**
 * Finishes what crashed or failed: undoes creates that did not end, ends deletes that did not, and sweeps up
 * after setups that are gone. Any number of instances may run it: leases keep them apart.
 */
export class Recovery {
	readonly #stopping = new AbortController();
	#running: Promise<void> | undefined;

	constructor(
		private readonly setups: SetupStore,
		private readonly removal: Removal,
		private readonly log: Logger,
		private readonly options: RecoveryOptions,
		/** Gives it more to do. */
		private readonly expiry?: Expiry,
	) {}

	start(): void {
		this.#running ??= this.#loop();
	}

	/** Ends when what is under way has ended. */
	async stop(): Promise<void> {
		this.#stopping.abort();
		await this.#running;
	}

	async #loop(): Promise<void> {
		const { signal } = this.#stopping;
		while (!signal.aborted) {
			const worked = await this.#round().catch((error: unknown) => {
				this.log.warn({ err: error }, "the recovery loop could not read its work");
				return 0;
			});
			if (worked === batch) continue;
			// Instances that were started together drift apart.
			const pause = this.options.intervalMs * (0.75 + this.options.random() / 2);
			await sleep(pause, undefined, { signal, ref: false }).catch(() => {});
		}
	}

	async #round(): Promise<number> {
		await this.expiry?.look().catch((error: unknown) => {
			this.log.warn({ err: error }, "an unverified setup could not be looked at");
		});
		const due = await this.setups.due(batch);
		await Promise.all(due.map((id) => this.#recover(id)));
		return due.length;
	}

	async #recover(id: string): Promise<void> {
		try {
			const setup = await this.setups.claim(id);
			if (!setup) return;
			using deadline = new Deadline(this.options.deadlineMs, { isUrgent: false });
			await this.removal.run(setup, deadline);
			if (setup.state !== "deleted") this.log.info({ setupId: id, state: setup.state }, "recovered a setup");
		} catch (error) {
			this.log.warn({ err: error, setupId: id }, "a setup could not be recovered yet");
		}
	}
}
