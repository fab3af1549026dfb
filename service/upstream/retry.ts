import { StandardRetryStrategy } from "@smithy/core/retry";

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
