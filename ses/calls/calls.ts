import { type SesClock, systemClock } from "./clock.js";
import { type Deadline, orAborted } from "./deadline.js";
import { isExpiry, toUpstreamError, UpstreamError, waitedInVain } from "./errors.js";
import { Pacing } from "./pacing.js";
import { isThrottled, pauseBeforeRetry } from "./retry.js";

/** Told about every request: for metrics. `outcome` is `ok` or the error's name. */
type CallObserver = (operation: string, outcome: string, milliseconds: number) => void;

export interface CallOptions {
	/** Of each operation: the others wait. */
	readonly requestsPerSecond: number;
	/** How many of each may follow one another at once after a pause. Default 1. */
	readonly burst?: number | undefined;
	/** 0 to 1. */
	readonly random: () => number;
	readonly observe?: CallObserver;
	readonly clock?: SesClock;
	/** Reads credentials anew that have expired. Without it they stay as they are. */
	readonly renew?: (() => Promise<void>) | undefined;
}

/** Makes calls of SES: each in its turn, again where that may help, and none beyond its deadline. */
export class Calls {
	readonly clock: SesClock;
	readonly #pacing: Pacing;

	constructor(private readonly options: CallOptions) {
		this.clock = options.clock ?? systemClock;
		this.#pacing = new Pacing(options.requestsPerSecond, this.clock, options.random, options.burst);
	}

	/**
	 * @param send makes one request, without retries of its own
	 * @throws UpstreamError
	 */
	async run<Answer>(
		operation: string,
		deadline: Deadline,
		send: (options: { abortSignal: AbortSignal }) => Promise<Answer>,
	): Promise<Answer> {
		const isDelete = operation.startsWith("Delete");
		let failures = 0;
		let hasRenewed = false;
		let last: UpstreamError | undefined;
		for (;;) {
			await this.#turn(operation, deadline, last);
			const sentAt = this.clock.now();
			try {
				const answer = await this.#once(operation, deadline, send);
				this.#pacing.sped(operation, sentAt);
				return answer;
			} catch (error) {
				if (!(error instanceof UpstreamError)) throw error;
				if (deadline.signal.aborted) throw error;
				last = error;
			}
			if (isThrottled(last.cause)) {
				this.#pacing.slow(operation, sentAt);
				continue;
			}
			this.#pacing.sped(operation, sentAt);
			if (isExpiry(last) && this.options.renew && !hasRenewed) {
				hasRenewed = true;
				// Where none are found, what SES says of the former ones tells more.
				await orAborted(this.options.renew(), deadline.signal).catch(() => {});
			} else {
				await this.#pause(last, failures, isDelete, deadline);
				failures += 1;
			}
		}
	}

	/** Until a call is made again that has failed. @throws its error where it is not */
	async #pause(error: UpstreamError, failures: number, isDelete: boolean, deadline: Deadline): Promise<void> {
		const pauseMs = pauseBeforeRetry(error.cause, failures, { isDelete, random: this.options.random });
		if (pauseMs === undefined) throw error;
		// What SES said last tells more than that the time is over.
		await this.clock.sleep(pauseMs, deadline.signal).catch(() => {
			throw error;
		});
	}

	/** @param last why the call is made again, which tells more than that no turn came in time */
	async #turn(
		operation: string,
		{ isUrgent, line, signal }: Deadline,
		last: UpstreamError | undefined,
	): Promise<void> {
		try {
			await this.#pacing.turn(operation, isUrgent, signal, line, last !== undefined);
		} catch (error) {
			if (last !== undefined) throw last;
			throw new UpstreamError("timeout", operation, waitedInVain, undefined, undefined, { cause: error });
		}
	}

	async #once<Answer>(
		operation: string,
		deadline: Deadline,
		send: (options: { abortSignal: AbortSignal }) => Promise<Answer>,
	): Promise<Answer> {
		const started = this.clock.now();
		const observe = (outcome: string) =>
			this.options.observe?.(operation, outcome, this.clock.now() - started);
		try {
			deadline.check();
			// The search for credentials does not end with the signal: the race does.
			const { signal } = deadline;
			const answer = await orAborted(send({ abortSignal: signal }), signal);
			observe("ok");
			return answer;
		} catch (error) {
			const upstreamError = toUpstreamError(error, operation, deadline.signal);
			observe(upstreamError.reason);
			throw upstreamError;
		}
	}
}
