/** A refusal by one of the sandbox's services, rendered by that service in its own wire format. */
export class ServiceError extends Error {
	override readonly name = "ServiceError";

	constructor(
		/** HTTP status. */
		readonly status: number,
		/** The error's name as AWS SDK clients show it in `err.name`. */
		readonly code: string,
		message: string,
		/** Further members of the error, e.g. `messages` of an InvalidChangeBatch. */
		readonly details: Readonly<Record<string, unknown>> = {},
	) {
		super(message);
	}
}
