import {
	isClockSkewError,
	isRetryableByTrait,
	isThrottlingError,
	isTransientError,
} from "@smithy/core/retry";
import { isUnanswered } from "./errors.js";

/** How often a call that fails is made, throttled ones not counted. */
const attempts = 3;

/** Whether SES has not done it because it was asked too often. The SDK takes its quotas, which no pause lifts, for that. */
export function isThrottled(error: unknown): boolean {
	return (
		error instanceof Error && error.name !== "LimitExceededException" && isThrottlingError(sdkError(error))
	);
}

/**
 * Milliseconds until a call is made again that was not throttled; undefined when it is not. The SDK's own rules: what
 * looks temporary, twice.
 * @param failures how often it has come to nothing before
 * @param isDelete deletes go by name alone: one that was sent and not answered may still happen, when another object
 * has the name, so it is not hidden behind a second one that succeeds
 */
export function pauseBeforeRetry(
	error: unknown,
	failures: number,
	{ isDelete, random }: { readonly isDelete: boolean; readonly random: () => number },
): number | undefined {
	if (!(error instanceof Error) || error.name === "LimitExceededException") return undefined;
	if (failures + 1 >= attempts || (isDelete && isUnanswered(error))) return undefined;
	const known = sdkError(error);
	const isTemporary = isTransientError(known) || isRetryableByTrait(known) || isClockSkewError(known);
	return isTemporary ? backoff(100, 2_000, failures, random) : undefined;
}

/** Doubles from the base to the cap; half of it is left to chance, so that those who failed together part. */
function backoff(baseMs: number, capMs: number, earlier: number, random: () => number): number {
	return Math.min(capMs, baseMs * 2 ** earlier) * (0.5 + random() / 2);
}

function sdkError(error: Error): Parameters<typeof isThrottlingError>[0] {
	return error as Parameters<typeof isThrottlingError>[0];
}
