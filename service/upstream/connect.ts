import { Agent } from "node:https";
import { SESv2Client, type SESv2ClientConfig } from "@aws-sdk/client-sesv2";
import { inboundRegions, Ses, type SesOptions } from "pulumi-channels/ses";
import { ServiceError } from "../error-codes.js";

export interface UpstreamOptions extends Omit<SesOptions, "absentMs"> {
	/** For `HTTPS_PROXY` and `NO_PROXY`. */
	readonly env: NodeJS.ProcessEnv;
}

/**
 * @param config region, endpoint and credentials; what is left out comes from the AWS SDK's default chain.
 * @throws Error when the region cannot receive mail.
 */
export async function connectSes(config: SESv2ClientConfig, options: UpstreamOptions): Promise<Ses> {
	const client = new SESv2Client({
		requestHandler: {
			connectionTimeout: 2_000,
			requestTimeout: 6_000,
			throwOnRequestTimeout: true,
			// As many as the SDK's own agent has.
			httpsAgent: new Agent({ keepAlive: true, maxSockets: 50, proxyEnv: options.env }),
		},
		...config,
		maxAttempts: 1,
	});
	try {
		const region = await regionOf(client);
		requireInboundRegion(region);
		// One answer that a thing is gone is enough: what may have lagged behind is swept up later.
		return new Ses(client, region, { ...options, absentMs: 0 });
	} catch (error) {
		client.destroy();
		throw error;
	}
}

async function regionOf(client: SESv2Client): Promise<string> {
	try {
		return await client.config.region();
	} catch (error) {
		throw new ServiceError("region-not-usable", "No AWS region is configured: set AWS_REGION.", {
			cause: error,
		});
	}
}

/** @throws Error that names the regions which receive mail. */
function requireInboundRegion(region: string): void {
	if (inboundRegions.includes(region)) return;
	throw new ServiceError(
		"region-not-usable",
		`SES receives no mail in region ${region}, so its MX record would lead nowhere. Set AWS_REGION to one of: ${inboundRegions.join(", ")}.`,
	);
}
