import type { Selectable } from "kysely";
import type { Database } from "./database.js";
import type { SetupState, UseCasesTable } from "./schema.js";
import { lockSetup } from "./setups.js";

export type UseCase = Omit<Selectable<UseCasesTable>, "seq">;

export interface UseCaseFilter {
	readonly entityName?: string | undefined;
	readonly setupId?: string | undefined;
}

export type NewUseCase = Omit<UseCase, "created_at" | "updated_at">;

/** Why there is no new use case. */
export type UseCaseRefusal = "exists" | "no setup" | Exclude<SetupState, "active">;

/** What refers to setups. */
export class UseCaseStore {
	constructor(private readonly database: Database) {}

	/** Adds a use case to an active setup of its workspace. */
	async create(useCase: NewUseCase): Promise<UseCase | UseCaseRefusal> {
		return this.database.transaction(async (transaction) => {
			const setup = await lockSetup(transaction, useCase.setup_id);
			if (setup?.workspace_id !== useCase.workspace_id) return "no setup";
			if (setup.state !== "active") return setup.state;
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
	async list(workspaceId: string, { entityName, setupId }: UseCaseFilter): Promise<UseCase[]> {
		// PostgreSQL refuses NUL in a text, so nothing can be named so.
		if (entityName?.includes("\0")) return [];
		let query = this.database.db.selectFrom("use_cases").selectAll().where("workspace_id", "=", workspaceId);
		if (entityName !== undefined) query = query.where("entity_name", "=", entityName);
		if (setupId !== undefined) query = query.where("setup_id", "=", setupId);
		return query.orderBy("seq").execute();
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
