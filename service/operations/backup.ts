import { existsSync } from "node:fs";
import { engineOf } from "../database/database.js";
import { backUpSqlite } from "../database/sqlite.js";
import { ServiceError } from "../error-codes.js";

/**
 * Writes the database as it is now into a new file, which is whole by itself; the service may go on meanwhile.
 * @param location path of an SQLite file
 * @throws Error when it is none, there is none, or the target is there already
 */
export function backUp(location: string, target: string): void {
	if (engineOf(location) === "postgres")
		throw refused(
			"PostgreSQL has its own tools for this: pg_dump --format=custom, or your provider's snapshots.",
		);
	if (!existsSync(location)) throw refused(`There is no database ${location}; see CHANNELS_API_DATABASE.`);
	if (existsSync(target)) throw refused(`${target} is there already; give a file that is not.`);
	backUpSqlite(location, target);
}

const refused = (why: string) => new ServiceError("backup-refused", why);
