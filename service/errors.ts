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

/** Whether an error means that the database could not be reached or was shutting down, so that repeating may help. */
export function isDatabaseOutage(error: unknown): boolean {
	if (!(error instanceof Error)) return false;
	const code = "code" in error && typeof error.code === "string" ? error.code : "";
	return (
		// Class 08 is a connection exception, 57P01–57P03 a server that stops or starts, 53300 too many connections.
		/^(08...|57P0[123]|53300)$/.test(code) ||
		["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT"].includes(code) ||
		/Connection terminated|connection error|timeout exceeded when trying to connect|Query read timeout|database is locked/i.test(
			error.message,
		)
	);
}
