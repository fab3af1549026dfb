import type { Ses, UpstreamError } from "../../../../ses/index.js";
import type { CodedError } from "../../errors.js";

/** Amazon SES of one account and region, reached with the settings' credentials. */
export interface Connection {
	readonly ses: Ses;
	readonly region: string;
	/** The id of the account, asked once. @throws UserError */
	account(): Promise<string>;
	/** What a call that failed came to, as a person at the terminal reads it: UserError where no repetition helps. */
	failure(error: UpstreamError): CodedError;
}
