import { Route53Client } from "@aws-sdk/client-route-53";
import { SESv2Client } from "@aws-sdk/client-sesv2";
import { STSClient } from "@aws-sdk/client-sts";
import { type Account, defaultAccount, type Sandbox } from "../../sandbox/index.js";

/** Credentials of an account, or temporary ones. */
type Credentials = Pick<Account, "accessKeyId" | "secretAccessKey"> & { sessionToken?: string };

/** A Route 53 client of the sandbox that shows each answer as it came: it repeats nothing by itself. */
export function route53Client(sandbox: Sandbox, credentials: Credentials = defaultAccount): Route53Client {
	return new Route53Client({
		endpoint: sandbox.route53.url,
		region: "us-east-1",
		credentials,
		maxAttempts: 1,
	});
}

export function sesClient(sandbox: Sandbox, credentials: Credentials = defaultAccount): SESv2Client {
	return new SESv2Client({ endpoint: sandbox.ses.url, region: "us-east-1", credentials, maxAttempts: 1 });
}

export function stsClient(sandbox: Sandbox, credentials: Credentials = defaultAccount): STSClient {
	return new STSClient({ endpoint: sandbox.sts.url, region: "us-east-1", credentials, maxAttempts: 1 });
}
