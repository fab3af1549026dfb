import { PostgresDialect } from "kysely";
import pg from "pg";

const { Pool, types } = pg;

/** Our bigints are instants and positions, which fit a number; `pg` would give strings. */
const numericBigints = {
	getTypeParser: (oid: number, format?: "text" | "binary") =>
		oid === types.builtins.INT8 ? Number : types.getTypeParser(oid, format),
};

/** @param onIdleError is told when a pooled connection breaks while nobody uses it. */
export function postgresDialect(url: string, onIdleError: (error: Error) => void): PostgresDialect {
	const pool = new Pool({
		connectionString: url,
		max: 10,
		connectionTimeoutMillis: 5_000,
		query_timeout: 10_000,
		statement_timeout: 10_000,
		keepAlive: true,
		application_name: "channels-api",
		types: numericBigints as typeof types,
	});
	// Without a listener a lost idle connection would end the process; the pool replaces it by itself.
	pool.on("error", onIdleError);
	return new PostgresDialect({ pool });
}
