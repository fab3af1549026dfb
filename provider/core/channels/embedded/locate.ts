import type { Deadline, FoundIdentity, FoundTenant } from "../../../../ses/index.js";
import type { Operation } from "../../operation.js";
import type { Names, SetupRef } from "../setup.js";
import type { Here } from "./here.js";

/** A setup that is whole, and what SES has of it. */
export interface Located extends Names {
	readonly id: string;
	readonly createdAt: Date;
	readonly identity: FoundIdentity;
	readonly found: FoundTenant;
}

/** Between two looks for what the first did not find: SES's reads lag behind its writes. */
const absentPauseMs = 1_500;
/** How often it is looked for. */
export const absentLooks = 3;

/**
 * Finds a setup by its names, see {@link named}.
 *
 * @returns undefined where one of the two parts is not there, or another's; several looks have to say so.
 */
export async function locate(
	here: Here,
	operation: Operation,
	ref: SetupRef,
	deadline: Deadline,
): Promise<Located | undefined> {
	if (ref.tenant === undefined && ref.domain === undefined) return undefined;
	return await lookAgain(operation, () => look(here, ref, deadline));
}

/** Looks for what should be there, until it is found or several looks say that it is not. */
export async function lookAgain<Found>(
	{ clock, stop }: Operation,
	look: () => Promise<Found | undefined>,
): Promise<Found | undefined> {
	for (let looks = 1; ; looks += 1) {
		const found = await look();
		if (found !== undefined || looks === absentLooks) return found;
		await clock.sleep(absentPauseMs, stop);
	}
}

async function look({ ses }: Here, ref: SetupRef, deadline: Deadline): Promise<Located | undefined> {
	const { id, domain } = ref;
	const [tenant, identity] = await Promise.all([
		tenantOf(ses, ref, deadline),
		domain === undefined ? undefined : ses.identity(domain, deadline),
	]);
	if (tenant?.owner !== id) return undefined;
	if (identity !== undefined && domain !== undefined)
		return identity.owner === id ? { ...located(id, tenant), domain, identity } : undefined;
	for (const each of await ses.domainsIn(tenant.name, deadline)) {
		const its = await ses.identity(each, deadline);
		if (its?.owner === id) return { ...located(id, tenant), domain: each, identity: its };
	}
	return undefined;
}

export const located = (id: string, found: FoundTenant) => ({
	...{ id, found, tenant: found.name },
	createdAt: found.createdAt ?? new Date(0),
});

/** The tenant of a setup, by its name or by who holds the domain; undefined where it has neither. */
export async function tenantOf(
	ses: Here["ses"],
	{ id, tenant, domain }: SetupRef,
	deadline: Deadline,
): Promise<FoundTenant | undefined> {
	if (tenant !== undefined) return await ses.tenant(tenant, deadline);
	if (domain === undefined) return undefined;
	const holders = await ses.holders(domain, undefined, deadline);
	const found = await Promise.all(holders.map((name) => ses.tenant(name, deadline)));
	return found.find((each) => each?.owner === id);
}

/**
 * By what a setup is found. Where the state has none of its names, every tenant is asked, one a second, because SES's lists
 * have no tags.
 *
 * @param deadline for each call
 */
export async function named(
	{ ses }: Here,
	{ progress }: Operation,
	ref: SetupRef,
	deadline: () => Deadline,
): Promise<SetupRef> {
	if (ref.tenant !== undefined || ref.domain !== undefined) return ref;
	let asked = 0;
	for await (const { owner, name } of ses.tenants(deadline)) {
		asked += 1;
		progress.show(`searching Amazon SES, one tenant a second: ${asked} asked`);
		if (owner === ref.id) return { ...ref, tenant: name };
	}
	return ref;
}

/** Every setup of the workspace. SES is asked for each tenant and each identity. */
export async function everySetup(
	{ ses, home }: Here,
	{ progress }: Operation,
	deadline: () => Deadline,
): Promise<(Names & Pick<Located, "id" | "createdAt">)[]> {
	const tenants = new Map<string, FoundTenant>();
	const domains = new Map<string, string>();
	const tell = () =>
		progress.show(
			`reading Amazon SES, one a second (tenants: ${tenants.size}, domains of setups: ${domains.size})`,
		);
	let isOver = false;
	const over = (error: unknown) => {
		isOver = true;
		throw error;
	};
	await Promise.all([
		(async () => {
			for await (const each of ses.tenants(deadline)) {
				if (isOver) return;
				if (each.owner !== undefined && each.workspaceId === home.workspaceId) tenants.set(each.owner, each);
				tell();
			}
		})().catch(over),
		(async () => {
			for await (const { owner, domain } of ses.ownIdentities(deadline)) {
				if (isOver) return;
				if (owner !== undefined) domains.set(owner, domain);
				tell();
			}
		})().catch(over),
	]);
	return [...tenants].flatMap(([id, { name, createdAt = new Date(0) }]) => {
		const domain = domains.get(id);
		if (domain !== undefined) return [{ id, tenant: name, domain, createdAt }];
		progress.warn(
			`Setup ${id} (tenant ${name}) is left out, because its domain is not in Amazon SES: a run is making or removing it, was ` +
				"interrupted, or others have deleted the domain there. `pulumi refresh`, then `pulumi up`, in its stack makes it whole.",
		);
		return [];
	});
}
