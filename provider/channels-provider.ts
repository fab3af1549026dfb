import * as pulumi from "@pulumi/pulumi";
import { withCode } from "./core/error-codes.js";
import { holdsFor } from "./core/settings/inherited.js";

/** What holds for an account of either API. */
interface AnyProviderArgs {
	/** `ip[:port]`, separated by commas: where given, every DNS look-up goes there. Default `channels:dnsServers`. */
	dnsServers?: pulumi.Input<string>;
}

/** An account of a Channels API that is asked over HTTP. */
export interface RemoteProviderArgs extends AnyProviderArgs {
	/** A plain value, because it decides which of the others there are. */
	api?: "remote";
	/** API key of the workspace; kept as a secret. */
	apiKey: pulumi.Input<string>;
	/** UUID of the workspace. */
	workspaceId: pulumi.Input<string>;
	/** Default `channels:baseUrl`, then `https://api.platform.amigo.ai`. */
	baseUrl?: pulumi.Input<string>;
}

/** An AWS account whose Amazon SES the provider asks itself. What is left out is the stack's. */
export interface EmbeddedProviderArgs extends AnyProviderArgs {
	/** A plain value, because it decides which of the others there are. */
	api: "embedded";
	/** UUID of the workspace. Default: one that follows from the AWS account and the region. */
	workspaceId?: pulumi.Input<string>;
	/** Region of Amazon SES. Default `channels:sesRegion`, then `aws:region`, then the AWS environment. */
	sesRegion?: pulumi.Input<string>;
	/**
	 * Profile of the shared AWS configuration. Default `channels:sesProfile`, then the stack's `aws:*`. Where this,
	 * `sesRoleArn` or `sesExternalId` is given, the stack's settings of these three do not count.
	 */
	sesProfile?: pulumi.Input<string>;
	/** IAM role to assume, with the credentials that the profile or the stack's `aws:*` settings lead to. */
	sesRoleArn?: pulumi.Input<string>;
	/** External id for that role; kept as a secret. */
	sesExternalId?: pulumi.Input<string>;
	/** Label of a custom MAIL FROM domain, such as `bounce`. Default `channels:mailFrom`, then none. */
	mailFrom?: pulumi.Input<string>;
	/** Whether setups ask for an MX record where the region receives mail. Default `channels:mx`, then `true`. */
	mx?: pulumi.Input<boolean>;
}

/** Which API it is, and whose account. */
export type ChannelsProviderArgs = RemoteProviderArgs | EmbeddedProviderArgs;

/**
 * An account for a stack that uses several: one of a Channels API, or one of AWS (`api: "embedded"`). Pass it as
 * `{ provider }`. It also takes along what an explicit provider would not see otherwise: the stack's `aws:*` and
 * `channels:dnsServers`, and those settings of its API that are about no account or that it has none of its own for.
 */
export class ChannelsProvider extends pulumi.ProviderResource {
	constructor(name: string, args: ChannelsProviderArgs, options?: pulumi.ResourceOptions) {
		super("pulumi-nodejs", name, { ...inherited(args), ...own(name, args) }, options);
	}
}

const names = [
	...(["workspaceId", "baseUrl", "dnsServers", "mailFrom"] as const),
	...(["sesRegion", "sesProfile", "sesRoleArn"] as const),
];

function own(name: string, args: ChannelsProviderArgs): pulumi.Inputs {
	const given: { [name: string]: pulumi.Input<unknown> } = { ...args };
	const { api, apiKey, sesExternalId, mx } = given;
	if (api !== undefined && typeof api !== "string") {
		throw new pulumi.RunError(
			withCode(
				`ChannelsProvider "${name}": \`api\` must be "remote" or "embedded" as a plain value, because it decides what else counts.`,
				"argument-invalid",
			),
		);
	}
	// Of earlier versions nothing changes, as long as nothing else says which API it is.
	const isToBeSaid = api !== undefined || stackApi() !== undefined;
	return {
		...(isToBeSaid && { "channels:api": api ?? "remote" }),
		...(apiKey !== undefined && { "channels:apiKey": pulumi.secret(apiKey) }),
		// AWS does not call it a secret, and it is of no use in a state that others read.
		...(sesExternalId !== undefined && { "channels:sesExternalId": pulumi.secret(sesExternalId) }),
		...(mx !== undefined && { "channels:mx": pulumi.output(mx).apply(String) }),
		...Object.fromEntries(
			names.filter((each) => given[each] !== undefined).map((each) => [`channels:${each}`, given[each]]),
		),
	};
}

const stackApi = () => pulumi.runtime.allConfig()["channels:api"] ?? process.env.CHANNELS_API;

/** Whose it is, and which API: an account says these for itself. */
const ofAccount = ["channels:api", "channels:apiKey", "channels:workspaceId"];

/** Secret, since `aws:*` may hold credentials. */
function inherited(args: ChannelsProviderArgs): Record<string, pulumi.Output<string>> {
	const kind = args.api ?? "remote";
	const isInherited = (key: string) =>
		key.startsWith("aws:") ||
		(key.startsWith("channels:") && !ofAccount.includes(key) && holdsFor({ ...args }, kind, key));
	return Object.fromEntries(
		Object.entries(pulumi.runtime.allConfig())
			.filter(([key]) => isInherited(key))
			.map(([key, value]) => [key, pulumi.secret(value)]),
	);
}
