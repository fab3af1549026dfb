/** What kinds of errors Amazon SES gives, by what a person does next. docs/troubleshooting.md has an entry for each. */
export const errorCodes = [
	"exists-upstream",
	"identity-in-other-tenant",
	"upstream-refused",
	"upstream-denied",
	"upstream-unavailable",
	"upstream-timeout",
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** An error that comes of what stands in Amazon SES, or of what it says. Its message does not tell the code. */
export class SesError extends Error {
	override readonly name: string = "SesError";

	constructor(
		readonly code: ErrorCode,
		message: string,
		options?: ErrorOptions,
	) {
		super(message, options);
	}
}
