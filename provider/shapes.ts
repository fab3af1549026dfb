/**
 * What the three resources keep in state, as plain data: types only, shared by the program side and the
 * provider process. Fields may be added; none may change its meaning, because old states live on.
 */

/** One DNS record to publish, as the Channels API asks for it. */
export interface DnsRecord {
	/** Fully qualified host name, without a trailing dot. */
	address: string;
	/** Usually three CNAMEs (DKIM), one MX and one TXT (DMARC). */
	type: "CNAME" | "MX" | "TXT";
	/** Target value: a host name for CNAME, `10 host` for MX, the joined text for TXT. */
	record: string;
}

/** A record with the outcome of the last check. */
export interface CheckedDnsRecord extends DnsRecord {
	/** Whether the Channels API accepted it. */
	verified: boolean;
}

/** A record set in Route 53's own notation (quoted TXT, `10 host` MX). */
export interface RecordSetState {
	/** Host name, without a trailing dot. */
	name: string;
	/** Such as `TXT`. */
	type: string;
	/** Seconds; absent for alias sets. */
	ttl?: number;
	/** None for alias sets. */
	values: string[];
	/** What else Route 53 holds of the set (weight, alias target, …), exactly as it was read. */
	rest?: { [key: string]: unknown };
}

/** A zone into which records are published. */
export interface PublishedZone {
	/** Its name, without a trailing dot. */
	name: string;
	/** Its own name servers, whoever the domain is delegated to. */
	nameServers?: string[];
}

/** Where record sets stand. */
export interface RecordPlace {
	/** Host name, without a trailing dot. */
	name: string;
	/** Such as `TXT`. */
	type: string;
}

/** The hosted zone that was chosen before the registration, and what stood in it then. */
export interface ZoneSnapshot extends PublishedZone {
	/** Hosted zone id, without the `/hostedzone/` prefix. */
	id: string;
	/** Record sets at the names of a mail setup, before anything was published. */
	found: RecordSetState[];
	/** Places beyond those of DKIM, MX and DMARC that were looked at, once the records were known. */
	places?: RecordPlace[];
}

/** A record set to which values were written. */
export interface WrittenRecordSet {
	/** Host name, without a trailing dot. */
	name: string;
	/** `CNAME`, `MX` or `TXT`. */
	type: string;
	/** Seconds. */
	ttl: number;
	/** The values that are ours. */
	values: string[];
	/** What the Channels API asks for, where it is more than what is ours. */
	wanted?: string[];
	/** Values of others that stood in the same set when ours were written. */
	others: string[];
	/** Sets that `onConflict: "overwrite"` took away; destroy puts them back. */
	replaced?: RecordSetState[];
	/** What it is for, where the type does not tell: CNAME is DKIM, MX the domain's mail, TXT the DMARC policy. */
	kind?: string;
}

/** A record that was left as others have it: identical already, or `onConflict: "keep"`. */
export interface KeptRecordSet {
	/** Host name, without a trailing dot. */
	name: string;
	/** `CNAME`, `MX` or `TXT`. */
	type: string;
	/** What the Channels API asks for. */
	wanted: string[];
	/** What stands there instead, or the same. */
	found: string[];
	/** `identical`: the value was there already. `conflict`: `onConflict` keeps another one. */
	reason: "identical" | "conflict";
	/** As of a written set. */
	kind?: string;
}
