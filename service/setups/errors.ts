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

export function conflict(detail: string, options?: ErrorOptions): ApiError {
	return new ApiError(409, detail, {}, options);
}
