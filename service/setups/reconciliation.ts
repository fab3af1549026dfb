import {
	Deadline,
	type DmarcPolicy,
	dnsRecords,
	type FoundIdentity,
	type FoundTenant,
	hasKeysOfSes,
	labelOf,
	mailFromOf,
	type Ses,
	standingOf,
} from "pulumi-channels/ses";
import type { Setup, SetupStore } from "../database/setups.js";
import { ServiceError } from "../error-codes.js";
import { firstOf } from "./first-of.js";

/** An active setup that has not in SES what it was made with. */
export interface Lost {
	readonly setup: Setup;
	/**
	 * `keys`: the identity has other DKIM keys. `association`: it is not in the tenant. `mail-from`: it has another MAIL FROM
	 * domain, or none.
	 */
	readonly lacks: readonly ("tenant" | "identity" | "keys" | "association" | "mail-from")[];
}

/** What stands in SES with the tag of a setup that has no row. */
export interface Orphan {
	readonly id: string;
	readonly workspaceId: string | undefined;
	readonly tenantName: string | undefined;
	readonly domain: string | undefined;
	readonly identity: FoundIdentity | undefined;
}

export interface Differences {
	readonly lost: readonly Lost[];
	readonly orphans: readonly Orphan[];
	/** How many active setups have all they need. */
	readonly agreeing: number;
	/** How many are being made or removed: the service itself ends that. */
	readonly underWay: number;
}

/** How long one call of SES may take, its turn and repetitions included. */
const callMs = 60_000;
const deadline = () => new Deadline(callMs, { isUrgent: false });

async function inTime<Answer>(call: (deadline: Deadline) => Promise<Answer>): Promise<Answer> {
	using until = deadline();
	return await call(until);
}

/** Compares the database with SES, and mends what an operator has decided on. For after a restore. */
export class Reconciliation {
	constructor(
		private readonly setups: SetupStore,
		private readonly upstream: Ses,
		private readonly options: {
			readonly dmarcPolicy: DmarcPolicy;
			/** Told how much was read so far: SES takes about one request a second. */
			readonly progress: (text: string) => void;
		},
	) {}

	/** Changes nothing. */
	async compare(): Promise<Differences> {
		const [tenants, identities] = await this.#tagged();
		// The rows come last: what is made meanwhile has a row before it stands in SES.
		const setups = await this.setups.all();
		const known = new Set(setups.map(({ id }) => id));
		const active = setups.filter(({ state }) => state === "active");
		const lost: Lost[] = [];
		for (const setup of active) {
			this.options.progress(`comparing ${setup.domain}`);
			const lacks = await this.#lacking(setup, tenants, identities);
			if (lacks.length > 0) lost.push({ setup, lacks });
		}
		return {
			lost,
			orphans: orphansOf(tenants, identities, known),
			agreeing: active.length - lost.length,
			underWay: setups.filter(({ state }) => state !== "active" && state !== "deleted").length,
		};
	}

	/**
	 * Writes the row of an orphan, and puts its domain into its tenant.
	 * @param workspaceId where its tags do not tell it
	 * @throws Error when it is no orphan, or not whole
	 */
	async adopt(id: string, workspaceId: string | undefined): Promise<Setup> {
		const { tenantName, domain, identity, ...orphan } = await this.#orphan(id);
		if (tenantName === undefined || domain === undefined || identity === undefined)
			throw refused(
				`Of ${id} only the ${domain === undefined ? "tenant" : "identity"} is left in SES. Remove that (--remove ${id}), and create the setup anew.`,
			);
		if (!hasKeysOfSes(identity.dkim))
			throw refused(
				`The identity of ${domain} has no DKIM keys of SES's own, so its records cannot be told.`,
			);
		const workspace = orphan.workspaceId ?? workspaceId;
		if (workspace === undefined)
			throw refused(`SES does not tell the workspace of ${id}; give it with --workspace.`);
		if (workspaceId !== undefined && workspaceId !== workspace)
			throw refused(
				`${id} belongs to workspace ${workspace}, as its tag in SES says, and not to ${workspaceId}.`,
			);
		const tenant = await inTime((until) => this.upstream.tenant(tenantName, until));
		if (!tenant) throw refused(`The tenant ${tenantName} is gone meanwhile.`);
		const holders = await inTime((until) => this.upstream.holders(domain, tenant.arn, until));
		if (!holders.includes(tenantName))
			await inTime((until) => this.upstream.associate(tenantName, tenant.arn, domain, until));
		const { dmarcPolicy } = this.options;
		const records = dnsRecords(identity, this.upstream.region, { dmarcPolicy });
		const mailFrom = identity.mailFrom && labelOf(identity.mailFrom.domain, domain);
		const setup = { id, workspaceId: workspace, tenantName, domain, mailFrom };
		if (!(await this.setups.adopt(setup, records)))
			throw refused(`The tenant name ${tenantName} or the domain ${domain} has a setup by now.`);
		const adopted = await this.setups.byId(id);
		if (!adopted) throw refused(`The row of ${id} is gone again.`);
		return adopted;
	}

	/** Takes an orphan down. @throws Error when it is none */
	async remove(id: string): Promise<Orphan> {
		const orphan = await this.#orphan(id);
		await inTime((until) => this.upstream.remove(orphan, id, until));
		return orphan;
	}

	/** Puts a setup's domain into its tenant again. @throws Error when it lacks more than that */
	async associate(id: string): Promise<Setup> {
		const setup = await this.setups.byId(id);
		if (setup?.state !== "active") throw refused(`There is no active setup ${id}.`);
		const tenant = await inTime((until) => this.upstream.tenant(setup.tenantName, until));
		const identity = await inTime((until) => this.upstream.identity(setup.domain, until));
		if (tenant?.owner !== id || standingOf(identity, setup) !== "own")
			throw refused(`Setup ${id} lacks more in SES than that. Delete it, and create it anew.`);
		await inTime((until) => this.upstream.associate(setup.tenantName, tenant.arn, setup.domain, until));
		return setup;
	}

	/**
	 * Takes the row of a setup out. SES keeps all of it, tags included.
	 * @returns undefined when there is no row, as after a release
	 * @throws Error while use cases refer to it, or SES has not all of it
	 */
	async release(id: string): Promise<Setup | undefined> {
		const setup = await this.setups.byId(id);
		if (!setup) return undefined;
		if (setup.state !== "active") throw refused(`The setup ${id} of ${setup.domain} is ${setup.state}.`);
		const lacks = await this.#lacking(setup, [], []);
		if (lacks.length > 0)
			throw refused(`The setup ${id} is not whole in SES. Compare, without an option, and mend that first.`);
		const useCases = await this.setups.release(id);
		if (useCases === undefined) throw refused(`The setup ${id} of ${setup.domain} was deleted meanwhile.`);
		if (useCases.length > 0)
			throw refused(`Use cases refer to the setup ${id}. Delete those first: ${firstOf(useCases)}.`);
		return setup;
	}

	async #orphan(id: string): Promise<Orphan> {
		const [tenants, identities] = await this.#tagged();
		const setup = await this.setups.byId(id);
		if (setup)
			throw refused(
				`${id} has a row: ${setup.state === "deleted" ? "it was just deleted, and the service clears away what is left" : `the setup of ${setup.domain}, which is ${setup.state}`}.`,
			);
		const [orphan] = orphansOf(
			tenants.filter(({ owner }) => owner === id),
			identities.filter(({ owner }) => owner === id),
			new Set(),
		);
		if (!orphan) throw refused(`Nothing in SES carries the tag of a setup ${id}.`);
		return orphan;
	}

	/** The lists are as old as their first page, so what they lack is asked for again. */
	async #lacking(
		setup: Setup,
		tenants: readonly FoundTenant[],
		identities: readonly FoundIdentity[],
	): Promise<Lost["lacks"]> {
		const listed = tenants.find(({ name, owner }) => name === setup.tenantName && owner === setup.id);
		const tenant = listed ?? (await inTime((until) => this.upstream.tenant(setup.tenantName, until)));
		const found = identities.find(({ domain }) => domain === setup.domain);
		const identity =
			standingOf(found, setup) === "own"
				? found
				: await inTime((until) => this.upstream.identity(setup.domain, until));
		const standing = standingOf(identity, setup);
		const lacks: Lost["lacks"][number][] = [];
		if (tenant?.owner !== setup.id) lacks.push("tenant");
		if (standing === "rekeyed") lacks.push("keys");
		else if (standing !== "own") lacks.push("identity");
		if (lacks.length > 0 || !tenant) return lacks;
		const holders = await inTime((until) => this.upstream.holders(setup.domain, tenant.arn, until));
		if (!holders.includes(setup.tenantName)) lacks.push("association");
		// One that a setup without any was given by hand is no matter of the service.
		const mailFrom = mailFromOf(setup);
		if (mailFrom !== undefined && mailFrom !== identity?.mailFrom?.domain) lacks.push("mail-from");
		return lacks;
	}

	/** All tenants, and the identities that carry a setup's tag. */
	#tagged(): Promise<[FoundTenant[], FoundIdentity[]]> {
		return Promise.all([
			this.#collect("tenants", this.upstream.tenants(deadline)),
			this.#collect("identities", this.upstream.ownIdentities(deadline)),
		]);
	}

	async #collect<Item>(what: string, items: AsyncIterable<Item>): Promise<Item[]> {
		const collected: Item[] = [];
		for await (const item of items) {
			collected.push(item);
			this.options.progress(`${collected.length} ${what} in SES read`);
		}
		return collected;
	}
}

const refused = (why: string) => new ServiceError("reconcile-refused", why);

/** What carries the tag of a setup that is not known, by setup. */
function orphansOf(
	tenants: readonly FoundTenant[],
	identities: readonly FoundIdentity[],
	known: ReadonlySet<string>,
): Orphan[] {
	const orphans = new Map<string, Orphan>();
	const note = (id: string, found: Partial<Orphan>) => {
		if (known.has(id)) return;
		const nothing = {
			id,
			workspaceId: undefined,
			tenantName: undefined,
			domain: undefined,
			identity: undefined,
		};
		const before = orphans.get(id) ?? nothing;
		orphans.set(id, { ...before, ...found, workspaceId: found.workspaceId ?? before.workspaceId });
	};
	for (const { name, owner, workspaceId } of tenants)
		if (owner !== undefined) note(owner, { tenantName: name, workspaceId });
	for (const identity of identities) {
		const { domain, owner, workspaceId } = identity;
		if (owner !== undefined) note(owner, { domain, workspaceId, identity });
	}
	return [...orphans.values()];
}
