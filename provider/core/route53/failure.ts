import type { Route53ServiceException } from "@aws-sdk/client-route-53";
import { TransportError } from "../../../sdk/transport.js";
import { Route53Error } from "./api.js";

/**
 * What a failed call came to. The SDK gives Route 53's errors by name only: `instanceof` fails for several.
 *
 * @param what Completes "Route 53 could not …".
 * @param profile Of the shared configuration, if the credentials come from one.
 */
export function failure(what: string, cause: unknown, profile?: string): Route53Error {
	const error = cause as Partial<Route53ServiceException> & Error & { code?: unknown };
	const status = error.$metadata?.httpStatusCode;
	const lost = status === undefined && isConnection(error);
	const code = error instanceof TransportError ? (error.code ?? error.reason) : (error.code ?? error.name);
	return new Route53Error(
		describe(what, error.message, lost ? String(code) : error.name, error, profile),
		lost ? "ConnectionLost" : error.name,
		{
			cause,
			...(error.$metadata?.requestId && { requestId: error.$metadata.requestId }),
			// A 2xx that the SDK cannot read says as little as none.
			unanswered: lost || (status !== undefined && (status >= 500 || status < 300)),
		},
	);
}

/**
 * Whether a refusal has told the SDK that this machine's clock is wrong, and by how much: what it signs from now on
 * is right (`AwsSdkSigV4Signer.errorHandler`).
 */
export function isSkewCorrected(cause: unknown): boolean {
	const { clockSkewCorrected = false, httpStatusCode = 0 } =
		(cause as { $metadata?: { clockSkewCorrected?: boolean; httpStatusCode?: number } } | undefined)
			?.$metadata ?? {};
	return clockSkewCorrected && httpStatusCode >= 400 && httpStatusCode < 500;
}

/** An answer that Route 53 would not give: something stands between. */
export function unreadable(what: string, answer: Pick<Route53ServiceException, "$metadata">): Route53Error {
	const message = "the answer is none of Route 53; a proxy or a wrong endpoint may have given it";
	return new Route53Error(describe(what, message, "UnreadableAnswer", answer), "UnreadableAnswer", {
		unanswered: true,
	});
}

function describe(
	what: string,
	message: string,
	code: string,
	error: Partial<Pick<Route53ServiceException, "$metadata">> & { name?: string; message?: string },
	profile?: string,
): string {
	const { httpStatusCode: status, requestId } = error.$metadata ?? {};
	const facts = [code, status && `HTTP ${status}`, requestId && `request id ${requestId}`].filter(Boolean);
	const advice = explainCredentials(error, profile);
	return `Route 53 could not ${what}: ${message} (${facts.join(", ")}).${advice ? ` ${advice}` : ""}`;
}

/** What has gone out by the transport, and what by other ways: the addresses of machines for their credentials. */
const isConnection = (error: { name?: string; code?: unknown }) =>
	(error instanceof TransportError && error.reason !== "insecure") ||
	error.name === "TimeoutError" ||
	["ECONNRESET", "ECONNREFUSED", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN"].includes(String(error.code));

/** What to do about an answer that means: wrong credentials, or none. */
function explainCredentials(
	error: { name?: string; message?: string },
	profile: string | undefined,
): string | undefined {
	if (error instanceof TransportError && error.reason === "insecure") {
		return "TLS cannot be set up: AWS_CA_BUNDLE (aws:customCaBundle) or NODE_EXTRA_CA_CERTS names an authority to trust.";
	}
	if (error.message?.includes("sts:AssumeRole")) {
		return "Check roleArn, that the role trusts the credentials in use, and externalId if the role expects one.";
	}
	switch (error.name) {
		case "CredentialsProviderError":
			if (profile !== undefined) {
				return `Profile "${profile}" gives none; see what \`aws configure list --profile ${profile}\` says.`;
			}
			return "Set aws:profile or the AWS_* environment variables, or give `route53` a profile or roleArn.";
		case "AccessDenied":
		case "AccessDeniedException":
			return (
				"The credentials need route53:ListHostedZonesByName, GetHostedZone, ListResourceRecordSets, " +
				"ChangeResourceRecordSets and GetChange; another account's zone needs `roleArn`."
			);
		case "ExpiredToken":
		case "ExpiredTokenException":
		case "InvalidClientTokenId":
		case "InvalidSignatureException":
		case "SignatureDoesNotMatch":
		case "UnrecognizedClientException":
			return /Signature (expired|not yet current)/.test(error.message ?? "")
				? "The clock of this machine is wrong; set it."
				: "AWS does not accept these credentials; sign in again.";
		default:
			return undefined;
	}
}
