import type { Database } from "./database.js";

/** The AWS region and account in which the setups' tenants and identities are. */
export interface Home {
	readonly region: string;
	/** Undefined while AWS has not told it. */
	readonly account: string | undefined;
}

/** Keeps to which region and account the setups belong. */
export class HomeStore {
	constructor(private readonly database: Database) {}

	/** Keeps what is not kept yet. @returns what is kept by now, by whomever. */
	async keep({ region, account }: Home): Promise<Home> {
		const { db } = this.database;
		await db
			.insertInto("home")
			.values({ id: 1, region, account: account ?? null })
			.onConflict((conflict) => conflict.doNothing())
			.execute();
		if (account !== undefined)
			await db
				.updateTable("home")
				.set({ account })
				.where("region", "=", region)
				.where("account", "is", null)
				.execute();
		const kept = await db.selectFrom("home").selectAll().executeTakeFirstOrThrow();
		return { region: kept.region, account: kept.account ?? undefined };
	}
}
