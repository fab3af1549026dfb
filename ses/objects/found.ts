// What SES has, as it is found there. These types name none of the AWS SDK's, which a declaration would load.

/** For whom something is made. */
export interface Owner {
	/** The setup's. */
	readonly id: string;
	readonly workspaceId: string;
}

/** The names that a setup has in SES. */
export interface SetupNames {
	readonly tenantName?: string | undefined;
	readonly domain?: string | undefined;
}

export interface FoundTenant {
	readonly name: string;
	readonly arn: string;
	/** The setup it was made for; undefined when it carries no tag of ours. */
	readonly owner: string | undefined;
	readonly workspaceId: string | undefined;
	/** SES's `SendingStatus`, such as `DISABLED`. */
	readonly sendingStatus: string | undefined;
}

/** A domain's identity that carries a setup's tag. */
export interface FoundIdentity {
	readonly domain: string;
	readonly owner: string;
	readonly workspaceId: string | undefined;
	readonly dkim: Dkim | undefined;
	readonly mailFrom: MailFromStatus | undefined;
}

/** Where a domain's DKIM keys are. */
export interface Dkim {
	/** Three selectors. */
	readonly tokens: readonly string[];
	/** The zone in which SES publishes the keys under these selectors. */
	readonly signingHostedZone: string;
}

export interface IdentityStatus {
	/** The setup it was made for; undefined when it carries no tag of ours. */
	readonly owner: string | undefined;
	/** What SES says of the domain's DKIM records, such as `SUCCESS`; undefined where it says nothing. */
	readonly dkim: DkimStatus | undefined;
	/** What SES's last look for them came to, where it failed. */
	readonly errorType: string | undefined;
	readonly lastCheckedAt: Date | undefined;
	readonly lastSuccessAt: Date | undefined;
	/** The selectors of its DKIM keys, whoever made these; empty when it has none. */
	readonly tokens: readonly string[];
	readonly mailFrom: MailFromStatus | undefined;
}

/** API reference, DkimAttributes, Status. */
export type DkimStatus = "PENDING" | "SUCCESS" | "FAILED" | "TEMPORARY_FAILURE" | "NOT_STARTED";

/** A MAIL FROM domain that an identity has. */
export interface MailFromStatus {
	readonly domain: string;
	/** SES's `MailFromDomainStatus`. */
	readonly status: string | undefined;
	/** What SES does with mail while the domain's MX record does not stand. */
	readonly behavior: MailFromBehavior | undefined;
}

/** API reference, MailFromAttributes, BehaviorOnMxFailure. */
export type MailFromBehavior = "USE_DEFAULT_VALUE" | "REJECT_MESSAGE";

/** What SES says of the account's sending in the region. */
export interface AccountStatus {
	/** False in SES's sandbox. */
	readonly productionAccess: boolean | undefined;
	readonly sendingEnabled: boolean | undefined;
	/** `HEALTHY`, `PROBATION` or `SHUTDOWN`. */
	readonly enforcement: string | undefined;
}
