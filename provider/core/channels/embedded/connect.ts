import { Ses, type UpstreamError, waitedInVain } from "../../../../ses/index.js";
import type { AwsError } from "../../aws/failure.js";
import type { Connect } from "../../aws/http.js";
import { connectSes } from "../../aws/ses-client.js";
import type { Clock } from "../../clock.js";
import type { ErrorCode } from "../../error-codes.js";
import { UserError } from "../../errors.js";
import type { EmbeddedApi } from "../../settings/api.js";
import type { AwsSettings } from "../../settings/aws-settings.js";
import type { Connection } from "./connection.js";

export interface ConnectOptions {
	readonly api: EmbeddedApi;
	readonly aws: AwsSettings;
	readonly env: (key: string) => string | undefined;
	readonly clock: Clock;
	/** Uniform in [0, 1). */
	readonly random: () => number;
	/** Ends with the run. */
	readonly stop: AbortSignal;
	/** In place of HTTP. */
	readonly connect?: Connect;
}

/**
 * Of each operation SES takes about one call a second (API reference, version 1, VerifyDomainDkim), of whoever in the
 * account makes it.
 */
const requestsPerSecond = 1;

/** Reaches Amazon SES through the AWS SDK. */
export async function connect({ api, aws, env, stop, ...options }: ConnectOptions): Promise<Connection> {
	const { clock, random, connect: transport } = options;
	const connection = await connectSes(api, aws, env, transport && { connect: transport });
	const { client, region, renew } = connection;
	const account = () => connection.account(stop);
	const ses = new Ses(client, region, { requestsPerSecond, clock, random, renew, account, absentMs: 0 });
	return { ses, region, account, failure: (error) => presented(error, connection.failure) };
}

/** What to do where SES has said that no repetition helps (API reference, the errors of its operations). */
const remedies: Readonly<Record<string, string>> = {
	LimitExceededException:
		"A quota of the account is used up. Ask for a higher one (Service Quotas, Amazon SES), or delete what is not needed.",
	AccountSuspendedException:
		'AWS has suspended the account in Amazon SES. The SES console says why, under "Account dashboard".',
	SendingPausedException:
		'Sending is paused in Amazon SES. The SES console says why, under "Account dashboard".',
};

/** Why SES did not do something, and what to do, as a person reads it. */
function presented(error: UpstreamError, failure: (what: string, cause: unknown) => AwsError): UserError {
	const { operation, reason, kind } = error;
	const told = (code: ErrorCode, message: string) => new UserError(code, message, { cause: error });
	const again = "Run it again: what is done already is not done twice.";
	if (reason === waitedInVain)
		return told(
			"ses-unanswered",
			`Amazon SES was not asked in time (${operation}): it takes about one call a second, and others came first. ${again}`,
		);
	if (kind === "timeout" || !(error.cause instanceof Error))
		return told("ses-unanswered", `Amazon SES has not answered ${operation} in time (${reason}). ${again}`);
	const { code, message } = failure(`carry out ${operation}`, error.cause);
	const remedy = remedies[reason];
	return told(code, remedy ? `${message} ${remedy}` : message);
}
