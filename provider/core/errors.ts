/**
 * An error for the person at the terminal: what happened, where, and what to do next. Its message is
 * complete, so the adapter shows it as it stands.
 */
export class UserError extends Error {
	override readonly name = "UserError";
}

/**
 * The object exists but is not ready: the engine records it with these outputs, shows the reasons, and the
 * next `up` goes on from there.
 */
export class IncompleteError extends Error {
	override readonly name = "IncompleteError";
	constructor(
		readonly id: string,
		readonly outputs: object,
		readonly reasons: string[],
		options?: ErrorOptions,
	) {
		super(reasons.join("\n"), options);
	}
}

/** Joins lines to a message, leaving out what is absent. */
export const lines = (...parts: (string | false | undefined)[]): string =>
	parts.filter((part) => part !== false && part !== undefined).join("\n");
