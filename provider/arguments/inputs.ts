// Written by `npm run arguments` from provider/arguments/description.ts.

import type { DnsRecord, PublishedZone, ZoneSnapshot } from "../shapes.js";

export type ConflictPolicy = "error" | "keep" | "overwrite";
export type RecordKind = "dkim" | "mx" | "dmarc" | "mailFrom" | "spf" | "token" | "other";
export type DelegationCheck = "error" | "warn" | "off";
export type Purpose = "all" | "sending" | "receiving";
export type WaitPurpose = "all" | "sending" | "receiving" | "published";

/** What to do where a record of somebody else is in the way. */
export interface OnConflictInputs {
	dmarc?: ConflictPolicy;
	mx?: ConflictPolicy;
	mailFrom?: ConflictPolicy;
	spf?: ConflictPolicy;
	other?: ConflictPolicy;
}

/** Where and how the records are published to Route 53. */
export interface Route53Inputs {
	zoneId?: string;
	records?: RecordKind[];
	ttl?: number;
	onConflict?: OnConflictInputs;
	delegationCheck?: DelegationCheck;
	region?: string;
	profile?: string;
	roleArn?: string;
	externalId?: string;
}

/** How long, and for what, the wait for verification goes on. */
export interface WaitInputs {
	timeout?: string;
	purpose?: Purpose | Purpose[];
}

/** What to register, and what to do about its records. */
export interface SesSetupInputs {
	tenantName: string;
	domainIdentity: string;
	route53?: Route53Inputs;
	waitPurpose?: WaitPurpose | WaitPurpose[];
	waitTimeout?: string;
	adoptExisting?: boolean;
}

/** Which records to publish, where and how. */
export interface Route53RecordsInputs extends Route53Inputs {
	setupId: string;
	dnsRecords: DnsRecord[];
	domain?: string;
	zone?: ZoneSnapshot;
	waitForSync?: boolean;
}

/** Which records to wait for, how long, and for what. */
export interface VerificationInputs extends WaitInputs {
	setupId: string;
	dnsRecords: DnsRecord[];
	published?: RecordKind[];
	zone?: PublishedZone;
	verifiedDomain?: unknown;
}
