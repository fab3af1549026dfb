import {
	type ChannelsError,
	ConnectionError,
	leavesOpen,
	RateLimitedError,
	ServerError,
	TimeoutError,
} from "./errors.js";

/** How often a call is tried in all, rate limits apart. */
const MAX_ATTEMPTS = 4;
const BASE_MS = 250;
const CAP_MS = 5_000;
/** However long a server asks to wait. */
const RETRY_AFTER_CAP_MS = 30_000;

/**
 * Whether doing a call twice is the same as doing it once. `keyed`: it carries a key by which the API knows it again, so
 * it is repeated where it may have been done, to learn what came of it. What was certainly not done is not: that it
 * failed is a whole answer.
 */
export type Repeatable = boolean | "keyed";

/**
 * Milliseconds to wait before a failed call is sent again; undefined if it must not be, or is not worth it.
 * A rate limit is waited out as often as the call's deadline allows, because nothing was done.
 * @param tries how many attempts there were, those that met a rate limit apart
 * @param random uniform in [0, 1)
 */
export function retryDelay(
	error: ChannelsError,
	repeatable: Repeatable,
	tries: number,
	random: () => number,
): number | undefined {
	const limited = error instanceof RateLimitedError;
	const isWorthIt =
		repeatable === "keyed"
			? leavesOpen(error) || (error.inDoubt && isTransient(error))
			: repeatable && isTransient(error);
	if (!limited && !(isWorthIt && tries < MAX_ATTEMPTS)) return undefined;
	// Full jitter: clients that failed together do not come back together.
	const backoff = random() * Math.min(CAP_MS, BASE_MS * 2 ** (error.attempts - 1));
	const asked = limited || error instanceof ServerError ? (error.retryAfterMs ?? 0) : 0;
	return Math.min(asked, RETRY_AFTER_CAP_MS) + backoff;
}

function isTransient(error: ChannelsError): boolean {
	if (error instanceof ConnectionError) return error.reason !== "insecure";
	return error instanceof TimeoutError || error instanceof ServerError || error.status === 408;
}

/** A `Retry-After` header in milliseconds: seconds, or a date. Undefined if it is neither. */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
	if (header === undefined) return undefined;
	if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1_000;
	const date = Date.parse(header);
	return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
