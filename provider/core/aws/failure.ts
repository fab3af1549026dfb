import type { STSServiceException } from "@aws-sdk/client-sts";
import { TransportError } from "../../../sdk/transport.js";
import { repeatable } from "../../../ses/calls/said.js";
import type { ErrorCode } from "../error-codes.js";
import { CodedError } from "../errors.js";
import { MfaError, RoleError } from "./credential-errors.js";

/** A service of AWS, as its failures name it. */
export interface AwsService {
	/** As people know it, such as `Route 53`. */
	readonly title: string;
	/** Where a person says whose credentials its calls are made with. */
	readonly access: { readonly profile: string; readonly roleArn: string; readonly externalId: string };
	/** What a failure is called where it is not about credentials. */
	code(word: string, unanswered: boolean): ErrorCode;
	/** What to do where the credentials may not make a call. */
	denied(said: string): string;
}

export interface AwsFailure {
	/** What happened, and what to do next. */
	message: string;
	/** AWS's own code, such as `InvalidChangeBatch`, or what became of the connection. */
	word: string;
	code: ErrorCode;
	cause?: unknown;
	requestId?: string | undefined;
	/** No usable answer came. */
	unanswered?: boolean;
}

/** A call of AWS that failed. */
export class AwsError extends CodedError {
	override readonly name = "AwsError";
	readonly word: string;

	constructor(readonly failure: AwsFailure) {
		super(failure.code, failure.message, { cause: failure.cause });
		this.word = failure.word;
	}
}

/**
 * What a failed call came to. The SDK gives the errors of some services by name only: `instanceof` fails.
 *
 * @param what Completes "Route 53 could not …".
 * @param profile Of the shared configuration, if the credentials come from one.
 * @param refused What a refusal is called that says nothing more. Default: by the service.
 */
export function failureOf(
	service: AwsService,
	what: string,
	cause: unknown,
	profile?: string,
	refused?: ErrorCode,
): AwsError {
	if (cause instanceof RoleError) {
		const why = `${what}, because the role ${cause.roleArn} could not be assumed`;
		return failureOf(service, why, cause.cause, profile, "aws-role-not-assumed");
	}
	if (cause instanceof MfaError) return needsCode(service, what, cause, profile);
	const error = cause as Partial<STSServiceException> & Error & { code?: unknown };
	const status = error.$metadata?.httpStatusCode;
	if (isUnreadable(error, status)) return unreadable(service, what, error, cause);
	const lost = status === undefined && isConnection(error);
	const reason = error instanceof TransportError ? (error.code ?? error.reason) : (error.code ?? error.name);
	const explained = explainCredentials(service, error, profile);
	const unanswered = lost || (status !== undefined && status >= 500);
	const word = lost ? "ConnectionLost" : error.name;
	return new AwsError({
		message: describe(service, what, saidBy(error), lost ? String(reason) : error.name, error, [
			explained?.advice,
			lost &&
				`${reason === "ENOTFOUND" ? "Is the region one of AWS's? " : ""}Check the network, and the proxy where there is one (aws:httpsProxy), then ${again}`,
			((status ?? 0) >= 500 || throttled.test(error.name)) && `Later, ${again}`,
		]),
		word,
		code: explained?.code ?? (unanswered ? undefined : refused) ?? service.code(word, unanswered),
		cause,
		requestId: error.$metadata?.requestId,
		unanswered,
	});
}

/** The AWS CLI asks for a code, and hands on what it gets for it (`aws configure export-credentials`). */
function needsCode(
	service: AwsService,
	what: string,
	cause: MfaError,
	profile: string | undefined,
): AwsError {
	const named = profile === undefined ? "" : ` --profile ${profile}`;
	const advice =
		`\`eval "$(aws configure export-credentials${named} --format env)"\` asks for it and puts credentials into the ` +
		`environment; they count once no profile is set (${service.access.profile}, aws:profile, AWS_PROFILE). A profile that ` +
		"`aws sso login` signs in needs no code here.";
	const word = "MfaRequired";
	const message = describe(service, what, cause.message, word, {}, [advice]);
	return new AwsError({ message, word, code: "aws-mfa-required", cause });
}

/**
 * A refused signature is told with the request that was signed, and that has the session's token in it (IAM user guide,
 * "Troubleshoot Signature Version 4 requests").
 */
const saidBy = ({ name, message }: Error): string => (/Signature/.test(name) ? repeatable(message) : message);

/** So it is with reads, and with changes as well: each is made of what stands there then. */
const again = "run it again: what is done already is not done twice.";

/** How services of AWS name that they were asked too often (`THROTTLING_ERROR_CODES` of @smithy/core), but for their quotas. */
export const throttled = /^(RequestLimitExceeded|RequestThrottled|SlowDown|Throttl|TooManyRequests)/;

/** Whether the SDK found nothing in the answer that AWS would say, or could not read it: only what AWS says has a `$fault`. */
const isUnreadable = (
	{ name, $fault }: Partial<Pick<STSServiceException, "name" | "$fault">>,
	status: number | undefined,
): boolean => status !== undefined && (status < 300 || name === "Unknown" || $fault === undefined);

/** An answer that AWS would not give: something stands between. Even a 2xx says as little as none. */
export function unreadable(
	service: AwsService,
	what: string,
	answer: Partial<Pick<STSServiceException, "$metadata">>,
	cause?: unknown,
): AwsError {
	const message = "the answer is none of AWS; a proxy or a wrong endpoint may have given it";
	const advice = `Check aws:httpsProxy and aws:endpoints, then ${again}`;
	const word = "UnreadableAnswer";
	const { httpStatusCode: status = 0 } = answer.$metadata ?? {};
	return new AwsError({
		message: describe(service, what, message, word, answer, [advice]),
		word,
		code: service.code(word, true),
		cause,
		unanswered: status < 300 || status >= 500,
	});
}

function describe(
	{ title }: AwsService,
	what: string,
	message: string,
	word: string,
	error: Partial<Pick<STSServiceException, "$metadata">>,
	advice: readonly (string | false | undefined)[],
): string {
	const { httpStatusCode: status, requestId } = error.$metadata ?? {};
	const facts = [word, status && `HTTP ${status}`, requestId && `request id ${requestId}`].filter(Boolean);
	const sentence = `${title} could not ${what}: ${message} (${facts.join(", ")}).`;
	return [sentence, ...advice].filter(Boolean).join(" ");
}

/** What has gone out by the transport, and what by other ways: the addresses of machines for their credentials. */
const isConnection = (error: { name?: string; code?: unknown }) =>
	(error instanceof TransportError && error.reason !== "insecure") ||
	error.name === "TimeoutError" ||
	["ECONNRESET", "ECONNREFUSED", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN"].includes(String(error.code));

/** What to do about an answer that means: wrong credentials, or none. */
function explainCredentials(
	service: AwsService,
	error: { name?: string; message?: string },
	profile: string | undefined,
): { code: ErrorCode; advice: string } | undefined {
	const explained = (code: ErrorCode, advice: string) => ({ code, advice });
	const { profile: own, roleArn, externalId } = service.access;
	if (error instanceof TransportError && error.reason === "insecure") {
		return explained(
			"aws-tls-untrusted",
			"TLS cannot be set up: AWS_CA_BUNDLE (aws:customCaBundle) or NODE_EXTRA_CA_CERTS names an authority to trust.",
		);
	}
	if (error.message?.includes("sts:AssumeRole")) {
		return explained(
			"aws-role-not-assumed",
			`Check ${roleArn}, that the role trusts the credentials in use, and ${externalId} if the role expects one.`,
		);
	}
	switch (error.name) {
		case "CredentialsProviderError":
			if (profile !== undefined) {
				return explained(
					"aws-credentials-missing",
					`Profile "${profile}" gives none; see what \`aws configure list --profile ${profile}\` says.`,
				);
			}
			return explained(
				"aws-credentials-missing",
				`Set aws:profile, the AWS_* environment variables, ${own} or ${roleArn}.`,
			);
		case "AccessDenied":
		case "AccessDeniedException":
			return explained(service.code(error.name, false), service.denied(error.message ?? ""));
		case "ExpiredToken":
		case "ExpiredTokenException":
		case "InvalidClientTokenId":
		case "InvalidSignatureException":
		case "SignatureDoesNotMatch":
		case "UnrecognizedClientException":
			return explained(
				"aws-credentials-refused",
				/Signature (expired|not yet current)/.test(error.message ?? "")
					? "The clock of this machine is wrong; set it."
					: "AWS does not accept these credentials; sign in again.",
			);
		default:
			return undefined;
	}
}
