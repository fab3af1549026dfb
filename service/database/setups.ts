import { type Selectable, sql, type Transaction } from "kysely";
import type { DnsRecordResponse } from "pulumi-channels/sdk";
import type { Database } from "./database.js";
import type { Schema, SetupState, SetupsTable } from "./schema.js";

export interface Setup {
	readonly seq: number;
	readonly id: string;
	readonly workspaceId: string;
	readonly tenantName: string;
	readonly domain: string;
	readonly state: SetupState;
	readonly dnsRecords: DnsRecordResponse[];
	readonly dnsCheckedAt: number | null;
	/** When SES accepted the domain for the first time that we know of. */
	readonly verifiedAt: number | null;
	readonly createdAt: number;
	readonly updatedAt: number;
	/** The lease under which it was last worked on. */
	readonly leaseNumber: number;
	readonly attempts: number;
	/** Of the create that made it, where it had one. */
	readonly createKey: string | null;
	/** The label of its MAIL FROM domain below its own; null where that is SES's. */
	readonly mailFrom: string | null;
}

/** What a new setup reserves. */
export interface NewSetup {
	readonly id: string;
	readonly workspaceId: string;
	readonly tenantName: string;
	readonly domain: string;
	readonly createKey?: string | undefined;
	readonly mailFrom?: string | undefined;
}

/** Spelt out in the statement, as they are in partial indexes: SQLite finds those by the text alone. */
const active = sql.lit<SetupState>("active");
const deleted = sql.lit<SetupState>("deleted");

/** How a delete stands: somebody is at it, or may take it up, or there is none any more. */
export type DeleteStanding = "leased" | "free" | "done";

/** States in which a setup can be seen through the API: one that is being deleted is there until it is gone. */
const visible: SetupState[] = ["active", "deleting"];

/**
 * Locks a setup until the transaction ends, by writing its row: that locks the row on PostgreSQL and the whole
 * database on SQLite, which has no `select … for update`. It must be the transaction's first statement.
 */
export async function lockSetup(
	transaction: Transaction<Schema>,
	id: string,
): Promise<{ workspace_id: string; state: SetupState; verified_at: number | null } | undefined> {
	return transaction
		.updateTable("setups")
		.set((set) => ({ updated_at: set.ref("updated_at") }))
		.where("id", "=", id)
		.returning(["workspace_id", "state", "verified_at"])
		.executeTakeFirst();
}

/** The names of the use cases that refer to a setup. */
async function useCasesOf(transaction: Transaction<Schema>, id: string): Promise<string[]> {
	const useCases = await transaction
		.selectFrom("use_cases")
		.select(["entity_name", "name"])
		.where("setup_id", "=", id)
		.orderBy("seq")
		.execute();
	return useCases.map((useCase) => `${useCase.entity_name}/${useCase.name}`);
}

/** The setups, and the leases under which they are worked on. */
export class SetupStore {
	constructor(
		private readonly database: Database,
		private readonly leaseMs: number,
	) {}

	/**
	 * Writes the row of a setup in creation, leased to the caller; undefined when another holds one of its names or its key,
	 * `full` when its workspace has `most` already.
	 */
	async reserve(setup: NewSetup, most = Number.POSITIVE_INFINITY): Promise<Setup | "full" | undefined> {
		return this.database.transaction(async (transaction) => {
			await this.#countAlone(transaction, setup.workspaceId);
			const row = await this.#insert(transaction, setup);
			if (!row || most === Number.POSITIVE_INFINITY) return row && fromRow(row);
			const { count } = await transaction
				.selectFrom("setups")
				.select((select) => select.fn.countAll<number>().as("count"))
				.where("workspace_id", "=", setup.workspaceId)
				.where("state", "<>", deleted)
				.executeTakeFirstOrThrow();
			if (count <= most) return fromRow(row);
			await transaction.deleteFrom("setups").where("id", "=", setup.id).execute();
			return "full";
		});
	}

	/**
	 * Nobody else counts the workspace's setups until the transaction ends: of two at once, each would miss the other's.
	 * On SQLite whoever begins a transaction is alone.
	 */
	async #countAlone(transaction: Transaction<Schema>, workspaceId: string): Promise<void> {
		if (this.database.engine === "sqlite") return;
		await sql`select pg_advisory_xact_lock(hashtextextended(${workspaceId}, 0))`.execute(transaction);
	}

	#insert(transaction: Transaction<Schema>, setup: NewSetup) {
		return transaction
			.insertInto("setups")
			.values({
				...this.#fresh(setup),
				state: "creating",
				dns_records: "[]",
				lease_until: this.#leaseEnd(),
				lease_number: 1,
				due_at: this.#leaseEnd(),
				create_key: setup.createKey ?? null,
			})
			.onConflict((conflict) => conflict.doNothing())
			.returningAll()
			.executeTakeFirst();
	}

	/** What every new row has. */
	#fresh(setup: NewSetup) {
		return {
			id: setup.id,
			workspace_id: setup.workspaceId,
			tenant_name: setup.tenantName,
			domain_identity: setup.domain,
			mail_from: setup.mailFrom ?? null,
			dns_checked_at: null,
			// One clock for all instances.
			created_at: this.database.now,
			updated_at: this.database.now,
		};
	}

	/** Who holds a tenant name or a domain. */
	async holders(tenantName: string, domain: string): Promise<Setup[]> {
		const living = this.database.db.selectFrom("setups").selectAll().where("state", "<>", deleted);
		// Two looks, as SQLite uses no partial index for either side of an "or".
		const rows = await living
			.where("tenant_name", "=", tenantName)
			.union(living.where("domain_identity", "=", domain))
			.execute();
		return rows.map(fromRow);
	}

	/** Whatever its state. */
	async byId(id: string): Promise<Setup | undefined> {
		const row = await this.database.db
			.selectFrom("setups")
			.selectAll()
			.where("id", "=", id)
			.executeTakeFirst();
		return row && fromRow(row);
	}

	/** What a create with this key has made, whatever its state. */
	async byCreateKey(workspaceId: string, key: string): Promise<Setup | undefined> {
		const row = await this.database.db
			.selectFrom("setups")
			.selectAll()
			.where("workspace_id", "=", workspaceId)
			.where("create_key", "=", key)
			.executeTakeFirst();
		return row && fromRow(row);
	}

	/** As the API shows it. */
	async find(workspaceId: string, id: string): Promise<Setup | undefined> {
		const row = await this.database.db
			.selectFrom("setups")
			.selectAll()
			.where("workspace_id", "=", workspaceId)
			.where("id", "=", id)
			.where("state", "in", visible)
			.executeTakeFirst();
		return row && fromRow(row);
	}

	/** Setups of a workspace in the order of their making, after the position `after`. */
	async page(workspaceId: string, after: number, limit: number): Promise<Setup[]> {
		const rows = await this.database.db
			.selectFrom("setups")
			.selectAll()
			.where("workspace_id", "=", workspaceId)
			.where("seq", ">", after)
			.where("state", "in", visible)
			.orderBy("seq")
			.limit(limit)
			.execute();
		return rows.map(fromRow);
	}

	/** Every setup, whatever its state, in the order of their making. */
	async all(): Promise<Setup[]> {
		const rows = await this.database.db.selectFrom("setups").selectAll().orderBy("seq").execute();
		return rows.map(fromRow);
	}

	/** Writes the row of a setup that stands upstream; false when its id or one of its names has a row already. */
	async adopt(setup: NewSetup, dnsRecords: DnsRecordResponse[]): Promise<boolean> {
		const { numInsertedOrUpdatedRows } = await this.database.db
			.insertInto("setups")
			.values({ ...this.#fresh(setup), state: "active", dns_records: JSON.stringify(dnsRecords) })
			.onConflict((conflict) => conflict.doNothing())
			.executeTakeFirst();
		return (numInsertedOrUpdatedRows ?? 0n) > 0n;
	}

	/** Makes a setup in creation active; false when its lease was lost. */
	async activate({ id, leaseNumber }: Setup, dnsRecords: DnsRecordResponse[]): Promise<boolean> {
		const { numUpdatedRows } = await this.database.db
			.updateTable("setups")
			.set({ state: "active", dns_records: JSON.stringify(dnsRecords), lease_until: 0, attempts: 0 })
			.where("id", "=", id)
			.where("lease_number", "=", leaseNumber)
			.where("state", "=", "creating")
			.executeTakeFirst();
		return numUpdatedRows > 0n;
	}

	/** Turns a setup in creation to be undone, under the same lease; false when that was lost. */
	async abandon({ id, leaseNumber }: Setup): Promise<boolean> {
		const { numUpdatedRows } = await this.database.db
			.updateTable("setups")
			.set({ state: "undoing" })
			.where("id", "=", id)
			.where("lease_number", "=", leaseNumber)
			.where("state", "=", "creating")
			.executeTakeFirst();
		return numUpdatedRows > 0n;
	}

	/**
	 * Marks an active setup as being deleted, unless use cases refer to it.
	 * @param options.ifUnverified leaves one that was ever verified as it is
	 * @returns the names of those use cases; empty when it is marked, or was not to be any more.
	 */
	async markDeleting(id: string, { ifUnverified = false } = {}): Promise<string[]> {
		return this.database.transaction(async (transaction) => {
			const setup = await lockSetup(transaction, id);
			if (setup?.state !== "active" || (ifUnverified && setup.verified_at !== null)) return [];
			const useCases = await useCasesOf(transaction, id);
			if (useCases.length > 0) return useCases;
			await transaction
				.updateTable("setups")
				.set({ state: "deleting", updated_at: this.database.now, due_at: this.database.now })
				.where("id", "=", id)
				.execute();
			return [];
		});
	}

	/**
	 * Forgets an active setup, which stays in SES, unless use cases refer to it.
	 * @returns their names; undefined when the setup is not active any more.
	 */
	async release(id: string): Promise<string[] | undefined> {
		return this.database.transaction(async (transaction) => {
			const setup = await lockSetup(transaction, id);
			if (setup?.state !== "active") return undefined;
			const useCases = await useCasesOf(transaction, id);
			if (useCases.length === 0) await transaction.deleteFrom("setups").where("id", "=", id).execute();
			return useCases;
		});
	}

	/**
	 * Takes the lease of a setup that is not active; undefined when it is active, gone, or leased to another.
	 * A creation whose lease ran out was interrupted: from here on it is undone.
	 */
	async claim(id: string): Promise<Setup | undefined> {
		const row = await this.database.db
			.updateTable("setups")
			.set({
				lease_until: this.#leaseEnd(),
				lease_number: sql<number>`lease_number + 1`,
				state: sql<SetupState>`case state when 'creating' then 'undoing' else state end`,
			})
			.where("id", "=", id)
			.where("state", "<>", "active")
			.where("lease_until", "<=", this.database.now)
			.returningAll()
			.executeTakeFirst();
		return row && fromRow(row);
	}

	/** How the delete of a setup stands. */
	async standingOfDelete(id: string): Promise<DeleteStanding> {
		const row = await this.database.db
			.selectFrom("setups")
			.select(sql<number>`case when lease_until <= ${this.database.now} then 1 else 0 end`.as("free"))
			.where("id", "=", id)
			.where("state", "=", "deleting")
			.executeTakeFirst();
		if (!row) return "done";
		return row.free ? "free" : "leased";
	}

	/** The setups that wait for the recovery loop and that nobody works on, longest first. */
	async due(limit: number): Promise<string[]> {
		const rows = await this.database.db
			.selectFrom("setups")
			.select("id")
			.where("state", "<>", active)
			.where("due_at", "<=", this.database.now)
			.where("lease_until", "<=", this.database.now)
			.orderBy("due_at")
			.limit(limit)
			.execute();
		return rows.map((row) => row.id);
	}

	/**
	 * Frees names and lease, as nothing is left upstream, and after a create that did not end well its key; false when the
	 * lease was lost. Swept after `sweepMs`.
	 */
	async finishRemoval({ id, leaseNumber }: Setup, sweepMs: number): Promise<boolean> {
		const { numUpdatedRows } = await this.database.db
			.updateTable("setups")
			.set({
				state: "deleted",
				lease_until: 0,
				due_at: this.#later(sweepMs),
				attempts: 0,
				create_key: sql<string | null>`case state when 'undoing' then null else create_key end`,
			})
			.where("id", "=", id)
			.where("lease_number", "=", leaseNumber)
			.executeTakeFirst();
		return numUpdatedRows > 0n;
	}

	/** Gives the lease back, at once or after `holdMs`; the recovery loop takes the setup up again after `delayMs`. */
	async postpone(
		{ id, leaseNumber }: Setup,
		{ delayMs, attempts, holdMs = 0 }: { delayMs: number; attempts: number; holdMs?: number },
	): Promise<void> {
		await this.database.db
			.updateTable("setups")
			.set({ lease_until: this.#later(holdMs), due_at: this.#later(delayMs), attempts })
			.where("id", "=", id)
			.where("lease_number", "=", leaseNumber)
			.execute();
	}

	/** Forgets a deleted setup for good. */
	async purge({ id, leaseNumber }: Setup): Promise<void> {
		await this.database.db
			.deleteFrom("setups")
			.where("id", "=", id)
			.where("lease_number", "=", leaseNumber)
			.where("state", "=", "deleted")
			.execute();
	}

	/**
	 * Takes one active setup that was made so long ago, has never been verified and has no use case, and lets it rest for
	 * `restMs` then: of several instances one gets it.
	 */
	async takeUnverified(sinceMs: number, restMs: number): Promise<Setup | undefined> {
		const { db, now } = this.database;
		const candidate = db
			.selectFrom("setups")
			.select("id")
			.where("state", "=", active)
			.where("verified_at", "is", null)
			.where("created_at", "<=", this.#later(-sinceMs))
			.where("due_at", "<=", now)
			.where(({ not, exists, selectFrom }) =>
				not(
					exists(
						selectFrom("use_cases").select("use_cases.id").whereRef("use_cases.setup_id", "=", "setups.id"),
					),
				),
			)
			.orderBy("created_at")
			.limit(1);
		const row = await db
			.updateTable("setups")
			.set({ due_at: this.#later(restMs) })
			.where("id", "=", candidate)
			.where("due_at", "<=", now)
			.returningAll()
			.executeTakeFirst();
		return row && fromRow(row);
	}

	/** Notes that SES has accepted the setup's domain. */
	async markVerified(id: string): Promise<void> {
		await this.database.db
			.updateTable("setups")
			.set({ verified_at: this.database.now })
			.where("id", "=", id)
			.where("verified_at", "is", null)
			.execute();
	}

	/**
	 * Keeps what a check found; one that is not whole leaves the time of the last whole check as it is.
	 * @param setup as it was checked
	 * @param found.isAccepted whether SES accepts the domain
	 * @returns undefined where the setup is gone, or asks for other records by now
	 */
	async recordCheck(
		{ id, mailFrom }: Pick<Setup, "id" | "mailFrom">,
		dnsRecords: DnsRecordResponse[],
		{ isWhole, isAccepted }: { isWhole: boolean; isAccepted: boolean },
	): Promise<Setup | undefined> {
		const row = await this.database.db
			.updateTable("setups")
			.set({
				dns_records: JSON.stringify(dnsRecords),
				...(isWhole ? { dns_checked_at: this.database.now } : {}),
				...(isAccepted ? { verified_at: sql<number>`coalesce(verified_at, ${this.database.now})` } : {}),
			})
			.where("id", "=", id)
			.where("state", "in", visible)
			.where("mail_from", mailFrom === null ? "is" : "=", mailFrom)
			.returningAll()
			.executeTakeFirst();
		return row && fromRow(row);
	}

	/**
	 * Gives an active setup another MAIL FROM domain, or none, and the records that go with it.
	 * @param change what becomes of its records, with the flags that they have by then
	 * @returns undefined where it is not active
	 */
	async setMailFrom(
		id: string,
		mailFrom: string | null,
		change: (standing: DnsRecordResponse[]) => DnsRecordResponse[],
	): Promise<Setup | undefined> {
		return this.database.transaction(async (transaction) => {
			const locked = await lockSetup(transaction, id);
			if (locked?.state !== "active") return undefined;
			const { dns_records } = await transaction
				.selectFrom("setups")
				.select("dns_records")
				.where("id", "=", id)
				.executeTakeFirstOrThrow();
			const records = change(JSON.parse(dns_records) as DnsRecordResponse[]);
			const row = await transaction
				.updateTable("setups")
				.set({
					mail_from: mailFrom,
					dns_records: JSON.stringify(records),
					updated_at: this.database.now,
				})
				.where("id", "=", id)
				.returningAll()
				.executeTakeFirstOrThrow();
			return fromRow(row);
		});
	}

	/** How many setups are in each state, deleted ones left out. */
	async countByState(): Promise<Map<SetupState, number>> {
		const rows = await this.database.db
			.selectFrom("setups")
			.select(["state", (count) => count.fn.countAll<number>().as("count")])
			.where("state", "<>", deleted)
			.groupBy("state")
			.execute();
		return new Map(rows.map((row) => [row.state, Number(row.count)]));
	}

	#leaseEnd() {
		return this.#later(this.leaseMs);
	}

	#later(ms: number) {
		return sql<number>`${this.database.now} + cast(${Math.round(ms)} as bigint)`;
	}
}

function fromRow(row: Selectable<SetupsTable>): Setup {
	return {
		seq: row.seq,
		id: row.id,
		workspaceId: row.workspace_id,
		tenantName: row.tenant_name,
		domain: row.domain_identity,
		state: row.state,
		dnsRecords: JSON.parse(row.dns_records) as DnsRecordResponse[],
		dnsCheckedAt: row.dns_checked_at,
		verifiedAt: row.verified_at,
		createdAt: row.created_at,
		updatedAt: row.updated_at,
		leaseNumber: row.lease_number,
		attempts: row.attempts,
		createKey: row.create_key,
		mailFrom: row.mail_from,
	};
}
