import {
	type CompiledQuery,
	type DatabaseConnection,
	type Dialect,
	type Driver,
	PostgresAdapter,
	PostgresIntrospector,
	PostgresQueryCompiler,
	type QueryResult,
	SelectQueryNode,
} from "kysely";
import type pg from "pg";
import { type PostgresPoolOptions, type PostgresSession, PostgresSessions } from "./postgres-sessions.js";
import { onceMore } from "./unavailable.js";

/**
 * Kysely's PostgreSQL over sessions that may fail at any time.
 * @param random 0 to 1
 */
export function postgresDialect(url: string, options: PostgresPoolOptions, random: () => number): Dialect {
	return {
		createAdapter: () => new Adapter(),
		createDriver: () => new PostgresDriver(new PostgresSessions(url, options), random),
		createIntrospector: (db) => new PostgresIntrospector(db),
		createQueryCompiler: () => new PostgresQueryCompiler(),
	};
}

/** Kysely's lock for migrations belongs to a session, and would outlive ours behind a pooler: see `migrate`. */
class Adapter extends PostgresAdapter {
	override async acquireMigrationLock(): Promise<void> {}
	override async releaseMigrationLock(): Promise<void> {}
}

class PostgresDriver implements Driver {
	constructor(
		private readonly sessions: PostgresSessions,
		private readonly random: () => number,
	) {}

	async init(): Promise<void> {}

	/** Takes a session when there is something to do. */
	async acquireConnection(): Promise<PostgresConnection> {
		return new PostgresConnection(this.sessions, this.random);
	}

	beginTransaction(connection: PostgresConnection): Promise<void> {
		return connection.begin();
	}

	commitTransaction(connection: PostgresConnection): Promise<void> {
		return connection.commit();
	}

	rollbackTransaction(connection: PostgresConnection): Promise<void> {
		return connection.rollback();
	}

	async releaseConnection(): Promise<void> {}

	destroy(): Promise<void> {
		return this.sessions.close();
	}
}

class PostgresConnection implements DatabaseConnection {
	/** That of the transaction under way. */
	#session: PostgresSession | undefined;

	constructor(
		private readonly sessions: PostgresSessions,
		private readonly random: () => number,
	) {}

	async executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
		const ask = (session: PostgresSession) => session.query(query.sql, query.parameters);
		if (this.#session) return toResult(await ask(this.#session));
		const once = SelectQueryNode.is(query.query)
			? () => this.#read(ask)
			: // Its limits hold for a transaction, and until the commit it is certain that nothing was done.
				() => this.sessions.transact(ask);
		return toResult(await onceMore(once, this.random));
	}

	// biome-ignore lint/correctness/useYield: it is part of the interface, and nothing here is streamed.
	async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
		throw new Error("Streaming is not supported");
	}

	async begin(): Promise<void> {
		const session = await this.sessions.acquire();
		try {
			await session.begin();
		} catch (error) {
			session.release();
			throw error;
		}
		this.#session = session;
	}

	async commit(): Promise<void> {
		await this.#session?.commit();
		this.#leave();
	}

	async rollback(): Promise<void> {
		await this.#session?.rollback();
		this.#leave();
	}

	#leave(): void {
		this.#session?.release();
		this.#session = undefined;
	}

	async #read(ask: (session: PostgresSession) => Promise<pg.QueryResult>): Promise<pg.QueryResult> {
		const session = await this.sessions.acquire();
		try {
			return await ask(session);
		} finally {
			session.release();
		}
	}
}

function toResult<Row>({ command, rowCount, rows }: pg.QueryResult): QueryResult<Row> {
	const counts = ["INSERT", "UPDATE", "DELETE", "MERGE"].includes(command);
	return { rows: rows ?? [], ...(counts ? { numAffectedRows: BigInt(rowCount ?? 0) } : {}) };
}
