import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { SqliteDialect } from "kysely";

/** How long a statement waits while another process writes. */
const busyTimeoutMs = 5_000;

/** Kysely's own SQLite dialect over Node's built-in SQLite, which spells its statements a little differently. */
export function sqliteDialect(path: string): SqliteDialect {
	return new SqliteDialect({
		database: async () => {
			const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
			// Readers and one writer at a time side by side, from several processes too.
			database.exec("pragma journal_mode = wal");
			return {
				close: () => database.close(),
				prepare: (text) => {
					const statement = database.prepare(text);
					const values = (parameters: readonly unknown[]) => parameters as SQLInputValue[];
					return {
						reader: statement.columns().length > 0,
						all: (parameters) => statement.all(...values(parameters)),
						run: (parameters) => statement.run(...values(parameters)),
						iterate: (parameters) => statement.iterate(...values(parameters)),
					};
				},
			};
		},
	});
}

/**
 * Copies a database with all that is committed, what is still in its WAL too, while others read and write it
 * (sqlite.org/lang_vacuum.html, "VACUUM with an INTO clause"). A copy of the file alone lacks the WAL.
 * @throws Error of SQLite
 */
export function backUpSqlite(path: string, target: string): void {
	const database = new DatabaseSync(path, { timeout: busyTimeoutMs });
	try {
		database.prepare("vacuum into ?").run(target);
	} finally {
		database.close();
	}
}
