/** The service behind a pooler that is not ours: PgBouncer, by transaction, with its defaults for everything else. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../../service/database/database.js";
import { contract } from "../service/contract.js";
import { startPostgres, type TestPostgres } from "../support/postgres.js";
import { type PgBouncer, startPgBouncer } from "./pgbouncer.js";

let postgres: TestPostgres;
let pgBouncer: PgBouncer;

beforeAll(async () => {
	postgres = await startPostgres();
	pgBouncer = await startPgBouncer(await postgres.createDatabase());
	console.info(pgBouncer.version);
});
afterAll(async () => {
	await pgBouncer?.[Symbol.asyncDispose]();
	await postgres?.stop();
});

async function newLocation(): Promise<string> {
	const direct = await postgres.createDatabase();
	return pgBouncer.location(direct.slice(direct.lastIndexOf("/") + 1));
}

it("tables are made once where several instances start at the same time", async () => {
	const location = await newLocation();
	const opened = await Promise.all(Array.from({ length: 6 }, () => openDatabase(location)));
	expect(await opened[0]?.db.selectFrom("setups").selectAll().execute()).toEqual([]);
	await Promise.all(opened.map((each) => each.close()));
});

describe("the Channels API, behind PgBouncer", () => {
	contract(newLocation);
});
