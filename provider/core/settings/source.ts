/** Where settings come from, and what is wrong with them. */

export interface SettingsProblem {
	setting: string;
	reason: string;
	/** Nothing is wrong with it but that there is none. */
	missing?: true;
	/** What to do in a stack, where the reason does not say it. */
	remedy?: string;
}

/** Each with its variable. */
const variables = {
	"channels:api": "CHANNELS_API",
	"channels:apiKey": "CHANNELS_API_KEY",
	"channels:workspaceId": "CHANNELS_WORKSPACE_ID",
	"channels:baseUrl": "CHANNELS_BASE_URL",
	"channels:sesRegion": "CHANNELS_SES_REGION",
	"channels:sesProfile": "CHANNELS_SES_PROFILE",
	"channels:sesRoleArn": "CHANNELS_SES_ROLE_ARN",
	"channels:sesExternalId": "CHANNELS_SES_EXTERNAL_ID",
	"channels:mailFrom": "CHANNELS_MAIL_FROM",
	"channels:mx": "CHANNELS_MX",
	"channels:dnsServers": "CHANNELS_DNS_SERVERS",
} as const;

export type SettingKey = keyof typeof variables;
export const settingKeys = Object.keys(variables) as SettingKey[];

type Get = (key: string) => string | undefined;

const nonEmpty = (value: string | undefined) => value?.trim() || undefined;

/** The configuration, then the environment; and every problem with them, none of which quotes a secret. */
export class Source {
	readonly problems: SettingsProblem[] = [];

	constructor(
		private readonly config: Get,
		private readonly environment: Get,
	) {}

	get(key: SettingKey): string | undefined {
		return this.configured(key) ?? this.env(variables[key]);
	}

	/** What the configuration alone has. */
	configured(key: SettingKey): string | undefined {
		return nonEmpty(this.config(key));
	}

	env(variable: string): string | undefined {
		return nonEmpty(this.environment(variable));
	}

	/** @param reason none: nothing is wrong. */
	complain(setting: string, reason: string | undefined): void {
		if (reason) this.problems.push({ setting, reason });
	}

	miss(setting: SettingKey, reason: string, remedy: string): void {
		this.problems.push({ setting, reason, missing: true, remedy });
	}
}
