import type { Generated } from "kysely";
import type { DnsRecordResponse } from "pulumi-channels/sdk";

/** Which database holds the tables. */
export type Engine = "sqlite" | "postgres";

/**
 * Where a setup stands.
 *
 * `creating` → `active` → `deleting` → `deleted`, or `creating` → `undoing` → `deleted` when a create fails.
 * All but `active` belong to whoever holds the row's lease; all but `deleted` reserve tenant name and domain.
 */
export type SetupState = "creating" | "active" | "deleting" | "undoing" | "deleted";

/** Instants are milliseconds since the epoch, so that both databases hold the same. */
export interface SetupsTable {
	/** Position in lists; grows with each setup and is never used again. */
	seq: Generated<number>;
	id: string;
	workspace_id: string;
	tenant_name: string;
	domain_identity: string;
	state: SetupState;
	/** JSON of {@link DnsRecordResponse}[], with the flags of the last check; `[]` until active. */
	dns_records: string;
	dns_checked_at: number | null;
	/** When its DKIM records stood and SES accepted the domain for the first time that we know of. */
	verified_at: Generated<number | null>;
	created_at: number;
	updated_at: number;
	/** By the database's clock: nobody else works on this setup before then. 0 when it is free. */
	lease_until: Generated<number>;
	/** Counts the leases; what an earlier holder still tries to write finds another number. */
	lease_number: Generated<number>;
	/** By the database's clock: when the recovery loop takes the setup up next. */
	due_at: Generated<number>;
	/** How often the work at hand has been tried in vain; for a deleted setup, how often it was swept. */
	attempts: Generated<number>;
	/** The `Idempotency-Key` of the create that made it. Null where it had none, and where the create was undone. */
	create_key: Generated<string | null>;
	/** The label of its MAIL FROM domain, which is this name below its own. Null where that is SES's. */
	mail_from: Generated<string | null>;
}

export interface UseCasesTable {
	seq: Generated<number>;
	id: string;
	workspace_id: string;
	setup_id: string;
	entity_name: string;
	name: string;
	description: string | null;
	sender_email_address: string;
	email_type: string;
	created_at: number;
	updated_at: number;
}

export interface ApiKeysTable {
	id: string;
	workspace_id: string;
	/** SHA-256 of the key, in hexadecimal. A key is 256 random bits, so no slow hash is needed. */
	hash: string;
	/** JSON array. */
	permissions: string;
	created_at: number;
	revoked_at: number | null;
}

/** One row: where the setups' tenants and identities are. */
interface HomeTable {
	/** Always 1. */
	id: number;
	region: string;
	/** Null until AWS has told it. */
	account: string | null;
}

/** What instances spend together. On PostgreSQL only. */
interface RateBudgetsTable {
	name: string;
	spent: number;
	/** By the database's clock: when the budget is whole again. */
	ends_at: number;
}

export interface Schema {
	rate_budgets: RateBudgetsTable;
	home: HomeTable;
	setups: SetupsTable;
	use_cases: UseCasesTable;
	api_keys: ApiKeysTable;
}
