import { type SesClock, systemClock } from "./clock.js";
import { type Deadline, orAborted } from "./deadline.js";
import { toUpstreamError, UpstreamError, waitedInVain } from "./errors.js";
import { Pacing } from "./pacing.js";
import { type Failures, isThrottled, pauseBeforeRetry } from "./retry.js";

/** Told about every request: for metrics. `outcome` is `ok` or the error's name. */
type CallObserver = (operation: string, outcome: string, milliseconds: number) => void;

export interface CallOptions {
	/** Of each operation: the others wait. */
	readonly requestsPerSecond: number;
	/** 0 to 1. */
	readonly random: () => number;
	readonly observe?: CallObserver;
	readonly clock?: SesClock;
}

/** Makes calls of SES: each in its turn, again where that may help, and none beyond its deadline. */
export class Calls {
	readonly clock: SesClock;
	readonly #pacing: Pacing;

	constructor(private readonly options: CallOptions) {
		this.clock = options.clock ?? systemClock;
		this.#pacing = new Pacing(options.requestsPerSecond, this.clock);
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
		let failures: Failures = { throttled: 0, other: 0 };
		for (;;) {
			await this.#turn(operation, deadline);
			try {
				return await this.#once(operation, deadline, send);
			} catch (error) {
				if (!(error instanceof UpstreamError) || deadline.signal.aborted) throw error;
				const pauseMs = pauseBeforeRetry(error.cause, failures, { isDelete, random: this.options.random });
				if (pauseMs === undefined) throw error;
				failures = isThrottled(error.cause)
					? { ...failures, throttled: failures.throttled + 1 }
					: { ...failures, other: failures.other + 1 };
				// What SES said last tells more than that the time is over.
				await this.clock.sleep(pauseMs, deadline.signal).catch(() => {
					throw error;
				});
			}
		}
	}

	async #turn(operation: string, { isUrgent, line, signal }: Deadline): Promise<void> {
		try {
			await this.#pacing.turn(operation, isUrgent, signal, line);
		} catch (error) {
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
