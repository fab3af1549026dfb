import type { Route53ClientConfig } from "@aws-sdk/client-route-53";
import type { AwsSettings } from "../settings/aws-settings.js";
import type { Route53Access } from "./api.js";

type Credentials = Pick<Route53ClientConfig, "credentials" | "profile">;

/**
 * Who asks Route 53: the resource's own `profile` and `roleArn`, else the stack's `aws:*` configuration, else
 * the SDK's default chain. A role of the resource is assumed with what the stack's configuration gives.
 */
export async function credentialsFor(
	access: Route53Access,
	aws: AwsSettings,
	region: string,
): Promise<Credentials> {
	const providers = await import("@aws-sdk/credential-providers");
	const profile = access.profile ?? aws.profile;
	const files = {
		...(aws.sharedConfigFile && { configFilepath: aws.sharedConfigFile }),
		...(aws.sharedCredentialsFile && { filepath: aws.sharedCredentialsFile }),
	};
	let credentials: NonNullable<Route53ClientConfig["credentials"]> | undefined;
	if (!access.profile && aws.accessKey && aws.secretKey) {
		credentials = {
			accessKeyId: aws.accessKey,
			secretAccessKey: aws.secretKey,
			...(aws.token && { sessionToken: aws.token }),
		};
	} else if (profile || Object.keys(files).length > 0) {
		credentials = providers.fromNodeProviderChain({ ...(profile && { profile }), ...files });
	}
	const roles = access.roleArn
		? [{ roleArn: access.roleArn, externalId: access.externalId, sessionName: undefined }]
		: access.profile
			? []
			: (aws.assumeRoles ?? []);
	for (const { roleArn, externalId, sessionName } of roles) {
		credentials = providers.fromTemporaryCredentials({
			...(credentials && { masterCredentials: credentials }),
			params: {
				RoleArn: roleArn,
				RoleSessionName: sessionName ?? "pulumi-channels",
				...(externalId && { ExternalId: externalId }),
			},
			clientConfig: { region, ...(aws.endpoints?.sts && { endpoint: aws.endpoints.sts }) },
		});
	}
	return { ...(credentials && { credentials }) };
}
