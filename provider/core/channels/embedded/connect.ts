import { Ses, type UpstreamError, waitedInVain } from "../../../../ses/index.js";
import { type AwsError, throttled } from "../../aws/failure.js";
import type { Connect } from "../../aws/http.js";
import { connectSes } from "../../aws/ses-client.js";
import type { Clock } from "../../clock.js";
import { CodedError, UserError } from "../../errors.js";
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
/** One domain's calls of an operation need not wait for one another: a look and the check a moment later. */
const burst = 2;

/** Reaches Amazon SES through the AWS SDK. */
export async function connect({ api, aws, env, stop, ...options }: ConnectOptions): Promise<Connection> {
	const { clock, random, connect: transport } = options;
	const connection = await connectSes(api, aws, env, transport && { connect: transport });
	const { client, region, renew } = connection;
	const account = () => connection.account(stop);
	const ses = new Ses(client, region, {
		requestsPerSecond,
		burst,
		clock,
		random,
		renew,
		account,
		// Names that nobody has are looked for before every create; what was just made is there, whatever a read says.
		absentMs: 0,
		freshMs: 30_000,
	});
	return { ses, region, account, failure: (error) => presented(error, connection.failure) };
}

const again = "run it again: what is done already is not done twice.";

/** What to do about what SES says (API reference, the errors of its operations). */
const remedies: Readonly<Record<string, string>> = {
	LimitExceededException:
		"A quota of the account is used up. Ask for a higher one (Service Quotas, Amazon SES), or delete what is not needed.",
	AccountSuspendedException:
		'AWS has suspended the account in Amazon SES. The SES console says why, under "Account dashboard".',
	SendingPausedException:
		'Sending is paused in Amazon SES. The SES console says why, under "Account dashboard".',
};

/** SES did not answer, or had too much to do. */
class SesUnavailableError extends CodedError {
	override readonly name = "SesUnavailableError";
}

/** Why SES did not do something, and what to do. */
function presented(error: UpstreamError, failure: (what: string, cause: unknown) => AwsError): CodedError {
	const { operation, reason, kind, said } = error;
	const unanswered = (message: string) =>
		new SesUnavailableError("ses-unanswered", `${message} Later, ${again}`, { cause: error });
	if (reason === waitedInVain || throttled.test(reason))
		return unanswered(
			`Amazon SES took no ${operation} in time${said ? ` (${said})` : ""}: it takes about one call a second, and others came first.`,
		);
	if (kind === "timeout") return unanswered(`Amazon SES has not answered ${operation} in time (${reason}).`);
	if (!(error.cause instanceof Error)) return unanswered(`${error.message}.`);
	const { code, message } = failure(`carry out ${operation}`, error.cause);
	const next =
		remedies[reason] ?? (code === "ses-refused" ? `Correct what it says, then ${again}` : undefined);
	const told = next ? `${message} ${next}` : message;
	const options = { cause: error };
	return kind === "unavailable"
		? new SesUnavailableError(code, told, options)
		: new UserError(code, told, options);
}
