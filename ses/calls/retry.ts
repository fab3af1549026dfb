import {
	isClockSkewError,
	isRetryableByTrait,
	isThrottlingError,
	isTransientError,
} from "@smithy/core/retry";
import { isUnanswered } from "./errors.js";

/** How often a call that fails is made, throttled ones not counted. */
const attempts = 3;

/** How often what is being repeated has come to nothing, by the reason. */
export interface Failures {
	readonly throttled: number;
	readonly other: number;
}

/** Whether SES has not done it because it was asked too often. The SDK takes its quotas, which no pause lifts, for that. */
export function isThrottled(error: unknown): boolean {
	return (
		error instanceof Error && error.name !== "LimitExceededException" && isThrottlingError(sdkError(error))
	);
}

/**
 * Milliseconds until a call is made again; undefined when it is not. What SES throttles is repeated for as long as
 * there is time, anything else by the SDK's own rules: what looks temporary, twice.
 * @param isDelete deletes go by name alone: one that was sent and not answered may still happen, when another object
 * has the name, so it is not hidden behind a second one that succeeds
 */
export function pauseBeforeRetry(
	error: unknown,
	failures: Failures,
	{ isDelete, random }: { readonly isDelete: boolean; readonly random: () => number },
): number | undefined {
	if (isThrottled(error)) return backoff(500, 5_000, failures.throttled, random);
	if (!(error instanceof Error) || error.name === "LimitExceededException") return undefined;
	if (failures.other + 1 >= attempts || (isDelete && isUnanswered(error))) return undefined;
	const known = sdkError(error);
	const isTemporary = isTransientError(known) || isRetryableByTrait(known) || isClockSkewError(known);
	return isTemporary ? backoff(100, 2_000, failures.other, random) : undefined;
}

/** Doubles from the base to the cap; half of it is left to chance, so that those who failed together part. */
function backoff(baseMs: number, capMs: number, earlier: number, random: () => number): number {
	return Math.min(capMs, baseMs * 2 ** earlier) * (0.5 + random() / 2);
}

function sdkError(error: Error): Parameters<typeof isThrottlingError>[0] {
	return error as Parameters<typeof isThrottlingError>[0];
}
