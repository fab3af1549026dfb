import { GetCallerIdentityCommand, STSClient, type STSClientConfig } from "@aws-sdk/client-sts";
import { orAborted } from "pulumi-channels/ses";

/** How long AWS may take to say it, in milliseconds. */
const timeoutMs = 3_000;

/**
 * Asks AWS whose account the credentials belong to. That needs no permission: even a policy that denies it is passed
 * over (API reference of STS, GetCallerIdentity).
 * @returns undefined when there was no answer in time
 */
export async function askAccount(
	{ credentials, stsEndpoint }: Pick<STSClientConfig, "credentials"> & { readonly stsEndpoint?: string },
	region: string,
): Promise<string | undefined> {
	const signal = AbortSignal.timeout(timeoutMs);
	const client = new STSClient({
		region,
		...(credentials && { credentials }),
		...(stsEndpoint && { endpoint: stsEndpoint }),
	});
	try {
		const answer = client.send(new GetCallerIdentityCommand(), { abortSignal: signal });
		return (await orAborted(answer, signal)).Account;
	} catch {
		// What is wrong with the credentials is told where SES is asked, and some networks lead to SES alone.
		return undefined;
	} finally {
		client.destroy();
	}
}
