import type { Words } from "../../../dns/index.js";
import { CodedError, codeOf } from "../errors.js";
import type { Home } from "./setup.js";

/** A create that failed, and of which something may stand: what has its id takes that down. */
export class HalfMadeError extends CodedError {
	override readonly name = "HalfMadeError";

	constructor(
		readonly id: string,
		readonly home: Home,
		message: Words,
		cause: unknown,
	) {
		super(codeOf(cause), message, { cause });
	}
}
