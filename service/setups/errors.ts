import type { ErrorResponse, ValidationErrorItem } from "pulumi-channels/sdk";

/** The statuses that handlers answer on purpose. */
export type ErrorStatus = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 422 | 429 | 500 | 502 | 503 | 504;

/** An answer that refuses: its status, and the detail the caller reads. */
export class ApiError extends Error {
	override readonly name = "ApiError";

	constructor(
		readonly status: ErrorStatus,
		readonly detail: ErrorResponse["detail"],
		readonly headers: Readonly<Record<string, string>> = {},
		options?: ErrorOptions,
	) {
		super(typeof detail === "string" ? detail : JSON.stringify(detail), options);
	}
}

/** 422 for one field. */
export function invalid(item: ValidationErrorItem): ApiError {
	return new ApiError(422, [item]);
}

export function notFound(what: string): ApiError {
	return new ApiError(404, `${what} not found in this workspace.`);
}

/** 429: the caller is to wait so long. */
export function tooMany(what: string, ms: number): ApiError {
	const seconds = Math.max(1, Math.ceil(ms / 1_000));
	return new ApiError(429, `${what} Try again in ${seconds} s.`, { "retry-after": String(seconds) });
}

/** When an upstream failure is worth another try, in seconds: it is away, or it has too much to do. */
const retryAfter = { 502: "2", 504: "5" };

/** 502 or 504: the service that the work is done with is away, or did not answer in time. */
export function upstreamFailure(status: 502 | 504, detail: string, options?: ErrorOptions): ApiError {
	return new ApiError(status, detail, { "retry-after": retryAfter[status] }, options);
}

export function conflict(detail: string, options?: ErrorOptions): ApiError {
	return new ApiError(409, detail, {}, options);
}

/** 409 for a create that has made a setup, which was deleted since. */
export function createWasDeleted(id: string): ApiError {
	return new ApiError(
		409,
		`Setup ${id}, which the create with this Idempotency-Key made, was deleted. To make it anew, send the create with another key.`,
		{ "channels-error-code": "create-was-deleted" },
	);
}

/** 422 for a key that belongs to the create of another setup. */
export function keyOfAnother(): ApiError {
	const msg = "The key belongs to a create of another tenant or domain. Give each create a key of its own";
	return invalid({ loc: ["header", "Idempotency-Key"], msg, type: "value_error" });
}

/** 504 for a create whose first request has not ended. */
export function stillUnderWay(): ApiError {
	return upstreamFailure(
		504,
		"The first request with this Idempotency-Key is still under way. Send it again.",
	);
}
