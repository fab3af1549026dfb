import { LookupError } from "../../dns/index.js";
import { ChannelsError } from "../../sdk/errors.js";
import { type ErrorCode, withCode } from "./error-codes.js";

/** An error that has an entry in `docs/troubleshooting.md`. Its message does not hold the code: {@link told} adds it. */
export abstract class CodedError<Code extends string = ErrorCode> extends Error {
	constructor(
		readonly code: Code,
		message: string,
		options?: ErrorOptions,
	) {
		super(message, options);
	}
}

/**
 * An error for the person at the terminal: what happened, where, and what to do next. Its message is
 * complete but for the code.
 */
export class UserError extends CodedError {
	override readonly name = "UserError";
}

/**
 * The object exists but is not ready: the engine records it with these outputs, shows the reasons, and the
 * next `up` goes on from there.
 */
export class IncompleteError extends CodedError {
	override readonly name = "IncompleteError";
	constructor(
		code: ErrorCode,
		readonly id: string,
		readonly outputs: object,
		readonly reasons: string[],
		options?: ErrorOptions,
	) {
		super(code, reasons.join("\n"), options);
	}
}

/** The code of an error, which for what is none of ours, or of the API's, is `unexpected`. */
export const codeOf = (error: unknown): ErrorCode =>
	error instanceof CodedError || error instanceof ChannelsError || error instanceof LookupError
		? // What an API has that is newer than this is handed on as it is.
			(error.code as ErrorCode)
		: "unexpected";

/** The same error with more said about it. What is to be done is what its code says. */
export const saying = (message: string, cause: unknown): UserError =>
	new UserError(codeOf(cause), message, { cause });

/** An error as a person reads it. */
export const told = (error: unknown): string =>
	withCode(error instanceof Error ? error.message : String(error), codeOf(error));

/** Joins lines to a message, leaving out what is absent. */
export const lines = (...parts: (string | false | undefined)[]): string =>
	parts.filter((part) => part !== false && part !== undefined).join("\n");
