import type { AwsSettings } from "../settings/aws-settings.js";
import { type Credentials, stsConfig } from "./credentials.js";
import { AwsError } from "./failure.js";
import type { HttpHandler } from "./http.js";

export const accountNotAllowed = "AccountNotAllowed";

/**
 * Asks STS whose the credentials are.
 *
 * @returns the account's id
 * @throws AwsError for an account that the stack's settings keep out, and what the call throws
 */
export async function askAccount(
	aws: AwsSettings,
	credentials: Credentials,
	region: string,
	requestHandler: HttpHandler,
	signal: AbortSignal,
): Promise<string> {
	const { GetCallerIdentityCommand, STSClient } = await import("@aws-sdk/client-sts");
	const client = new STSClient({ ...stsConfig(aws, region, requestHandler), credentials });
	const command = new GetCallerIdentityCommand({});
	const { Account, Arn, $metadata } = await client.send(command, { abortSignal: signal });
	if (!Account) throw Object.assign(new Error("STS names no account"), { $metadata });
	const problem = accountProblem(aws, Account);
	if (!problem) return Account;
	throw new AwsError({
		message:
			`The AWS credentials are of account ${Account} (${Arn}), ${problem}. Nothing was asked or changed there. ` +
			"Use other credentials, or correct the setting.",
		word: accountNotAllowed,
		code: "aws-account-not-allowed",
	});
}

function accountProblem(
	{ allowedAccountIds, forbiddenAccountIds }: AwsSettings,
	account: string,
): string | undefined {
	if (forbiddenAccountIds?.includes(account)) return "which aws:forbiddenAccountIds names";
	if (!allowedAccountIds || allowedAccountIds.includes(account)) return undefined;
	return `and aws:allowedAccountIds has only ${allowedAccountIds.join(", ")}`;
}
