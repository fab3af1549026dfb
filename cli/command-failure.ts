import type { Words } from "../dns/index.js";
import { CodedError } from "../provider/core/errors.js";
import type { CommandErrorCode } from "./error-codes.js";

/**
 * What the command's exit code says; part of its interface.
 *
 * 0: done, and all is well. 1: done, and what was found is not well: not verified, not there, in the way.
 * 2: the command was called wrongly. 3: nobody knows: the API, DNS, Route 53 or a file could not be used.
 * 130: stopped by ^C.
 */
export const exitCodes = { ok: 0, problem: 1, usage: 2, unavailable: 3, stopped: 130 } as const;

/** Ends the command with a message that is complete: what happened, where, and what to do. */
export class Failure extends CodedError<CommandErrorCode> {
	override readonly name = "Failure";
	constructor(
		code: CommandErrorCode,
		message: Words,
		readonly exitCode: number,
		options?: ErrorOptions,
	) {
		super(code, message, options);
	}
}

/** Whether it is about asking SES, so that nothing is known of what was asked for. */
export const isUnasked = (error: unknown): boolean =>
	error instanceof CodedError && /^(aws|ses)-/.test(error.code);

export const usageError = (message: string) => new Failure("option-invalid", message, exitCodes.usage);
