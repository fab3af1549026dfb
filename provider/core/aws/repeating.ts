import type { STSClientConfig } from "@aws-sdk/client-sts";

type RetryStrategy = Extract<
	STSClientConfig["retryStrategy"],
	{ acquireInitialRetryToken: unknown; recordSuccess: unknown }
>;

/**
 * How the SDK repeats a call where its caller repeats for all callers together: once, and only where the refusal has put
 * this machine's clock right. The call has done nothing until then.
 */
export const onceInTime: RetryStrategy = {
	async acquireInitialRetryToken() {
		return token(0);
	},
	async refreshRetryTokenForRetry({ getRetryCount }, { error }) {
		if (getRetryCount() === 0 && isSkewCorrected(error)) return token(1);
		throw error;
	},
	recordSuccess() {},
};

const token = (count: number) => ({ getRetryCount: () => count, getRetryDelay: () => 0 });

/** How services say that they do not take a signature (`CLOCK_SKEW_ERROR_CODES` of @smithy/core). */
const signatureRefused =
	/^(InvalidSignatureException|RequestExpired|RequestTimeTooSkewed|SignatureDoesNotMatch)$/;

/**
 * Whether a refusal has told the SDK that this machine's clock is wrong, and by how much: what it signs from now on
 * is right. It says so of every later error as well, whatever that is about (`AwsSdkSigV4Signer.errorHandler`).
 */
function isSkewCorrected(cause: unknown): boolean {
	const { name = "", $metadata } = (cause ?? {}) as {
		name?: string;
		$metadata?: { clockSkewCorrected?: boolean };
	};
	return signatureRefused.test(name) && $metadata?.clockSkewCorrected === true;
}
