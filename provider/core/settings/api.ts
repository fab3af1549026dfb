/** Which API registers setups: one of its own, or the one that is built in and asks Amazon SES. */
import { prefixProblem } from "../../../dns/index.js";
// Not the SDK's index: programs read the settings too, and load no HTTP client for that.
import { baseUrlProblem, DEFAULT_BASE_URL, workspaceProblem } from "../../../sdk/arguments.js";
import { awsForms, type Form, formProblem } from "../../arguments/aws-forms.js";
import { nearest } from "./aws-names.js";
import type { AwsSettings } from "./aws-settings.js";
import type { SettingKey, Source } from "./source.js";

/** An API that is asked over HTTP. */
export interface RemoteApi {
	kind: "remote";
	apiKey: string;
	workspaceId: string;
	baseUrl: string;
}

/** The API inside this process, with AWS credentials. */
export interface EmbeddedApi {
	kind: "embedded";
	workspaceId: string | undefined;
	/** Of Amazon SES. Undefined where nothing but the shared AWS configuration can say it. */
	region: string | undefined;
	profile?: string;
	roleArn?: string;
	externalId?: string;
	/** The label of a custom MAIL FROM domain. */
	mailFrom?: string;
	/** Whether a setup asks for an MX record where the region receives. */
	mx: boolean;
}

const kinds = ["remote", "embedded"] as const;
export type ApiKind = (typeof kinds)[number];

/** What is about one kind of API, and says nothing to the other. */
const ofKind = {
	remote: ["channels:apiKey", "channels:baseUrl"],
	embedded: [
		"channels:sesRegion",
		"channels:sesProfile",
		"channels:sesRoleArn",
		"channels:sesExternalId",
		"channels:mailFrom",
		"channels:mx",
	],
} as const satisfies Record<ApiKind, readonly SettingKey[]>;

/** Whether a setting is about an API of this kind, or of any. */
export const isFor = (kind: ApiKind, key: string): boolean =>
	!(ofKind[kind === "embedded" ? "remote" : "embedded"] as readonly string[]).includes(key);

/** Reads them and complains of what is missing, wrong, or about the other kind. @returns undefined for no kind */
export function readApi(source: Source, aws: AwsSettings): RemoteApi | EmbeddedApi | undefined {
	const text = source.get("channels:api") ?? "remote";
	const kind = kinds.find((each) => each === text);
	if (kind === undefined) {
		const meant = nearest(text, kinds);
		const hint = meant === undefined ? "." : `; did you mean ${meant}?`;
		source.complain("channels:api", `must be remote or embedded, not ${JSON.stringify(text)}${hint}`);
		return undefined;
	}
	// A pipeline has one environment for several stacks, so what stands there for the other kind is of no matter.
	for (const key of [...ofKind.remote, ...ofKind.embedded]) {
		if (!isFor(kind, key) && source.configured(key) !== undefined) source.complain(key, strayReasons[kind]);
	}
	return kind === "embedded" ? readEmbedded(source, aws) : readRemote(source);
}

const strayReasons = {
	embedded:
		"is about a Channels API that is asked over HTTP, and channels:api is embedded. Take it out, or set channels:api to remote.",
	remote:
		"is about the embedded API, and channels:api is remote, which it is by default. Set channels:api to embedded, or take it out.",
};

function readRemote(source: Source): RemoteApi {
	const [apiKey, workspaceId, baseUrl] = (
		["channels:apiKey", "channels:workspaceId", "channels:baseUrl"] as const
	).map((key) => source.get(key));
	const isNothingSet = (["channels:api", ...ofKind.remote, "channels:workspaceId"] as const).every(
		(key) => source.get(key) === undefined,
	);
	if (isNothingSet) {
		source.miss(
			"channels:api",
			"is not set, and neither are the key and the workspace of a Channels API.",
			"To have Amazon SES asked with your AWS credentials, run `pulumi config set channels:api embedded`. For an API " +
				"of your own, set channels:baseUrl, channels:workspaceId and, with --secret, channels:apiKey.",
		);
	} else {
		if (!apiKey)
			source.miss(
				"channels:apiKey",
				"is not set.",
				"Run `pulumi config set --secret channels:apiKey`, or set CHANNELS_API_KEY.",
			);
		if (!workspaceId)
			source.miss(
				"channels:workspaceId",
				"is not set.",
				"Run `pulumi config set channels:workspaceId UUID`, or set CHANNELS_WORKSPACE_ID.",
			);
	}
	if (apiKey && /[^\x21-\x7e]/.test(apiKey))
		source.complain("channels:apiKey", "has characters that no API key has.");
	source.complain("channels:workspaceId", workspaceId && workspaceProblem(workspaceId));
	source.complain("channels:baseUrl", baseUrl && baseUrlProblem(baseUrl));
	return {
		kind: "remote",
		apiKey: apiKey ?? "",
		workspaceId: workspaceId?.toLowerCase() ?? "",
		baseUrl: baseUrl ?? DEFAULT_BASE_URL,
	};
}

function readEmbedded(source: Source, aws: AwsSettings): EmbeddedApi {
	const judged = (key: SettingKey, problemOf: (text: string) => string | undefined) => {
		const text = source.get(key);
		const problem = text && problemOf(text);
		source.complain(key, problem && `${problem}.`);
		return text;
	};
	const formed = (key: SettingKey, form: Form) => judged(key, (text) => formProblem(form, text));
	const workspaceId = source.get("channels:workspaceId");
	source.complain("channels:workspaceId", workspaceId && workspaceProblem(workspaceId));
	const sesRegion = formed("channels:sesRegion", awsForms.region);
	const region = sesRegion ?? aws.region ?? source.env("AWS_REGION") ?? source.env("AWS_DEFAULT_REGION");
	const profile = source.get("channels:sesProfile");
	const roleArn = formed("channels:sesRoleArn", awsForms.roleArn);
	const externalId = formed("channels:sesExternalId", awsForms.externalId);
	if (externalId && !roleArn)
		source.complain(
			"channels:sesExternalId",
			"is for a role, and channels:sesRoleArn is not set. Set both, or take it out.",
		);
	const mailFrom = judged("channels:mailFrom", (text) => {
		const problem = prefixProblem(text);
		return problem && `${problem}; give one label, such as bounce for bounce.<domain>`;
	});
	const mx = judged("channels:mx", (text) =>
		["true", "false"].includes(text) ? undefined : `must be true or false, not ${JSON.stringify(text)}`,
	);
	return {
		kind: "embedded",
		workspaceId: workspaceId?.toLowerCase(),
		region,
		...(profile && { profile }),
		...(roleArn && { roleArn }),
		...(externalId && { externalId }),
		...(mailFrom && { mailFrom: mailFrom.toLowerCase() }),
		mx: mx !== "false",
	};
}
