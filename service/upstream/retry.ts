import { StandardRetryStrategy } from "@smithy/core/retry";
import { isUnanswered } from "./errors.js";

type Refresh = StandardRetryStrategy["refreshRetryTokenForRetry"];

/**
 * The SDK's own retries but for LimitExceededException, which the SDK takes for throttling: at SES it is a quota,
 * which no pause lifts.
 */
export class SesRetryStrategy extends StandardRetryStrategy {
	override async refreshRetryTokenForRetry(...[token, info]: Parameters<Refresh>): ReturnType<Refresh> {
		const { error } = info;
		if (error instanceof Error && error.name === "LimitExceededException") throw error;
		return super.refreshRetryTokenForRetry(token, info);
	}
}

/**
 * For deletes, which go by name alone: one that was sent and not answered may still happen, when another object
 * has the name. It is not hidden behind a second one that succeeds.
 */
export class DeleteRetryStrategy extends SesRetryStrategy {
	override async refreshRetryTokenForRetry(...[token, info]: Parameters<Refresh>): ReturnType<Refresh> {
		if (isUnanswered(info.error)) throw info.error;
		return super.refreshRetryTokenForRetry(token, info);
	}
}
