import { LookupError, shown, type Words } from "../../dns/index.js";
import { ChannelsError } from "../../sdk/errors.js";
import { type ErrorCode, withCode } from "./error-codes.js";

/** An error that has an entry in `docs/troubleshooting.md`. Its message does not hold the code: {@link told} adds it. */
export abstract class CodedError<Code extends string = ErrorCode> extends Error {
	constructor(
		readonly code: Code,
		message: Words,
		options?: ErrorOptions,
	) {
		super(shown(message), options);
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
	readonly reasons: string[];
	constructor(
		code: ErrorCode,
		readonly id: string,
		readonly outputs: object,
		reasons: readonly Words[],
		options?: ErrorOptions,
	) {
		super(code, reasons.flat(), options);
		this.reasons = reasons.map(shown);
	}
}

/** The code of an error, which for what is none of ours, or of the API's, is `unexpected`. */
export const codeOf = (error: unknown): ErrorCode =>
	error instanceof CodedError || error instanceof ChannelsError || error instanceof LookupError
		? // What an API has that is newer than this is handed on as it is.
			(error.code as ErrorCode)
		: "unexpected";

/** The same error with more said about it. What is to be done is what its code says. */
export const saying = (message: Words, cause: unknown): UserError =>
	new UserError(codeOf(cause), message, { cause });

/** An error as a person reads it. */
export const told = (error: unknown): string[] => withCodeBehind(linesOf(error), codeOf(error));

/** The lines of a message, and those of errors among them, leaving out what is absent. */
export const lines = (...parts: (Words | Error | false | undefined)[]): string[] =>
	parts
		.filter((part) => part !== false && part !== undefined)
		.flatMap((part) => (part instanceof Error ? linesOf(part) : part));

/** What an error says. Only of our own it is known that the line breaks are ours. */
export const linesOf = (error: unknown): string[] => {
	if (error instanceof CodedError) return error.message.split("\n");
	return [error instanceof Error ? error.message : String(error)];
};

/** See {@link withCode}. */
export const withCodeBehind = (message: readonly string[], code: ErrorCode): string[] => [
	...message.slice(0, -1),
	withCode(message.at(-1) ?? "", code),
];
