import pg from "pg";
import { DatabaseUnavailable } from "./unavailable.js";

const { DatabaseError, Pool, types } = pg;

/** How long PostgreSQL lets one transaction do what, in milliseconds. */
export interface PostgresLimits {
	/** One statement, waits for locks included. */
	readonly statementMs: number;
	/** One wait for a lock. */
	readonly lockMs: number;
	/** A pause between two statements: whoever was stopped in a transaction loses it, and others the wait for it. */
	readonly pauseMs: number;
}

export interface PostgresPoolOptions {
	/** How many sessions there are at most. */
	readonly max: number;
	readonly limits: PostgresLimits;
	/** Is told when a session breaks while nobody uses it. */
	readonly onIdleError: (error: Error) => void;
}

/** Our bigints are instants and positions, which fit a number; `pg` would give strings. */
const numericBigints = {
	getTypeParser: (oid: number, format?: "text" | "binary") =>
		oid === types.builtins.INT8 ? Number : types.getTypeParser(oid, format),
};

/**
 * The sessions at a PostgreSQL server, or at a pooler before one. Of a session nothing is expected beyond a
 * transaction: a pooler that works by transaction (PgBouncer's `pool_mode = transaction`) gives the next one to
 * another. So settings are made for one transaction (`set local`), not at the start of a session, which PgBouncer
 * refuses ("unsupported startup parameter", pgbouncer.org/config.html#ignore_startup_parameters), and statements
 * are not prepared by name: PgBouncer knows those since 1.21, and only where `max_prepared_statements` is set.
 */
export class PostgresSessions {
	readonly #pool: pg.Pool;
	/** By the order in which they were opened. */
	readonly #ordinals = new WeakMap<pg.PoolClient, number>();
	#opened = 0;
	/** Sessions up to this one are not used again. */
	#condemned = 0;

	constructor(
		url: string,
		private readonly options: PostgresPoolOptions,
	) {
		const { max, limits, onIdleError } = options;
		this.#pool = new Pool({
			connectionString: url,
			max,
			connectionTimeoutMillis: 5_000,
			// The server is to say so first. This one is for a server that says nothing.
			query_timeout: limits.statementMs + 1_000,
			keepAlive: true,
			application_name: "channels-api",
			types: numericBigints as typeof types,
		});
		this.#pool.on("connect", (client) => {
			this.#opened += 1;
			this.#ordinals.set(client, this.#opened);
			// The query under way is told as well; without a listener the process would end.
			client.on("error", () => {});
		});
		this.#pool.on("error", onIdleError);
	}

	/** @throws DatabaseUnavailable when there is none within five seconds */
	async acquire(): Promise<PostgresSession> {
		for (;;) {
			const client = await this.#connect();
			const ordinal = this.#ordinals.get(client) ?? 0;
			const isCondemned = () => ordinal <= this.#condemned;
			if (isCondemned()) {
				client.release(true);
				continue;
			}
			return new PostgresSession(client, this.options.limits, {
				release: () => client.release(isCondemned()),
				// After a switchover its elders are at the wrong server as well, after a restart they are broken.
				condemn: () => {
					this.#condemned = Math.max(this.#condemned, this.#opened);
				},
			});
		}
	}

	/** Does a piece of work in a transaction of its own. */
	async transact<Result>(work: (session: PostgresSession) => Promise<Result>): Promise<Result> {
		const session = await this.acquire();
		try {
			await session.begin();
			const result = await work(session);
			await session.commit();
			return result;
		} catch (error) {
			await session.rollback();
			throw error;
		} finally {
			session.release();
		}
	}

	close(): Promise<void> {
		return this.#pool.end();
	}

	async #connect(): Promise<pg.PoolClient> {
		try {
			return await this.#pool.connect();
		} catch (error) {
			throw new DatabaseUnavailable(error, true);
		}
	}
}

/** What a session tells the pool. */
interface Fate {
	release(): void;
	/** Neither this one nor any that was opened before it was found out is used again. */
	condemn(): void;
}

/** One session at the server, for one statement or transaction. */
export class PostgresSession {
	#isLost = false;

	constructor(
		private readonly client: pg.PoolClient,
		private readonly limits: PostgresLimits,
		private readonly fate: Fate,
	) {}

	/** @throws DatabaseUnavailable, or the server's own error when the statement is at fault */
	async query(text: string, values?: readonly unknown[]): Promise<pg.QueryResult> {
		return this.#ask(text, values, true);
	}

	async begin(): Promise<void> {
		const { statementMs, lockMs, pauseMs } = this.limits;
		await this.query(
			`begin; set local statement_timeout = ${statementMs}; set local lock_timeout = ${lockMs}; set local idle_in_transaction_session_timeout = ${pauseMs}`,
		);
	}

	async commit(): Promise<void> {
		const { command } = await this.#ask("commit", undefined, false);
		if (command !== "COMMIT") throw new Error(`The transaction was not committed: ${command}`);
	}

	/** Never throws: what is not rolled back here ends with the session. */
	async rollback(): Promise<void> {
		if (!this.#isLost) await this.query("rollback").catch(() => {});
	}

	release(): void {
		this.fate.release();
	}

	async #ask(
		text: string,
		values: readonly unknown[] | undefined,
		nothingDone: boolean,
	): Promise<pg.QueryResult> {
		try {
			return await this.client.query(text, values as unknown[]);
		} catch (error) {
			const trouble = judge(error);
			if (trouble === "fault") throw error;
			if (trouble === "lost") {
				this.#isLost = true;
				this.fate.condemn();
			}
			throw new DatabaseUnavailable(error, nothingDone);
		}
	}
}

/**
 * What an error says: the statement is at fault; the session is `lost`, or cannot do the work; or others were in the
 * way (`busy`), for which the server has rolled back. Codes: postgresql.org/docs/current/errcodes-appendix.html.
 */
function judge(error: unknown): "fault" | "lost" | "busy" {
	// The driver's own: the connection is gone, or the server did not answer in time.
	if (!(error instanceof DatabaseError)) return "lost";
	const { code = "" } = error;
	// Serialization failure, deadlock, lock not available, query cancelled.
	if (/^(40001|40P01|55P03|57014)$/.test(code)) return "busy";
	// Read-only, timeouts that end a session, and the classes connection, resources, intervention, system.
	if (/^(25006|25P03|25P04|08...|53...|57P..|58...)$/.test(code)) return "lost";
	return "fault";
}
