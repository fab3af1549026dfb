import { Kysely, type RawBuilder, sql, type Transaction } from "kysely";
import { ServiceError } from "../error-codes.js";
import { migrate } from "./migrations.js";
import { postgresDialect } from "./postgres.js";
import type { PostgresLimits } from "./postgres-sessions.js";
import type { Engine, Schema } from "./schema.js";
import { sqliteDialect } from "./sqlite.js";
import { onceMore } from "./unavailable.js";

/**
 * What is asked of it fails with DatabaseUnavailable while it cannot do the work. What is safe to repeat was repeated
 * once by then.
 */
export interface Database {
	readonly db: Kysely<Schema>;
	readonly engine: Engine;
	/** The database's own clock, in milliseconds: the only one that all instances share. */
	readonly now: RawBuilder<number>;
	/** Whether it was empty when it was opened. */
	readonly isNew: boolean;
	/** Does several things or none. They may be done twice over, the first time in vain. */
	transaction<Result>(work: (transaction: Transaction<Schema>) => Promise<Result>): Promise<Result>;
	close(): Promise<void>;
}

export interface DatabaseWorld {
	/** 0 to 1. */
	readonly random: () => number;
	/** Is told when a pooled connection breaks while nobody uses it. */
	readonly onIdleError: (error: Error) => void;
}

const clocks: Record<Engine, RawBuilder<number>> = {
	sqlite: sql<number>`cast(unixepoch('subsec') * 1000 as integer)`,
	postgres: sql<number>`cast(extract(epoch from clock_timestamp()) * 1000 as bigint)`,
};

/** By where a database is: an SQLite file, or a `postgres://` URL. */
export const engineOf = (location: string): Engine =>
	/^postgres(ql)?:\/\//.test(location) ? "postgres" : "sqlite";

const serving: PostgresLimits = { statementMs: 5_000, lockMs: 3_000, pauseMs: 5_000 };
/** A migration may have much to do, and waits for the one that another instance is at. */
const migrating: PostgresLimits = { statementMs: 600_000, lockMs: 300_000, pauseMs: 60_000 };

/**
 * Opens the database and brings its schema up to date.
 * @param location the path of an SQLite file, or a `postgres://` URL.
 * @throws Error that names the database, without a password.
 */
export async function openDatabase(
	location: string,
	{ random, onIdleError }: DatabaseWorld = { random: Math.random, onIdleError: () => {} },
): Promise<Database> {
	const engine = engineOf(location);
	const open = (limits: PostgresLimits, max: number) =>
		new Kysely<Schema>({
			dialect:
				engine === "postgres"
					? postgresDialect(location, { limits, max, onIdleError }, random)
					: sqliteDialect(location, random),
		});
	const first = open(migrating, 1);
	let isNew: boolean;
	try {
		isNew = await migrate(first, engine);
	} catch (error) {
		const reason = error instanceof Error ? error.message : String(error);
		throw new ServiceError(
			"database-not-opened",
			`The database ${withoutCredentials(location)} cannot be opened: ${reason}`,
			{ cause: error },
		);
	} finally {
		await first.destroy();
	}
	const db = open(serving, 10);
	return {
		db,
		engine,
		now: clocks[engine],
		isNew,
		transaction: (work) => onceMore(() => db.transaction().execute(work), random),
		close: () => db.destroy(),
	};
}

function withoutCredentials(location: string): string {
	const url = URL.parse(location);
	return url?.host ? `${url.protocol}//${url.host}${url.pathname}` : location;
}
