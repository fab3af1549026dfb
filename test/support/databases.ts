import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, inject } from "vitest";
import { startPostgres, type TestPostgres } from "./postgres.js";

declare module "vitest" {
	interface ProvidedContext {
		/** Leaves PostgreSQL out, in runs that are about something else than databases. */
		sqliteAlone?: true;
	}
}

/** Where the service's database is, fresh at every call. */
export type NewLocation = () => Promise<string>;

interface EachDatabaseOptions {
	/** Of the half on PostgreSQL. Default `all`, which leaves it out of `npm test`. */
	readonly postgresTags?: string[];
}

/** Runs one suite on SQLite and on PostgreSQL. */
export function describeOnEachDatabase(
	title: string,
	suite: (newLocation: NewLocation) => void,
	{ postgresTags = ["all"] }: EachDatabaseOptions = {},
): void {
	describe(`${title}, on SQLite`, () => {
		let folder: string;
		let count = 0;
		beforeAll(async () => {
			folder = await mkdtemp(join(tmpdir(), "channels-suite-"));
		});
		afterAll(() => rm(folder, { recursive: true, force: true }));
		suite(async () => {
			count += 1;
			return join(folder, `${count}.db`);
		});
	});

	describe.skipIf(inject("sqliteAlone"))(`${title}, on PostgreSQL`, { tags: postgresTags }, () => {
		let postgres: TestPostgres;
		beforeAll(async () => {
			postgres = await startPostgres();
		});
		afterAll(() => postgres?.stop());
		suite(() => postgres.createDatabase());
	});
}
