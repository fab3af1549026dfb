import { type Database, openDatabase } from "../../service/database/database.js";
import type { SetupState } from "../../service/database/schema.js";
import { waitUntil } from "./wait.js";

const ownerTag = "channels-setup-id";

export interface SetupRow {
	readonly id: string;
	readonly tenant_name: string;
	readonly domain_identity: string;
	readonly state: SetupState;
	readonly mail_from: string | null;
}

type Tags = readonly { readonly Key: string; readonly Value: string }[];

export interface StandingTenant {
	readonly name: string;
	readonly arn: string;
	readonly tags: Tags;
	/** The ARNs of what it holds. */
	readonly resources: { has(arn: string): boolean };
}

export interface StandingIdentity {
	readonly name: string;
	readonly arn: string;
	readonly tags: Tags;
	readonly mailFrom?: { readonly domain: string } | undefined;
}

/** What stands in an SES: the sandbox's shows it itself, of others {@link Hands} asks. */
export interface Standing {
	tenants(): readonly StandingTenant[] | Promise<readonly StandingTenant[]>;
	identities(): readonly StandingIdentity[] | Promise<readonly StandingIdentity[]>;
}

/** Every setup that the database holds, whatever its state. */
export const setupRows = (location: string): Promise<SetupRow[]> => withDatabase(location, rowsOf);

async function withDatabase<T>(location: string, work: (database: Database) => Promise<T>): Promise<T> {
	const database = await openDatabase(location);
	try {
		return await work(database);
	} finally {
		await database.close();
	}
}

const rowsOf = ({ db }: Database): Promise<SetupRow[]> =>
	db
		.selectFrom("setups")
		.select(["id", "tenant_name", "domain_identity", "state", "mail_from"])
		.orderBy("seq")
		.execute();

/** Where the rows and what stands in SES differ; empty when they agree exactly and nothing is unfinished. */
function disagreements(
	rows: readonly SetupRow[],
	tenants: readonly StandingTenant[],
	identities: readonly StandingIdentity[],
): string[] {
	const active = new Map(rows.filter(({ state }) => state === "active").map((row) => [row.id, row]));
	const found: string[] = [];
	for (const { id, state } of rows) {
		if (state !== "active" && state !== "deleted") found.push(`setup ${id} is still ${state}`);
	}
	const owner = (tags: Tags) => tags.find(({ Key }) => Key === ownerTag)?.Value;
	for (const { name, tags } of tenants) {
		const id = owner(tags);
		if (id !== undefined && active.get(id)?.tenant_name !== name) {
			found.push(`tenant ${name} belongs to ${id}, which is no active setup`);
		}
	}
	for (const { name, tags } of identities) {
		const id = owner(tags);
		if (id !== undefined && active.get(id)?.domain_identity !== name) {
			found.push(`identity ${name} belongs to ${id}, which is no active setup`);
		}
	}
	for (const row of active.values()) {
		const tenant = tenants.find(({ tags }) => owner(tags) === row.id);
		const identity = identities.find(({ tags }) => owner(tags) === row.id);
		if (!tenant) found.push(`active setup ${row.id} has no tenant ${row.tenant_name}`);
		if (!identity) found.push(`active setup ${row.id} has no identity ${row.domain_identity}`);
		const mailFrom = row.mail_from === null ? undefined : `${row.mail_from}.${row.domain_identity}`;
		if (identity && identity.mailFrom?.domain !== mailFrom) {
			found.push(`active setup ${row.id} has the MAIL FROM domain ${identity.mailFrom?.domain}`);
		}
		if (tenant && identity && !tenant.resources.has(identity.arn)) {
			found.push(`active setup ${row.id} has its identity outside its tenant`);
		}
	}
	return found;
}

/** Waits until rows and SES agree. @throws {Error} with what still differs at the deadline. */
export async function untilAgreed(location: string, ses: Standing, timeoutMs = 10_000): Promise<void> {
	let left: string[] = [];
	await withDatabase(location, (database) =>
		waitUntil(
			async () => {
				const rows = await rowsOf(database);
				const [tenants, identities] = await Promise.all([ses.tenants(), ses.identities()]);
				left = disagreements(rows, tenants, identities);
				return left.length === 0;
			},
			{ timeoutMs, what: () => `agreement of rows and SES: ${left.join("; ")}` },
		),
	);
}
