import type { STSClientConfig } from "@aws-sdk/client-sts";
import type { AssumeRole, WebIdentityRole } from "../settings/assumed-role.js";
import type { AwsSettings } from "../settings/aws-settings.js";
import type { AwsAccess } from "./access.js";
import { MfaError, RoleError } from "./credential-errors.js";
import type { HttpHandler } from "./http.js";

export type Credentials = NonNullable<STSClientConfig["credentials"]>;

/** What every client has, whichever service it is of. */
export const commonConfig = (aws: AwsSettings, requestHandler: HttpHandler) => ({
	requestHandler,
	...(aws.useFipsEndpoint !== undefined && { useFipsEndpoint: aws.useFipsEndpoint }),
	...(aws.useDualstackEndpoint !== undefined && { useDualstackEndpoint: aws.useDualstackEndpoint }),
});

/** What a client of STS has; its SDK repeats by itself. */
export const stsConfig = (aws: AwsSettings, region: string, requestHandler: HttpHandler) => ({
	...commonConfig(aws, requestHandler),
	...retries(aws),
	region: aws.stsRegion ?? region,
	...(aws.endpoints?.sts && { endpoint: aws.endpoints.sts }),
});

const retries = ({ maxAttempts, retryMode }: AwsSettings) => ({
	...(maxAttempts !== undefined && { maxAttempts }),
	...(retryMode !== undefined && { retryMode }),
});

/**
 * Who asks: the access's own `profile`, else the stack's `aws:*` configuration, else the SDK's default
 * chain. From there the stack's roles are assumed, unless the profile is the access's own, and then its role.
 */
export async function credentialsFor(
	access: AwsAccess,
	aws: AwsSettings,
	region: string,
	requestHandler: HttpHandler,
): Promise<Credentials> {
	const providers = await import("@aws-sdk/credential-providers");
	const sts = stsConfig(aws, region, requestHandler);
	const stack = access.profile ? {} : aws;
	let credentials: Credentials;
	if (stack.accessKey && stack.secretKey) {
		credentials = {
			accessKeyId: stack.accessKey,
			secretAccessKey: stack.secretKey,
			...(stack.token && { sessionToken: stack.token }),
		};
	} else {
		const profile = access.profile ?? aws.profile;
		const init = {
			...(profile && { profile }),
			...(aws.sharedConfigFile && { configFilepath: aws.sharedConfigFile }),
			...(aws.sharedCredentialsFile && { filepath: aws.sharedCredentialsFile }),
			// Who reads them again wants what stands there now.
			ignoreCache: true,
			// Without a region: that of SSO is another one, and a profile's.
			clientConfig: { ...commonConfig(aws, requestHandler), ...retries(aws) },
			mfaCodeProvider: (device: string) => Promise.reject(new MfaError(device)),
		};
		const chain = providers.fromNodeProviderChain(init);
		// The chain looks for a profile with SSO in the default files alone (`resolveSsoCredentials` of the SDK).
		credentials =
			profile && aws.sharedConfigFile
				? providers.createCredentialChain(providers.fromSSO(init), chain)
				: chain;
	}
	if (stack.webIdentity) {
		const { token, tokenFile } = stack.webIdentity;
		const common = { ...webIdentityInput(stack.webIdentity), clientConfig: sts };
		credentials = token
			? providers.fromWebToken({ ...common, webIdentityToken: token })
			: providers.fromTokenFile({ ...common, ...(tokenFile && { webIdentityTokenFile: tokenFile }) });
	}
	const { roleArn, externalId } = access;
	const own: AssumeRole[] = roleArn ? [{ roleArn, ...(externalId && { externalId }) }] : [];
	for (const role of [...(stack.assumeRoles ?? []), ...own]) {
		credentials = ofRole(
			role,
			providers.fromTemporaryCredentials({
				masterCredentials: credentials,
				params: assumeRoleInput(role),
				clientConfig: sts,
			}),
		);
	}
	return credentials;
}

/** Says of a failure which role it is about: that of a role before it is named already. */
const ofRole =
	<Provider extends (...args: never[]) => Promise<unknown>>({ roleArn }: AssumeRole, provider: Provider) =>
	(...args: Parameters<Provider>): ReturnType<Provider> =>
		provider(...args).catch((error: unknown) => {
			throw error instanceof RoleError ? error : new RoleError(roleArn, error);
		}) as ReturnType<Provider>;

const defaultSessionName = "pulumi-channels";

const webIdentityInput = ({
	roleArn,
	sessionName = defaultSessionName,
	durationSeconds,
	policy,
	policyArns,
}: WebIdentityRole) => ({
	roleArn,
	roleSessionName: sessionName,
	...(durationSeconds !== undefined && { durationSeconds }),
	...(policy !== undefined && { policy }),
	...(policyArns && { policyArns: policyArns.map((arn) => ({ arn })) }),
});

const assumeRoleInput = (role: AssumeRole) => ({
	RoleArn: role.roleArn,
	RoleSessionName: role.sessionName ?? defaultSessionName,
	...(role.externalId !== undefined && { ExternalId: role.externalId }),
	...(role.durationSeconds !== undefined && { DurationSeconds: role.durationSeconds }),
	...(role.policy !== undefined && { Policy: role.policy }),
	...(role.policyArns && { PolicyArns: role.policyArns.map((arn) => ({ arn })) }),
	...(role.sourceIdentity !== undefined && { SourceIdentity: role.sourceIdentity }),
	...(role.tags && { Tags: Object.entries(role.tags).map(([Key, Value]) => ({ Key, Value })) }),
	...(role.transitiveTagKeys && { TransitiveTagKeys: role.transitiveTagKeys }),
});
