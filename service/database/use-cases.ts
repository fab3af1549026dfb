import type { Selectable } from "kysely";
import type { Database } from "./database.js";
import type { SetupState, UseCasesTable } from "./schema.js";
import { lockSetup } from "./setups.js";

export type UseCase = Selectable<UseCasesTable>;

export interface UseCaseFilter {
	readonly entityName?: string | undefined;
	readonly setupId?: string | undefined;
}

export interface PageOf {
	/** The position after which it begins; 0 for the first. */
	readonly after: number;
	readonly limit: number;
}

export type NewUseCase = Omit<UseCase, "seq" | "created_at" | "updated_at">;

/** Why there is no new use case. */
export type UseCaseRefusal = "exists" | "full" | "no setup" | Exclude<SetupState, "active">;

/** What refers to setups. */
export class UseCaseStore {
	constructor(
		private readonly database: Database,
		/** How many may refer to one setup. */
		readonly perSetup: number,
	) {}

	/** Adds a use case to an active setup of its workspace. */
	async create(useCase: NewUseCase): Promise<UseCase | UseCaseRefusal> {
		return this.database.transaction(async (transaction) => {
			const setup = await lockSetup(transaction, useCase.setup_id);
			if (setup?.workspace_id !== useCase.workspace_id) return "no setup";
			if (setup.state !== "active") return setup.state;
			const { count } = await transaction
				.selectFrom("use_cases")
				.select((select) => select.fn.countAll<number>().as("count"))
				.where("setup_id", "=", useCase.setup_id)
				.executeTakeFirstOrThrow();
			if (Number(count) >= this.perSetup) return "full";
			const added = await transaction
				.insertInto("use_cases")
				.values({ ...useCase, created_at: this.database.now, updated_at: this.database.now })
				.onConflict((conflict) => conflict.doNothing())
				.returningAll()
				.executeTakeFirst();
			return added ?? "exists";
		});
	}

	/** In the order of their making. */
	async page(
		workspaceId: string,
		{ entityName, setupId }: UseCaseFilter,
		{ after, limit }: PageOf,
	): Promise<UseCase[]> {
		// PostgreSQL refuses NUL in a text, so nothing can be named so.
		if (entityName?.includes("\0")) return [];
		let query = this.database.db
			.selectFrom("use_cases")
			.selectAll()
			.where("workspace_id", "=", workspaceId)
			.where("seq", ">", after);
		if (entityName !== undefined) query = query.where("entity_name", "=", entityName);
		if (setupId !== undefined) query = query.where("setup_id", "=", setupId);
		return query.orderBy("seq").limit(limit).execute();
	}

	/** Whether there was one. */
	async delete(workspaceId: string, id: string): Promise<boolean> {
		const { numDeletedRows } = await this.database.db
			.deleteFrom("use_cases")
			.where("workspace_id", "=", workspaceId)
			.where("id", "=", id)
			.executeTakeFirst();
		return numDeletedRows > 0n;
	}
}
