import type { Words } from "../../../dns/index.js";
import { UserError } from "../errors.js";

/** The workspace has a setup of exactly these names. */
export class SetupExistsError extends UserError {
	constructor(
		code: "setup-exists" | "setup-perhaps-ours",
		message: Words,
		readonly setupId: string,
		/** What may come of a first request whose answer got lost. */
		readonly doubt: string | undefined,
		options?: ErrorOptions,
	) {
		super(code, message, options);
	}
}

/** What to do about a setup of exactly these names. */
export const toManageItHere =
	'If this resource was renamed or moved in the program, give it `aliases: [{ name: "its old name" }]` (or ' +
	"`parent`), and nothing is to do. Otherwise, to manage it here, set `adoptExisting: true`, or import it: `channels import-file` writes a file for " +
	"`pulumi import --file`. If another stack manages it, leave it there and read it with SesSetup.get.";
