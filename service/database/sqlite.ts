import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import {
	CompiledQuery,
	type DatabaseConnection,
	type Dialect,
	type Driver,
	type QueryResult,
	SqliteAdapter,
	SqliteIntrospector,
	SqliteQueryCompiler,
} from "kysely";
import { DatabaseUnavailable } from "./unavailable.js";

/** How long a statement waits, in milliseconds, while another process writes. */
const patienceMs = 5_000;

/** How many statements are kept prepared; the service has some forty. */
const keptStatements = 200;

/**
 * Kysely's SQLite over Node's, which works while the event loop waits. So SQLite itself never waits for a lock: what
 * finds the database locked is repeated after a moment.
 * @param random 0 to 1
 */
export function sqliteDialect(path: string, random: () => number): Dialect {
	return {
		createAdapter: () => new Adapter(),
		createDriver: () => new SqliteDriver(path, random),
		createIntrospector: (db) => new SqliteIntrospector(db),
		createQueryCompiler: () => new SqliteQueryCompiler(),
	};
}

class Adapter extends SqliteAdapter {
	/** They take turns at the only one by themselves, so that reads need not wait behind a write that waits. */
	override get supportsMultipleConnections() {
		return true;
	}
	/** sqlite.org/lang_transaction.html: all changes are transactional, those of the schema as well. */
	override get supportsTransactionalDdl() {
		return true;
	}
}

class SqliteDriver implements Driver {
	#file: SqliteFile | undefined;

	constructor(
		private readonly path: string,
		private readonly random: () => number,
	) {}

	async init(): Promise<void> {
		this.#file = await SqliteFile.open(this.path, this.random);
	}

	async acquireConnection(): Promise<SqliteConnection> {
		if (!this.#file) throw new Error("The database is not open");
		return new SqliteConnection(this.#file);
	}

	/** As a writer from the start: it is the only point at which it may have to wait for others. */
	async beginTransaction(connection: SqliteConnection): Promise<void> {
		await connection.executeQuery(CompiledQuery.raw("begin immediate"));
	}

	async commitTransaction(connection: SqliteConnection): Promise<void> {
		await connection.executeQuery(CompiledQuery.raw("commit"));
	}

	async rollbackTransaction(connection: SqliteConnection): Promise<void> {
		await connection.rollback();
	}

	async releaseConnection(): Promise<void> {}

	async destroy(): Promise<void> {
		this.#file?.close();
	}
}

class SqliteConnection implements DatabaseConnection {
	constructor(private readonly file: SqliteFile) {}

	async executeQuery<Row>({ sql, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
		return this.file.run(this, (file) => {
			const statement = file.prepare(sql);
			const values = parameters as SQLInputValue[];
			if (statement.columns().length > 0) return { rows: statement.all(...values) as Row[] };
			const { changes, lastInsertRowid } = statement.run(...values);
			return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
		});
	}

	// biome-ignore lint/correctness/useYield: it is part of the interface, and nothing here is streamed.
	async *streamQuery<Row>(): AsyncIterableIterator<QueryResult<Row>> {
		throw new Error("Streaming is not supported");
	}

	async rollback(): Promise<void> {
		// Some errors, such as a full disk, have rolled back already (sqlite.org/lang_transaction.html).
		await this.file.run(this, (file) => {
			if (file.isInTransaction) file.prepare("rollback").run();
		});
	}
}

/** An open file. Whoever begins a transaction has it alone until the end of that. */
class SqliteFile {
	readonly #statements = new Map<string, StatementSync>();
	#owner: object | undefined;
	readonly #waiting: (() => void)[] = [];

	static async open(path: string, random: () => number): Promise<SqliteFile> {
		const database = new DatabaseSync(path, { timeout: 0 });
		const file = new SqliteFile(database, random);
		try {
			// Readers and one writer at a time side by side, from several processes too.
			await file.run(file, () => database.exec("pragma journal_mode = wal"));
		} catch (error) {
			database.close();
			throw error;
		}
		return file;
	}

	private constructor(
		private readonly database: DatabaseSync,
		private readonly random: () => number,
	) {}

	get isInTransaction(): boolean {
		return this.database.isTransaction;
	}

	/**
	 * Does something at once, or as soon as others let it.
	 * @throws DatabaseUnavailable after five seconds of waiting, or when the file cannot be read or written
	 */
	async run<Result>(by: object, work: (file: SqliteFile) => Result): Promise<Result> {
		for (const end = performance.now() + patienceMs; ; ) {
			while (this.#owner !== undefined && this.#owner !== by) {
				await new Promise<void>((resolve) => this.#waiting.push(resolve));
			}
			try {
				return work(this);
			} catch (error) {
				const trouble = judge(error);
				if (trouble === "fault") throw error;
				if (trouble === "unable" || performance.now() >= end) throw new DatabaseUnavailable(error, true);
			} finally {
				this.#handOver(by);
			}
			await sleep(5 + 20 * this.random());
		}
	}

	/** Prepared once for each text. */
	prepare(text: string): StatementSync {
		const known = this.#statements.get(text);
		if (known) return known;
		if (this.#statements.size >= keptStatements) this.#statements.clear();
		const statement = this.database.prepare(text);
		this.#statements.set(text, statement);
		return statement;
	}

	close(): void {
		this.#statements.clear();
		this.database.close();
	}

	#handOver(by: object): void {
		if (this.database.isTransaction) {
			this.#owner = by;
		} else if (this.#owner === by) {
			this.#owner = undefined;
			for (const wake of this.#waiting.splice(0)) wake();
		}
	}
}

/**
 * What an error says: the statement is at fault; another process has a lock (`busy`); or the file cannot be read or
 * written now. In each case nothing was done. Codes: sqlite.org/rescode.html, of which extended ones add higher bits.
 */
function judge(error: unknown): "fault" | "busy" | "unable" {
	if (!(error instanceof Error && "errcode" in error)) return "fault";
	const code = Number(error.errcode) & 0xff;
	// SQLITE_BUSY and SQLITE_LOCKED.
	if (code === 5 || code === 6) return "busy";
	// SQLITE_NOMEM, _READONLY, _IOERR, _FULL, _CANTOPEN and _PROTOCOL.
	return [7, 8, 10, 13, 14, 15].includes(code) ? "unable" : "fault";
}

/**
 * Copies a database with all that is committed, what is still in its WAL too, while others read and write it
 * (sqlite.org/lang_vacuum.html, "VACUUM with an INTO clause"). A copy of the file alone lacks the WAL.
 * @throws Error of SQLite
 */
export function backUpSqlite(path: string, target: string): void {
	const database = new DatabaseSync(path, { timeout: patienceMs });
	try {
		database.prepare("vacuum into ?").run(target);
	} finally {
		database.close();
	}
}
