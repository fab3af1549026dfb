import { type Deadline, HeldUpstream, type Ses, UpstreamError } from "pulumi-channels/ses";
import type { Setup, SetupStore } from "../database/setups.js";

export interface RemovalOptions {
	/**
	 * How long SES may still carry out a delete after nobody waits for its answer any more, in milliseconds. The
	 * names are not free before: the delete goes by name, and would hit whatever has it by then.
	 */
	readonly settleMs: number;
	/**
	 * When a removed setup is looked at again, counted from its removal or the sweep before, in milliseconds.
	 * A process that was paused in the middle of a create, or a call that SES answered too late, may still make
	 * what was taken down since. After the last sweep the setup is forgotten.
	 */
	readonly sweepsMs: readonly number[];
	/** 0 to 1. */
	readonly random: () => number;
}

/** The longest pause between two tries in milliseconds. */
const capMs = 30_000;

/** The same where an operator has to do something first. A client's own delete is tried at once. */
const heldCapMs = 600_000;

/** Takes down what a setup has upstream. The caller holds the setup's lease; no one else deletes its objects. */
export class Removal {
	constructor(
		private readonly setups: SetupStore,
		private readonly upstream: Ses,
		private readonly options: RemovalOptions,
	) {}

	/**
	 * Removes the setup's identity and tenant, then frees its names; for a setup that is already removed, sweeps.
	 * When it fails the lease is given back, the recovery loop will try again, and the error is thrown.
	 * @returns false when the lease was lost meanwhile: its new holder finishes the work.
	 */
	async run(setup: Setup, deadline: Deadline): Promise<boolean> {
		const isSweep = setup.state === "deleted";
		try {
			await this.upstream.remove(setup, setup.id, deadline);
		} catch (error) {
			const attempts = isSweep ? setup.attempts : setup.attempts + 1;
			await this.setups.postpone(setup, {
				attempts,
				delayMs: Math.max(
					this.#backoff(attempts, error instanceof HeldUpstream ? heldCapMs : capMs),
					isSweep ? (this.options.sweepsMs[attempts] ?? 0) : 0,
				),
				holdMs: error instanceof UpstreamError && error.mayStillHappen ? this.options.settleMs : 0,
			});
			throw error;
		}
		const { sweepsMs } = this.options;
		if (!isSweep) return this.setups.finishRemoval(setup, sweepsMs[0] ?? 0);
		const swept = setup.attempts + 1;
		const next = sweepsMs[swept];
		if (next === undefined) await this.setups.purge(setup);
		else await this.setups.postpone(setup, { delayMs: next, attempts: swept });
		return true;
	}

	/** 1 s, doubling up to the cap, of which up to half is left to chance. */
	#backoff(attempts: number, cap: number): number {
		return Math.min(cap, 1_000 * 2 ** attempts) * (1 - this.options.random() / 2);
	}
}
