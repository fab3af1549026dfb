import { SesError, errorCodes as sesCodes } from "pulumi-channels/ses";

/** What kinds of errors there are, by what a person does next. docs/troubleshooting.md has an entry for each. */
export const errorCodes = [
	// Of requests.
	"not-authenticated",
	"permission-missing",
	"setup-not-found",
	"use-case-not-found",
	"no-such-path",
	"method-not-allowed",
	"bad-request",
	"request-incomplete",
	"body-too-large",
	"invalid-request",
	"rate-limited",
	"setup-exists",
	"names-taken",
	"names-busy",
	"setup-in-use",
	"setup-being-deleted",
	"setup-limit",
	"use-case-exists",
	"use-case-limit",
	"create-was-deleted",
	"create-under-way",
	// Of requests and of the command.
	...sesCodes,
	"database-unavailable",
	"internal",
	// Of the command.
	"node-too-old",
	"setting-invalid",
	"option-invalid",
	"region-not-usable",
	"cannot-listen",
	"database-not-opened",
	"database-elsewhere",
	"backup-refused",
	"reconcile-refused",
	"mail-from-refused",
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** The header of an answer that has the code of its error. */
export const codeHeader = "channels-error-code";

/** An error that the service expects. Its message does not tell the code. */
export class ServiceError extends Error {
	override readonly name: string = "ServiceError";

	constructor(
		readonly code: ErrorCode,
		message: string,
		options?: ErrorOptions,
	) {
		super(message, options);
	}
}

export function codeOf(error: unknown): ErrorCode {
	return error instanceof ServiceError || error instanceof SesError ? error.code : "internal";
}
