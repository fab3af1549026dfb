import { formatDuration } from "../arguments/duration.js";
import type { Clock } from "./clock.js";
import type { ErrorCode } from "./error-codes.js";
import { CodedError } from "./errors.js";

/** Something did not happen in time. */
export class DeadlineError extends CodedError {
	override readonly name = "DeadlineError";
	/** @param what Completes "Waited … for". */
	constructor(code: ErrorCode, what: string, ms: number) {
		super(code, `Waited ${formatDuration(ms)} for ${what}, in vain.`);
	}
}

/** A signal that aborts with this error at the deadline, or with the outer signal's reason before. */
export function deadlineSignal(
	clock: Clock,
	ms: number,
	outer: AbortSignal,
	error: () => Error,
): { signal: AbortSignal } & Disposable {
	const controller = new AbortController();
	const over = new AbortController();
	const forward = () => controller.abort(outer.reason);
	if (outer.aborted) forward();
	else outer.addEventListener("abort", forward, { once: true });
	clock.sleep(ms, over.signal).then(
		() => controller.abort(error()),
		() => {},
	);
	return {
		signal: controller.signal,
		[Symbol.dispose]() {
			outer.removeEventListener("abort", forward);
			over.abort();
		},
	};
}
