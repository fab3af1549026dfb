import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Database, openDatabase } from "../../service/database/database.js";
import { RateBudgets } from "../../service/database/rate-budgets.js";
import { RateLimit, type SharedBudgets } from "../../service/http/rate-limit.js";
import { startPostgres, type TestPostgres } from "../support/postgres.js";

/** How many of so many requests at once were let through. */
async function letThrough(limit: RateLimit, name: string, requests: number): Promise<number> {
	const ends = await Promise.allSettled(
		Array.from({ length: requests }, () => limit.spend(name, "in a test")),
	);
	return ends.filter(({ status }) => status === "fulfilled").length;
}

/** Budgets, and how often they were drawn from: each is one write. */
function counted(budgets: SharedBudgets) {
	let draws = 0;
	return {
		draws: () => draws,
		draw: (...parameters: Parameters<SharedBudgets["draw"]>) => {
			draws += 1;
			return budgets.draw(...parameters);
		},
	};
}

describe("a rate limit that instances share", { tags: ["all"] }, () => {
	let postgres: TestPostgres;
	let database: Database;
	beforeAll(async () => {
		postgres = await startPostgres();
		database = await openDatabase(await postgres.createDatabase());
	});
	afterAll(async () => {
		await database?.close();
		await postgres?.stop();
	});

	it("lets a budget through in all, whoever spends it", async () => {
		const shared = new RateBudgets(database);
		const [one, two] = [new RateLimit(4, shared), new RateLimit(4, shared)];
		expect(await letThrough(one, "a", 30)).toBe(30);
		expect(await letThrough(two, "a", 30)).toBe(10);
		expect(await letThrough(one, "a", 1)).toBe(0);
		expect(await letThrough(one, "b", 50)).toBe(40);
	});

	it("keeps the budget between instances that spend it at the same time", async () => {
		const shared = new RateBudgets(database);
		const through = await Promise.all(
			[1, 2, 3, 4].map(() => letThrough(new RateLimit(20, shared), "together", 200)),
		);
		const total = through.reduce((sum, each) => sum + each, 0);
		expect(total).toBe(200);
	});

	it("costs a write for every twentieth of the budget, and none once it is spent", async () => {
		const shared = counted(new RateBudgets(database));
		const limit = new RateLimit(100, shared);
		expect(await letThrough(limit, "busy", 5_000)).toBe(1_000);
		expect(shared.draws()).toBe(20);
		const other = new RateLimit(100, shared);
		expect(await letThrough(other, "busy", 1_000)).toBe(0);
		expect(shared.draws()).toBe(21);
	});

	it("is whole again when its window has ended", async () => {
		const shared = new RateBudgets(database);
		expect(await shared.draw("short", 5, 5, 60_000)).toMatchObject({ granted: 5 });
		expect(await shared.draw("short", 3, 5, 60_000)).toMatchObject({ granted: 0 });
		await database.db.updateTable("rate_budgets").set({ ends_at: 0 }).where("name", "=", "short").execute();
		const draw = await shared.draw("short", 3, 5, 60_000);
		expect(draw.granted).toBe(3);
		expect(draw.msLeft).toBeGreaterThan(50_000);
		expect(draw.msLeft).toBeLessThanOrEqual(60_000);
		expect(await shared.draw("short", 3, 5, 60_000)).toMatchObject({ granted: 2 });
	});
});

it("a rate limit is each instance's own while the database is away, which is asked no more for a while", async () => {
	let told = 0;
	const shared = counted({
		draw: async () => {
			throw new Error("away");
		},
	});
	const limit = new RateLimit(2, shared, () => (told += 1));
	expect(await letThrough(limit, "a", 30)).toBe(20);
	expect(await letThrough(limit, "b", 30)).toBe(20);
	expect([shared.draws(), told]).toEqual([1, 1]);
});
