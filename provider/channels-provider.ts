import * as pulumi from "@pulumi/pulumi";

/** Whose account it is, and where the API is. */
export interface ChannelsProviderArgs {
	/** API key of the workspace; kept as a secret. */
	apiKey: pulumi.Input<string>;
	/** UUID of the workspace. */
	workspaceId: pulumi.Input<string>;
	/** Default `channels:baseUrl`, then `https://api.platform.amigo.ai`. */
	baseUrl?: pulumi.Input<string>;
	/** `ip[:port]`, separated by commas: where given, every DNS look-up goes there. Default `channels:dnsServers`. */
	dnsServers?: pulumi.Input<string>;
}

/**
 * An account of the Channels API, for a stack that uses several: pass it as `{ provider }`. It also takes
 * the stack's `aws:*`, `channels:baseUrl` and `channels:dnsServers` along, which an explicit provider would not
 * see otherwise.
 */
export class ChannelsProvider extends pulumi.ProviderResource {
	constructor(name: string, args: ChannelsProviderArgs, options?: pulumi.ResourceOptions) {
		super(
			"pulumi-nodejs",
			name,
			{
				...inherited(),
				"channels:apiKey": pulumi.secret(args.apiKey),
				"channels:workspaceId": args.workspaceId,
				...(args.baseUrl !== undefined && { "channels:baseUrl": args.baseUrl }),
				...(args.dnsServers !== undefined && { "channels:dnsServers": args.dnsServers }),
			},
			options,
		);
	}
}

/** Where the API and the name servers are: a self-hosted API's key must not go to the hosted one. */
const shared = new Set(["channels:baseUrl", "channels:dnsServers"]);

/** The stack's settings that hold for every account. Secret, since `aws:*` may hold credentials. */
function inherited(): Record<string, pulumi.Output<string>> {
	return Object.fromEntries(
		Object.entries(pulumi.runtime.allConfig())
			.filter(([key]) => key.startsWith("aws:") || shared.has(key))
			.map(([key, value]) => [key, pulumi.secret(value)]),
	);
}
