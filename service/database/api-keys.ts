import { createHash, randomBytes, randomUUID } from "node:crypto";
import type { Selectable } from "kysely";
import type { Database } from "./database.js";
import type { ApiKeysTable } from "./schema.js";

export const permissions = ["Channel.create", "Channel.view", "Channel.delete"] as const;
export type Permission = (typeof permissions)[number];

export interface ApiKey {
	readonly id: string;
	/** UUID, lower case. */
	readonly workspaceId: string;
	readonly permissions: readonly Permission[];
	readonly createdAt: number;
	readonly revokedAt: number | null;
}

/** Bearer keys. Only their hashes are stored. */
export class ApiKeyStore {
	constructor(private readonly database: Database) {}

	/** Makes a key; its text is nowhere to be had afterwards. */
	async create(workspaceId: string, granted: readonly Permission[]): Promise<ApiKey & { key: string }> {
		const key = `ck_${randomBytes(32).toString("base64url")}`;
		const row = await this.database.db
			.insertInto("api_keys")
			.values({
				id: randomUUID(),
				workspace_id: workspaceId.toLowerCase(),
				hash: hashKey(key),
				permissions: JSON.stringify(permissions.filter((permission) => granted.includes(permission))),
				created_at: this.database.now,
				revoked_at: null,
			})
			.returningAll()
			.executeTakeFirstOrThrow();
		return { ...fromRow(row), key };
	}

	/** The key with this text, unless it was revoked. */
	async byText(key: string): Promise<ApiKey | undefined> {
		const row = await this.database.db
			.selectFrom("api_keys")
			.selectAll()
			.where("hash", "=", hashKey(key))
			.where("revoked_at", "is", null)
			.executeTakeFirst();
		return row && fromRow(row);
	}

	async list(): Promise<ApiKey[]> {
		const rows = await this.database.db.selectFrom("api_keys").selectAll().orderBy("created_at").execute();
		return rows.map(fromRow);
	}

	/** Whether there was such a key, not revoked yet. */
	async revoke(id: string): Promise<boolean> {
		const { numUpdatedRows } = await this.database.db
			.updateTable("api_keys")
			.set({ revoked_at: this.database.now })
			.where("id", "=", id)
			.where("revoked_at", "is", null)
			.executeTakeFirst();
		return numUpdatedRows > 0n;
	}
}

function hashKey(key: string): string {
	return createHash("sha256").update(key).digest("hex");
}

function fromRow(row: Selectable<ApiKeysTable>): ApiKey {
	return {
		id: row.id,
		workspaceId: row.workspace_id,
		permissions: JSON.parse(row.permissions) as Permission[],
		createdAt: row.created_at,
		revokedAt: row.revoked_at,
	};
}
