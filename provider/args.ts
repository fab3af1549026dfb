// Written by `npm run arguments` from provider/arguments/description.ts.

import type { Input } from "@pulumi/pulumi";
import type { ConflictPolicy, DelegationCheck, Purpose, RecordKind } from "./arguments/inputs.js";
import type { DnsRecord, PublishedZone, ZoneSnapshot } from "./shapes.js";

/** What to do where a record of somebody else is in the way. */
export interface OnConflictArgs {
	/** A DMARC policy, or a CNAME, at `_dmarc`. Default: `"error"`. */
	dmarc?: Input<ConflictPolicy>;
	/** Mail exchangers at the domain. Default: `"error"`. */
	mx?: Input<ConflictPolicy>;
	/** Mail exchangers, or another SPF record, at the name of a custom MAIL FROM. Default: `"error"`. */
	mailFrom?: Input<ConflictPolicy>;
	/** Another SPF record at the domain. Default: `"error"`. */
	spf?: Input<ConflictPolicy>;
	/** Everything else, such as another CNAME at a DKIM name. Default: `"error"`. */
	other?: Input<ConflictPolicy>;
}

/** Where and how the records are published to Route 53. */
export interface Route53Args {
	/** Hosted zone to publish in. Default: the public zone with the longest name that the domain lies in. */
	zoneId?: Input<string>;
	/**
	 * Which records to publish: `"dkim"`, `"mx"`, `"dmarc"`, and, where the API asks for them, `"mailFrom"`,
	 * `"spf"` and `"token"`. What is left out is neither published, looked at nor waited for. `"other"`, which
	 * is any other record at or below the domain, is refused unless it is listed. Default: all but `"other"`.
	 */
	records?: Input<Input<RecordKind>[]>;
	/** Time to live of new record sets. 1 to 172,800 seconds. Default: `300`. */
	ttl?: Input<number>;
	/**
	 * What to do where a record of somebody else is in the way. `"error"` refuses with both values, `"keep"`
	 * leaves theirs and does not publish ours, `"overwrite"` replaces theirs and destroy puts it back.
	 * Default: all `"error"`.
	 */
	onConflict?: Input<OnConflictArgs>;
	/**
	 * Whether the zone must be the one that the internet asks. `"error"` refuses another one before anything
	 * is registered, `"warn"` says so and goes on, `"off"` does not look. Default: `"error"`.
	 */
	delegationCheck?: Input<DelegationCheck>;
	/** AWS region of the calls. Default: `aws:region`, then the AWS environment, then us-east-1. */
	region?: Input<string>;
	/** Profile of the shared AWS configuration. Default: `aws:profile`, then the AWS environment. */
	profile?: Input<string>;
	/**
	 * IAM role to assume, with the credentials that the stack's `aws:*` settings lead to, their own roles
	 * included.
	 */
	roleArn?: Input<string>;
	/** External id for that role. */
	externalId?: Input<string>;
}

/** How long, and for what, the wait for verification goes on. */
export interface WaitArgs {
	/** How long, such as `"90s"` or `"1h30m"`; at most 72 hours. Default: `"20m"`. */
	timeout?: Input<string>;
	/**
	 * What for: `"sending"` waits for DKIM, and for MAIL FROM and SPF where the API asks for them,
	 * `"receiving"` for MX, `"all"` for all records that are published, a list for what each of them needs.
	 * Default: what `route53.records` publishes, else `"all"`.
	 */
	purpose?: Input<Purpose | Input<Purpose>[]>;
}

/** What to register, and what to do about its records. */
export interface SesSetupArgs {
	/** Name of the e-mail tenant: 1 to 64 of `A-Z a-z 0-9 _ -`. A change replaces the setup. */
	tenantName: Input<string>;
	/** The domain to send from and receive at, such as `mail.acme.com`. A change replaces the setup. */
	domainIdentity: Input<string>;
	/**
	 * Publish the records to Route 53: `true`, or where and how. A plain value, because it decides which
	 * resources exist; its fields may be outputs. Default: `false`.
	 */
	route53?: boolean | Route53Args;
	/**
	 * Wait until the records are verified: `true`, or how long and for what. A plain value, because it decides
	 * which resources exist; its fields may be outputs. Default: `false`.
	 */
	waitForVerification?: boolean | WaitArgs;
	/**
	 * Take over what exists already: the setup of exactly this tenant and domain; with the embedded API a
	 * domain, too, that Amazon SES has from elsewhere, which stays as it is. Default: `false`.
	 */
	adoptExisting?: Input<boolean>;
}

/** Which records to publish, where and how. */
export interface Route53RecordsArgs extends Route53Args {
	/** Id of the setup that the records belong to. A change replaces the records. */
	setupId: Input<string>;
	/** The records to publish: `SesSetup.dnsRecords`. */
	dnsRecords: Input<Input<DnsRecord>[]>;
	/**
	 * `SesSetup.domainIdentity`, the mail domain that they are of. A record that is not at or below it is
	 * refused. Default: what the names of the records have in common.
	 */
	domain?: Input<string>;
	/**
	 * `SesSetup.zone`: the zone to publish to, and what stood there before the setup existed. Without it a
	 * value that already stands in the zone is taken for somebody else's and survives destroy.
	 */
	zone?: Input<ZoneSnapshot | undefined>;
	/**
	 * Wait until every name server of the zone has the records, up to a minute. `SesSetup` leaves that to its
	 * wait for verification, if it has one. Default: `true`.
	 */
	waitForSync?: Input<boolean>;
}

/** Which records to wait for, how long, and for what. */
export interface VerificationArgs extends WaitArgs {
	/** Id of the setup to verify. A change replaces the wait. */
	setupId: Input<string>;
	/** The records to wait for: `SesSetup.dnsRecords`. */
	dnsRecords: Input<Input<DnsRecord>[]>;
	/** Where they are published, if known: a wait that ends in vain then says whether that zone is live. */
	zone?: Input<PublishedZone | undefined>;
}
