import { Route53Error } from "../../provider/core/hosts/route53/api.js";
import type { HttpAnswer } from "../../sdk/index.js";
import { TransportError } from "../../sdk/transport.js";

/** What becomes of a request on its way. */
export type Fate =
	| "well"
	/** Nothing is done. */
	| "refused"
	| "busy"
	| "lost before"
	/** It is done. */
	| "lost after"
	| "broken after"
	/** It is done once its sender has given up. */
	| "late"
	/** It is done twice, and one of the answers comes back. */
	| "repeated";

/** How one service fails: each throws or answers. */
export interface Way<T> {
	readonly fates: readonly Exclude<Fate, "well">[];
	/** How long a request may be under way after its sender has given up. */
	readonly longestLateMs: number;
	refused(): T;
	busy(): T;
	lost(): T;
	broken(): T;
}

const fates = ["refused", "busy", "lost before", "lost after", "broken after", "late", "repeated"] as const;

export const page = (status: number): HttpAnswer => ({
	status,
	headers: { "content-type": "text/html" },
	body: "<html>nginx</html>",
});

export const channelsWay: Way<HttpAnswer> = {
	fates,
	// Longer than the provider asks again where every answer is lost.
	longestLateMs: 20_000,
	refused() {
		throw new TransportError("unreachable", false, "connect ECONNREFUSED", "ECONNREFUSED");
	},
	busy: () => ({
		status: 429,
		headers: { "content-type": "application/json", "retry-after": "2" },
		body: JSON.stringify({ detail: "Too many requests. Try again in 2 s." }),
	}),
	lost() {
		throw new TransportError("lost", true, "other side closed", "UND_ERR_SOCKET");
	},
	broken: () => page(502),
};

const unanswered = (code: string) =>
	new Route53Error(`Route 53 could not be heard (${code}).`, code, { unanswered: true });

export const route53Way: Way<never> = {
	fates,
	// Nobody can tell what comes later than a whole next run.
	longestLateMs: 1_500,
	refused() {
		throw unanswered("ConnectionLost");
	},
	busy() {
		throw new Route53Error("Rate exceeded (Throttling).", "Throttling");
	},
	lost() {
		throw unanswered("ConnectionLost");
	},
	broken() {
		throw unanswered("ServiceUnavailable");
	},
};

/** SES answers as the Channels API does, but for what it says of calls that come too fast (API reference, common errors). */
export const sesWay: Way<HttpAnswer> = {
	...channelsWay,
	// Nobody can tell what comes later than a whole next run.
	longestLateMs: 1_500,
	busy: () => refusal(429, "TooManyRequestsException", "Rate exceeded"),
	broken: () => page(503),
};

/** As SES words a refusal: its name stands in a header. */
export const refusal = (status: number, name: string, message: string): HttpAnswer => ({
	status,
	headers: { "content-type": "application/json", "x-amzn-errortype": name },
	body: JSON.stringify({ message }),
});
