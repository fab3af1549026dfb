import { sql } from "kysely";
import type { Database } from "./database.js";

/** How often rows that nobody needs are deleted, in milliseconds. */
const sweepMs = 60_000;

/** Counts requests for several instances, by the database's clock. PostgreSQL only. */
export class RateBudgets {
	/** By `performance.now()`. */
	#sweepAt = performance.now() + sweepMs;

	constructor(private readonly database: Database) {}

	/**
	 * Draws from the budget of `name`, which is whole again whenever a window of time has ended.
	 * @returns how much of `wanted` there was, and in how many milliseconds the window ends
	 */
	async draw(
		name: string,
		wanted: number,
		budget: number,
		windowMs: number,
	): Promise<{ granted: number; msLeft: number }> {
		this.#sweep();
		const { now } = this.database;
		const isOver = sql<boolean>`rate_budgets.ends_at <= excluded.ends_at - ${windowMs}::bigint`;
		const row = await this.database.db
			.insertInto("rate_budgets")
			.values({ name, spent: wanted, ends_at: sql<number>`${now} + ${windowMs}::bigint` })
			.onConflict((conflict) =>
				conflict.column("name").doUpdateSet({
					spent: sql<number>`case when ${isOver} then excluded.spent else rate_budgets.spent + excluded.spent end`,
					ends_at: sql<number>`case when ${isOver} then excluded.ends_at else rate_budgets.ends_at end`,
				}),
			)
			.returning(["spent", sql<number>`ends_at - ${now}`.as("msLeft")])
			.executeTakeFirstOrThrow();
		const excess = Math.max(0, row.spent - budget);
		return { granted: Math.max(0, wanted - excess), msLeft: row.msLeft };
	}

	/** Deletes, now and then, what has ended. Where that fails, the next one does it. */
	#sweep(): void {
		if (performance.now() < this.#sweepAt) return;
		this.#sweepAt = performance.now() + sweepMs;
		const { db, now } = this.database;
		void db
			.deleteFrom("rate_budgets")
			.where("ends_at", "<", now)
			.execute()
			.catch(() => {});
	}
}
