import { type Kysely, type RawBuilder, sql } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import type { Engine, Schema } from "./schema.js";

/** A primary key that the database counts up and never hands out twice. */
const countingKey: Record<Engine, RawBuilder<unknown>> = {
	sqlite: sql`integer primary key autoincrement`,
	postgres: sql`bigint generated always as identity primary key`,
};

/** The schema's history, in order. A migration that was released is never edited: add another. */
const history = (engine: Engine): Record<string, Migration> => ({
	"0001_setups_use_cases_api_keys": {
		async up(db: Kysely<unknown>) {
			const counting = countingKey[engine];
			await sql`
				create table setups (
					seq ${counting},
					id text not null unique,
					workspace_id text not null,
					tenant_name text not null,
					domain_identity text not null,
					state text not null check (state in ('creating', 'active', 'deleting', 'undoing', 'deleted')),
					dns_records text not null,
					dns_checked_at bigint,
					created_at bigint not null,
					updated_at bigint not null,
					lease_until bigint not null default 0,
					lease_number bigint not null default 0,
					due_at bigint not null default 0,
					attempts integer not null default 0
				)`.execute(db);
			// A deleted setup no longer holds its names.
			await sql`create unique index setups_tenant on setups (tenant_name) where state <> 'deleted'`.execute(
				db,
			);
			await sql`create unique index setups_domain on setups (domain_identity) where state <> 'deleted'`.execute(
				db,
			);
			await sql`create index setups_page on setups (workspace_id, seq)`.execute(db);
			await sql`create index setups_due on setups (due_at) where state <> 'active'`.execute(db);
			await sql`
				create table use_cases (
					seq ${counting},
					id text not null unique,
					workspace_id text not null,
					setup_id text not null references setups (id),
					entity_name text not null,
					name text not null,
					description text,
					sender_email_address text not null,
					email_type text not null,
					created_at bigint not null,
					updated_at bigint not null,
					unique (workspace_id, entity_name, name)
				)`.execute(db);
			await sql`create index use_cases_setup on use_cases (setup_id)`.execute(db);
			await sql`
				create table api_keys (
					id text not null primary key,
					workspace_id text not null,
					hash text not null unique,
					permissions text not null,
					created_at bigint not null,
					revoked_at bigint
				)`.execute(db);
		},
	},
	"0002_home": {
		async up(db: Kysely<unknown>) {
			await sql`
				create table home (
					id integer not null primary key check (id = 1),
					region text not null,
					account text
				)`.execute(db);
		},
	},
	"0003_limits": {
		async up(db: Kysely<unknown>) {
			await sql`create index use_cases_page on use_cases (workspace_id, seq)`.execute(db);
			await sql`alter table setups add column verified_at bigint`.execute(db);
			// Nobody knows what was verified before; what has anything that is counts.
			await sql`
				update setups set verified_at = coalesce(dns_checked_at, created_at)
				where dns_records like '%"verified":true%'`.execute(db);
			await sql`
				create index setups_unverified on setups (created_at)
				where state = 'active' and verified_at is null`.execute(db);
			if (engine === "sqlite") return;
			// Counts of some seconds, written often: a crash may empty them, and so they need no log.
			await sql`
				create unlogged table rate_budgets (
					name text not null primary key,
					spent bigint not null,
					ends_at bigint not null
				)`.execute(db);
		},
	},
	"0004_idempotency_keys": {
		async up(db: Kysely<unknown>) {
			await sql`alter table setups add column create_key text`.execute(db);
			await sql`
				create unique index setups_create_key on setups (workspace_id, create_key)
				where create_key is not null`.execute(db);
		},
	},
	"0005_mail_from": {
		async up(db: Kysely<unknown>) {
			await sql`alter table setups add column mail_from text`.execute(db);
		},
	},
});

/** An arbitrary number, which nobody else at the server should use. */
const lockNumber = 7_205_759_403_792_793;

/**
 * Brings the schema up to date, all of it or none; of several instances that start at once, one does it and the
 * others wait. The lock ends with the transaction: one of a session would stay behind at a pooler's.
 * @returns whether the database was empty.
 * @throws the first migration's error.
 */
export async function migrate(db: Kysely<Schema>, engine: Engine): Promise<boolean> {
	const migrations = history(engine);
	return db.transaction().execute(async (transaction) => {
		// On SQLite whoever begins a transaction is alone.
		if (engine === "postgres") await sql`select pg_advisory_xact_lock(${lockNumber})`.execute(transaction);
		const migrator = new Migrator({
			db: transaction,
			provider: { getMigrations: async () => migrations },
		});
		const { error, results = [] } = await migrator.migrateToLatest();
		if (error !== undefined) throw error;
		return results.length === Object.keys(migrations).length;
	});
}
