import type { ErrorResponse, ValidationErrorItem } from "pulumi-channels/sdk";
import type { Setup } from "../database/setups.js";
import { codeHeader, type ErrorCode, ServiceError } from "../error-codes.js";

/** An answer that refuses: its status, its code, and the detail the caller reads. */
export class ApiError extends ServiceError {
	override readonly name = "ApiError";
	readonly headers: Readonly<Record<string, string>>;

	constructor(
		readonly status: number,
		code: ErrorCode,
		readonly detail: ErrorResponse["detail"],
		headers: Readonly<Record<string, string>> = {},
		options?: ErrorOptions,
	) {
		super(code, typeof detail === "string" ? detail : JSON.stringify(detail), options);
		this.headers = { ...headers, [codeHeader]: code };
	}
}

/** 422 for one field. */
export function invalid(item: ValidationErrorItem): ApiError {
	return new ApiError(422, "invalid-request", [item]);
}

export function notFound(code: ErrorCode, what: string): ApiError {
	return new ApiError(404, code, `${what} not found in this workspace.`);
}

/** 429: the caller is to wait so long. */
export function tooMany(what: string, ms: number): ApiError {
	const seconds = Math.max(1, Math.ceil(ms / 1_000));
	return new ApiError(429, "rate-limited", `${what} Try again in ${seconds} s.`, {
		"retry-after": String(seconds),
	});
}

/** When an upstream failure is worth another try, in seconds: it is away, or it has too much to do. */
const retryAfter = { 502: "2", 504: "5" };

/** 502 or 504: the service that the work is done with is away, or did not answer in time. */
export function upstreamFailure(
	status: 502 | 504,
	code: ErrorCode,
	detail: string,
	options?: ErrorOptions,
): ApiError {
	return new ApiError(status, code, detail, { "retry-after": retryAfter[status] }, options);
}

export function conflict(code: ErrorCode, detail: string, options?: ErrorOptions): ApiError {
	return new ApiError(409, code, detail, {}, options);
}

/** 409 for a create whose tenant or domain another setup has. */
export function held(
	by: Pick<Setup, "id" | "workspaceId" | "tenantName" | "domain" | "state">,
	wanted: Pick<Setup, "workspaceId" | "tenantName" | "domain">,
): ApiError {
	const hasTenant = by.tenantName === wanted.tenantName;
	const exists = `${hasTenant ? "Tenant name" : "Domain identity"} already exists`;
	switch (by.state) {
		case "creating":
			return conflict("names-busy", `${exists}: a setup with it is being created right now.`);
		case "deleting":
		case "undoing":
			return conflict(
				"names-busy",
				`${exists}: a setup with it is being removed right now. Try again in a few seconds.`,
			);
		default: {
			// Who has a name in another workspace is nobody's business here.
			if (by.workspaceId !== wanted.workspaceId) return conflict("names-taken", `${exists}.`);
			const isSame = hasTenant && by.domain === wanted.domain;
			return conflict(isSame ? "setup-exists" : "names-taken", `${exists} (setup ${by.id}).`);
		}
	}
}

/** 409 for a create that has made a setup, which was deleted since. */
export function createWasDeleted(id: string): ApiError {
	return conflict(
		"create-was-deleted",
		`Setup ${id}, which the create with this Idempotency-Key made, was deleted. To make it anew, send the create with another key.`,
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
		"create-under-way",
		"The first request with this Idempotency-Key is still under way. Send it again.",
	);
}
