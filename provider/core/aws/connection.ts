import type { AwsSettings } from "../settings/aws-settings.js";
import type { AwsAccess } from "./access.js";
import { askAccount } from "./account.js";
import { commonConfig, credentialsFor } from "./credentials.js";
import { AwsError, type AwsService, failureOf } from "./failure.js";
import { awsHttp, type Connect } from "./http.js";

export interface AwsConnectionOptions {
	access: AwsAccess;
	aws: AwsSettings;
	env: (key: string) => string | undefined;
	region: string;
	/** What carries the calls. */
	connect: Connect;
}

/** How one service of AWS is asked for one access: what its client is made with, and what its failures come to. */
export type AwsConnection = Awaited<ReturnType<typeof connectAws>>;

/** @throws AwsError where the certificates to trust cannot be read */
export async function connectAws(
	service: AwsService,
	{ access, aws, env, region, connect }: AwsConnectionOptions,
) {
	const requestHandler = await awsHttp(service, aws, env, connect);
	const credentials = await credentialsFor(access, aws, region, requestHandler);
	const failure = (what: string, cause: unknown) =>
		cause instanceof AwsError ? cause : failureOf(service, what, cause, access.profile ?? aws.profile);
	return {
		/** What the service's client is made with. */
		config: { ...commonConfig(aws, requestHandler), region, credentials },
		/** What a failed call came to. @param what completes "Amazon SES could not …" */
		failure,
		/** The id of the account. @throws AwsError, also for an account that the settings keep out */
		async account(signal: AbortSignal): Promise<string> {
			try {
				return await askAccount(aws, credentials, region, requestHandler, signal);
			} catch (error) {
				signal.throwIfAborted();
				throw failure("be asked: STS could not say whose the credentials are", error);
			}
		},
	};
}

/** The region of the calls, where it is not for the shared configuration to say. */
export const regionFor = (
	access: AwsAccess,
	aws: AwsSettings,
	env: (key: string) => string | undefined,
): string | undefined => access.region ?? aws.region ?? env("AWS_REGION") ?? env("AWS_DEFAULT_REGION");
