import type { SESv2Client } from "@aws-sdk/client-sesv2";
import { createHttpTransport } from "../../../sdk/transport.js";
import { UserError } from "../errors.js";
import type { EmbeddedApi } from "../settings/api.js";
import type { AwsSettings } from "../settings/aws-settings.js";
import { connectAws } from "./connection.js";
import type { AwsError, AwsService } from "./failure.js";
import type { Connect } from "./http.js";
import { onceInTime } from "./repeating.js";

/** Amazon SES of one account in one region, as the SDK asks it. */
export interface SesConnection {
	readonly client: SESv2Client;
	readonly region: string;
	/**
	 * The account's id, which STS is asked for once.
	 *
	 * @param signal of the whole run: all who ask share one question
	 * @throws AwsError, also for an account that `aws:allowedAccountIds` or `aws:forbiddenAccountIds` keeps out
	 */
	account(signal: AbortSignal): Promise<string>;
	/** Reads the credentials anew: those in use are refused before they end, or have ended elsewhere. */
	renew(): Promise<void>;
	/** What a failed call came to. @param what completes "Amazon SES could not …" */
	failure(what: string, cause: unknown): AwsError;
}

/**
 * Loads the SDK.
 *
 * @throws UserError where no region is known, and AwsError where the certificates to trust cannot be read
 */
export async function connectSes(
	api: EmbeddedApi,
	aws: AwsSettings,
	env: (key: string) => string | undefined,
	{ connect = createHttpTransport }: { connect?: Connect } = {},
): Promise<SesConnection> {
	const { profile, roleArn, externalId } = api;
	const region = api.region ?? (await regionOfProfile(profile ?? aws.profile, aws));
	const access = {
		...(profile && { profile }),
		...(roleArn && { roleArn }),
		...(externalId && { externalId }),
	};
	const connection = await connectAws(sesService, { access, aws, env, region, connect });
	const { SESv2Client } = await import("@aws-sdk/client-sesv2");
	const client = new SESv2Client({
		...connection.config,
		// Whoever calls repeats for all callers together.
		retryStrategy: onceInTime,
		...(aws.endpoints?.sesv2 && { endpoint: aws.endpoints.sesv2 }),
	});
	let asked: Promise<string> | undefined;
	return {
		client,
		region,
		failure: connection.failure,
		async account(signal) {
			asked ??= connection.account(signal);
			asked.catch(() => {
				asked = undefined;
			});
			return asked;
		},
		async renew() {
			await client.config.credentials({ forceRefresh: true });
		},
	};
}

/** As the SDK's clients find it, but in the files that the stack names. @throws UserError where there is none */
async function regionOfProfile(profile: string | undefined, aws: AwsSettings): Promise<string> {
	const { loadConfig, NODE_REGION_CONFIG_FILE_OPTIONS, NODE_REGION_CONFIG_OPTIONS } = await import(
		"@smithy/core/config"
	);
	// The environment has been read: to the SDK a variable that is empty is a region.
	const options = { ...NODE_REGION_CONFIG_OPTIONS, environmentVariableSelector: () => undefined };
	const find = loadConfig<string>(options, {
		...NODE_REGION_CONFIG_FILE_OPTIONS,
		...(profile && { profile }),
		...(aws.sharedConfigFile && { configFilepath: aws.sharedConfigFile }),
		...(aws.sharedCredentialsFile && { filepath: aws.sharedCredentialsFile }),
	});
	return find().catch((cause: unknown) => {
		throw new UserError(
			"setting-missing",
			"the region of Amazon SES is not known. Set channels:sesRegion or aws:region in the stack's configuration, or " +
				"CHANNELS_SES_REGION or AWS_REGION in the environment.",
			{ cause },
		);
	});
}

/** What to do about a call of Amazon SES. */
const sesService: AwsService = {
	title: "Amazon SES",
	access: {
		profile: "channels:sesProfile",
		roleArn: "channels:sesRoleArn",
		externalId: "channels:sesExternalId",
	},
	code: (word, unanswered) => {
		if (unanswered) return "ses-unanswered";
		return /^AccessDenied/.test(word) ? "ses-denied" : "ses-refused";
	},
	denied(said) {
		const [action = "more actions of Amazon SES"] = /\bses:\w+/.exec(said) ?? [];
		return `The credentials need ${action}. All that is needed is in docs/security.md, "What SES must allow".`;
	},
};
