/**
 * The codes of the errors that the client itself gives; an error that the API sent has the API's code where that sends one.
 * docs/troubleshooting.md has an entry for each.
 */
export const errorCodes = [
	/** The client was given something that cannot be right. */
	"invalid-option",
	"invalid-request",
	"api-unauthorized",
	"api-forbidden",
	"not-found",
	"conflict",
	"rate-limited",
	"api-failed",
	"api-unavailable",
	"api-timeout",
	"api-not-connected",
	"unexpected-answer",
	"api-withdrawn",
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** The code of an answer that is no success and has none of its own. `isOfApi`: its body is the API's JSON. */
export function codeOfStatus(status: number, isOfApi: boolean): ErrorCode {
	if (status >= 500) return [502, 503, 504].includes(status) ? "api-unavailable" : "api-failed";
	switch (status) {
		case 400:
		case 422:
			return "invalid-request";
		case 401:
			return "api-unauthorized";
		case 403:
			return "api-forbidden";
		case 404:
			// What is not the API's knows nothing of the thing that was asked for.
			return isOfApi ? "not-found" : "unexpected-answer";
		case 408:
			return "api-timeout";
		case 409:
			return "conflict";
		case 429:
			return "rate-limited";
		default:
			return "unexpected-answer";
	}
}
