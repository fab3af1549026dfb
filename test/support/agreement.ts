import type { Ses } from "../../sandbox/ses/index.js";
import { openDatabase } from "../../service/database/database.js";
import type { SetupState } from "../../service/database/schema.js";
import { waitUntil } from "./wait.js";

const ownerTag = "channels-setup-id";

export interface SetupRow {
	readonly id: string;
	readonly tenant_name: string;
	readonly domain_identity: string;
	readonly state: SetupState;
}

/** Every setup that the database holds, whatever its state. */
export async function setupRows(location: string): Promise<SetupRow[]> {
	const database = await openDatabase(location);
	try {
		return await database.db
			.selectFrom("setups")
			.select(["id", "tenant_name", "domain_identity", "state"])
			.orderBy("seq")
			.execute();
	} finally {
		await database.close();
	}
}

/** Where the rows and what stands in SES differ; empty when they agree exactly and nothing is unfinished. */
export function disagreements(rows: readonly SetupRow[], ses: Pick<Ses, "tenants" | "identities">): string[] {
	const active = new Map(rows.filter(({ state }) => state === "active").map((row) => [row.id, row]));
	const found: string[] = [];
	for (const { id, state } of rows) {
		if (state !== "active" && state !== "deleted") found.push(`setup ${id} is still ${state}`);
	}
	const owner = (tags: readonly { Key: string; Value: string }[]) =>
		tags.find(({ Key }) => Key === ownerTag)?.Value;
	for (const { name, tags } of ses.tenants()) {
		const id = owner(tags);
		if (id !== undefined && active.get(id)?.tenant_name !== name) {
			found.push(`tenant ${name} belongs to ${id}, which is no active setup`);
		}
	}
	for (const { name, tags } of ses.identities()) {
		const id = owner(tags);
		if (id !== undefined && active.get(id)?.domain_identity !== name) {
			found.push(`identity ${name} belongs to ${id}, which is no active setup`);
		}
	}
	for (const row of active.values()) {
		const tenant = ses.tenants().find(({ tags }) => owner(tags) === row.id);
		const identity = ses.identities().find(({ tags }) => owner(tags) === row.id);
		if (!tenant) found.push(`active setup ${row.id} has no tenant ${row.tenant_name}`);
		if (!identity) found.push(`active setup ${row.id} has no identity ${row.domain_identity}`);
		if (tenant && identity && !tenant.resources.has(identity.arn)) {
			found.push(`active setup ${row.id} has its identity outside its tenant`);
		}
	}
	return found;
}

/** Waits until rows and SES agree. @throws {Error} with what still differs at the deadline. */
export async function untilAgreed(
	location: string,
	ses: Pick<Ses, "tenants" | "identities">,
	timeoutMs = 10_000,
): Promise<void> {
	let left: string[] = [];
	await waitUntil(
		async () => {
			left = disagreements(await setupRows(location), ses);
			return left.length === 0;
		},
		{ timeoutMs, what: () => `agreement of rows and SES: ${left.join("; ")}` },
	);
}
