// What SES has, as it is found there. These types name none of the AWS SDK's, which a declaration would load.

/** For whom something is made. */
export interface Owner {
	/** The setup's. */
	readonly id: string;
	readonly workspaceId: string;
	/** By which its maker knows what it has begun: any text. */
	readonly mark?: string | undefined;
}

/** What our tags say of a tenant or an identity. */
export interface Marks {
	/** The setup it was made for, or taken over by; undefined when it carries no tag of ours. */
	readonly owner: string | undefined;
	readonly workspaceId: string | undefined;
	readonly mark: string | undefined;
	/** Whether it stood before the setup, which is to leave it as it was. */
	readonly adopted: boolean;
}

/** The names that a setup has in SES. */
export interface SetupNames {
	readonly tenantName?: string | undefined;
	readonly domain?: string | undefined;
}

export interface FoundTenant extends Marks {
	readonly name: string;
	readonly arn: string;
	readonly createdAt: Date | undefined;
	/** SES's `SendingStatus`, such as `DISABLED`. */
	readonly sendingStatus: string | undefined;
}

export interface FoundIdentity extends Marks {
	readonly domain: string;
	readonly dkim: Dkim;
	readonly mailFrom: MailFromStatus | undefined;
	/** Whether SES sends for the domain: by its DKIM records, or by the TXT record of older identities. */
	readonly verificationStatus: DkimStatus | undefined;
	readonly verificationInfo: VerificationInfo;
}

/** A domain's DKIM, whoever made the keys. */
export interface Dkim {
	/** What SES says of the domain's DKIM records, such as `SUCCESS`; undefined where it says nothing. */
	readonly status: DkimStatus | undefined;
	/** The selectors: three of SES's own keys, one of its owner's key, or none. */
	readonly tokens: readonly string[];
	/**
	 * Whose keys they are: `AWS_SES` are SES's, `EXTERNAL` the owner's, `AWS_SES_` and a region those of the domain's identity
	 * there (API reference, DkimAttributes).
	 */
	readonly origin: string | undefined;
	readonly signingEnabled: boolean;
	/** The zone in which SES publishes its own keys. */
	readonly signingHostedZone: string;
}

/** API reference, DkimAttributes, Status. */
export type DkimStatus = "PENDING" | "SUCCESS" | "FAILED" | "TEMPORARY_FAILURE" | "NOT_STARTED";

/** What SES's last look for the domain's records came to. */
export interface VerificationInfo {
	/** Where it failed. */
	readonly errorType: string | undefined;
	readonly lastCheckedAt: Date | undefined;
	readonly lastSuccessAt: Date | undefined;
}

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
