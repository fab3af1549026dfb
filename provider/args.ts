import type { Input } from "@pulumi/pulumi";
import type {
	ConflictPolicy,
	DelegationCheck,
	DnsRecord,
	PublishedZone,
	Purpose,
	ZoneSnapshot,
} from "./shapes.js";

/** What to do where a record of someone else is in the way. Each defaults to `"error"`. */
export interface OnConflictArgs {
	/** A DMARC policy, or a CNAME, at `_dmarc`. */
	dmarc?: Input<ConflictPolicy>;
	/** Mail exchangers at the domain. */
	mx?: Input<ConflictPolicy>;
	/** Everything else, such as another CNAME at a DKIM name. */
	other?: Input<ConflictPolicy>;
}

/** Where and how the records are published to Route 53. */
export interface Route53Args {
	/** Hosted zone id. Default: the public zone with the longest name that the domain lies in. */
	zoneId?: Input<string>;
	/** Time to live of new record sets in seconds, 1 to 172,800. Default 300. */
	ttl?: Input<number>;
	/**
	 * What to do where a record of someone else is in the way: `"error"` (default) refuses with both values,
	 * `"keep"` leaves theirs and does not publish ours, `"overwrite"` replaces theirs and destroy puts it back.
	 */
	onConflict?: Input<OnConflictArgs>;
	/**
	 * Whether the zone must be the one the internet asks: `"error"` (default) refuses another one before
	 * anything is registered, `"warn"` says so and goes on, `"off"` does not look.
	 */
	delegationCheck?: Input<DelegationCheck>;
	/** AWS region of the API calls. Default: `aws:region`, then the AWS environment, then us-east-1. */
	region?: Input<string>;
	/** Profile of the shared AWS configuration. Default: `aws:profile`, then the AWS environment. */
	profile?: Input<string>;
	/** IAM role to assume for Route 53. Default: `aws:assumeRole`. */
	roleArn?: Input<string>;
	/** External id for that role. */
	externalId?: Input<string>;
}

/** How long, and for what, the wait for verification goes on. */
export interface WaitArgs {
	/** Such as `"90s"`, `"20m"` (default) or `"1h30m"`; at most 72 h. */
	timeout?: Input<string>;
	/** `"all"` (default) waits for every record, `"sending"` for DKIM, `"receiving"` for MX. */
	purpose?: Input<Purpose>;
}

export interface SesSetupArgs {
	/** Name of the e-mail tenant: 1–64 of `A-Z a-z 0-9 _ -`. A change replaces the setup. */
	tenantName: Input<string>;
	/** Domain to send from and receive at, such as `mail.acme.com`. A change replaces the setup. */
	domainIdentity: Input<string>;
	/**
	 * Publish the records to Route 53: `true`, or where and how. A plain value, because it decides which
	 * resources exist; its fields may be outputs. Default `false`.
	 */
	route53?: boolean | Route53Args;
	/** Wait until the records are verified: `true`, or how long. A plain value, like `route53`. Default `false`. */
	waitForVerification?: boolean | WaitArgs;
	/** Take over the setup of exactly this tenant and domain if the workspace has it already. Default `false`. */
	adoptExisting?: Input<boolean>;
}

export interface Route53RecordsArgs extends Route53Args {
	/** Id of the setup the records belong to. A change replaces the records. */
	setupId: Input<string>;
	/** The records to publish: `SesSetup.dnsRecords`. */
	dnsRecords: Input<Input<DnsRecord>[]>;
	/**
	 * `SesSetup.zone`: the zone to publish to, and what stood there before the setup existed. Without it a
	 * value that already stands in the zone is taken for someone else's and survives destroy.
	 */
	zone?: Input<ZoneSnapshot | undefined>;
}

export interface VerificationArgs extends WaitArgs {
	/** Id of the setup to verify. A change starts a new wait. */
	setupId: Input<string>;
	/** The records to wait for: `SesSetup.dnsRecords`. */
	dnsRecords: Input<Input<DnsRecord>[]>;
	/** Where they are published, if known: a wait that ends in vain then says whether that zone is live. */
	zone?: Input<PublishedZone | undefined>;
}
