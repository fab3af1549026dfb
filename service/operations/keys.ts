import { type ApiKey, ApiKeyStore, type Permission } from "../database/api-keys.js";
import { openDatabase } from "../database/database.js";
import { ServiceError } from "../error-codes.js";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Makes an API key. Its text is in the answer and nowhere else.
 * @param database path of an SQLite file, or a `postgres://` URL.
 * @throws Error when `workspaceId` is no UUID.
 */
export async function createApiKey(
	database: string,
	workspaceId: string,
	permissions: readonly Permission[],
): Promise<ApiKey & { key: string }> {
	requireWorkspace(workspaceId);
	return withKeys(database, (keys) => keys.create(workspaceId, permissions));
}

/** @throws Error for what is no UUID */
export function requireWorkspace(text: string): void {
	if (!uuid.test(text)) throw new ServiceError("option-invalid", `A workspace is a UUID; "${text}" is none.`);
}

/** All keys, revoked ones included. */
export function listApiKeys(database: string): Promise<ApiKey[]> {
	return withKeys(database, (keys) => keys.list());
}

/** @throws Error when there is no such key, or it was revoked before. */
export async function revokeApiKey(database: string, id: string): Promise<void> {
	const revoked = await withKeys(database, (keys) => keys.revoke(id));
	if (!revoked)
		throw new ServiceError(
			"option-invalid",
			`There is no key ${id} that could be revoked; see "channels-api keys list".`,
		);
}

async function withKeys<Result>(
	location: string,
	work: (keys: ApiKeyStore) => Promise<Result>,
): Promise<Result> {
	const database = await openDatabase(location);
	try {
		return await work(new ApiKeyStore(database));
	} finally {
		await database.close();
	}
}
