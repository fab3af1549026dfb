import type { Database } from "./database.js";

/** How often the database is asked for its time, in milliseconds: quartz drifts by a second in some hours. */
const intervalMs = 60_000;

/** An answer that took longer says too little. Milliseconds. */
const slowMs = 1_000;

/**
 * What the database's clock shows, without asking it each time: all that instances tell of times is by that clock,
 * however far their own are apart. Between two looks it goes by this process's monotonic clock.
 */
export class DatabaseClock implements Disposable {
	/** What the database's clock shows when `performance.now()` is 0. */
	#zero: number | undefined;
	readonly #timer: NodeJS.Timeout;

	/** @throws DatabaseUnavailable */
	static async start(database: Pick<Database, "db" | "now">): Promise<DatabaseClock> {
		const clock = new DatabaseClock(database);
		try {
			await clock.#look();
		} catch (error) {
			clock[Symbol.dispose]();
			throw error;
		}
		return clock;
	}

	private constructor(private readonly database: Pick<Database, "db" | "now">) {
		// While the database is away, what it said last goes on.
		this.#timer = setInterval(() => void this.#look().catch(() => {}), intervalMs);
		this.#timer.unref();
	}

	/** Milliseconds since the epoch. */
	now(): number {
		return (this.#zero ?? 0) + performance.now();
	}

	[Symbol.dispose](): void {
		clearInterval(this.#timer);
	}

	async #look(): Promise<void> {
		const { db, now } = this.database;
		const asked = performance.now();
		const { time } = await db.selectNoFrom(now.as("time")).executeTakeFirstOrThrow();
		const answered = performance.now();
		if (this.#zero === undefined || answered - asked < slowMs) this.#zero = time - (asked + answered) / 2;
	}
}
