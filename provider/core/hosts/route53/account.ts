import type { AwsSettings } from "../../settings/aws-settings.js";
import { Route53Error } from "./api.js";
import { type Credentials, stsConfig } from "./credentials.js";
import type { HttpHandler } from "./http.js";

export const accountNotAllowed = "AccountNotAllowed";

/**
 * Asks STS whose the credentials are, where the stack says which accounts they may be of.
 *
 * @throws Route53Error for the account of another
 */
export async function checkAccount(
	aws: AwsSettings,
	credentials: Credentials,
	region: string,
	requestHandler: HttpHandler,
	signal: AbortSignal,
): Promise<void> {
	const { GetCallerIdentityCommand, STSClient } = await import("@aws-sdk/client-sts");
	const client = new STSClient({ ...stsConfig(aws, region, requestHandler), credentials });
	const command = new GetCallerIdentityCommand({});
	const { Account, Arn, $metadata } = await client.send(command, { abortSignal: signal });
	if (!Account) throw Object.assign(new Error("STS names no account"), { $metadata });
	const problem = accountProblem(aws, Account);
	if (!problem) return;
	throw new Route53Error(
		`The AWS credentials are of account ${Account} (${Arn}), ${problem}. Nothing was asked or changed there. ` +
			"Use other credentials, or correct the setting.",
		accountNotAllowed,
		{ code: "aws-account-not-allowed" },
	);
}

function accountProblem(
	{ allowedAccountIds, forbiddenAccountIds }: AwsSettings,
	account: string,
): string | undefined {
	if (forbiddenAccountIds?.includes(account)) return "which aws:forbiddenAccountIds names";
	if (!allowedAccountIds || allowedAccountIds.includes(account)) return undefined;
	return `and aws:allowedAccountIds has only ${allowedAccountIds.join(", ")}`;
}
