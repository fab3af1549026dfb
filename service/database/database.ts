import { Kysely, type RawBuilder, sql } from "kysely";
import { migrate } from "./migrations.js";
import { postgresDialect } from "./postgres.js";
import type { Engine, Schema } from "./schema.js";
import { sqliteDialect } from "./sqlite.js";

export interface Database {
	readonly db: Kysely<Schema>;
	readonly engine: Engine;
	/** The database's own clock, in milliseconds: the only one that all instances share. */
	readonly now: RawBuilder<number>;
	/** Whether it was empty when it was opened. */
	readonly isNew: boolean;
	close(): Promise<void>;
}

const clocks: Record<Engine, RawBuilder<number>> = {
	sqlite: sql<number>`cast(unixepoch('subsec') * 1000 as integer)`,
	postgres: sql<number>`cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`,
};

/** By where a database is: an SQLite file, or a `postgres://` URL. */
export const engineOf = (location: string): Engine =>
	/^postgres(ql)?:\/\//.test(location) ? "postgres" : "sqlite";

/**
 * Opens the database and brings its schema up to date.
 * @param location the path of an SQLite file, or a `postgres://` URL.
 * @param onIdleError is told when a pooled connection breaks while nobody uses it.
 * @throws Error that names the database, without a password.
 */
export async function openDatabase(
	location: string,
	onIdleError: (error: Error) => void = () => {},
): Promise<Database> {
	const engine = engineOf(location);
	const dialect = engine === "postgres" ? postgresDialect(location, onIdleError) : sqliteDialect(location);
	const db = new Kysely<Schema>({ dialect });
	let isNew: boolean;
	try {
		isNew = await migrate(db, engine);
	} catch (error) {
		await db.destroy();
		const reason = error instanceof Error ? error.message : String(error);
		throw new Error(`The database ${withoutCredentials(location)} cannot be opened: ${reason}`, {
			cause: error,
		});
	}
	return { db, engine, now: clocks[engine], isNew, close: () => db.destroy() };
}

function withoutCredentials(location: string): string {
	const url = URL.parse(location);
	return url?.host ? `${url.protocol}//${url.host}${url.pathname}` : location;
}
