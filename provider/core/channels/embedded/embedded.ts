import type { SesSetupListItemResponse } from "../../../../sdk/contract.js";
import { Deadline, HeldUpstream, orAborted, UpstreamError } from "../../../../ses/index.js";
import type { Clock } from "../../clock.js";
import { type CodedError, UserError } from "../../errors.js";
import type { Operation } from "../../operation.js";
import type { Channels } from "../channels.js";
import { refuseElsewhere, refuseUnproven } from "../elsewhere.js";
import { noteLook } from "../negative-cache.js";
import { homeInWords } from "../place.js";
import type { CheckedSetup, Home, Names, NamesLook, Setup, SetupRef } from "../setup.js";
import { Checks } from "./checks.js";
import type { Connection } from "./connection.js";
import { createInSes } from "./creation.js";
import type { Here, RecordSettings } from "./here.js";
import { absentLooks, everySetup, type Located, locate, located, lookAgain, named } from "./locate.js";
import { lookAt } from "./look.js";
import { markOf, workspaceOf } from "./marks.js";
import { setupOfDomain } from "./of-domain.js";
import { refusalOf } from "./refusals.js";
import { standingOf, withoutGoing } from "./standing.js";

export interface EmbeddedOptions extends RecordSettings {
	/** Default: one that follows from account and region. */
	readonly workspaceId: string | undefined;
	readonly clock: Clock;
	/** Makes the id of a setup. */
	readonly newId: () => string;
	/** Loads the AWS SDK, so it is made once something is asked. */
	readonly connect: () => Promise<Connection>;
}

/** How long SES may take to say what it has under two names, with the turns of others. */
const readMs = 2 * 60_000;
const removeMs = 2 * 60_000;
const freshMs = 10_000;

/**
 * The Channels API in this process, straight on Amazon SES: no server, no key, no database. What SES has is the record: a
 * tenant and an identity with a setup's tags, and the identity in the tenant.
 */
export class EmbeddedChannels implements Channels {
	#connection: Promise<Connection> | undefined;
	#home: Promise<Required<Home>> | undefined;
	#checks: Promise<Checks> | undefined;
	/** Setups that were taken down: reads may go on to show them for a while. */
	readonly #removed = new Set<string>();
	readonly #found = new Map<string, { readonly at: number; readonly found: Located }>();

	constructor(private readonly options: EmbeddedOptions) {}

	home(_operation?: Operation): Promise<Required<Home>> {
		this.#home ??= this.#askHome().catch((error: unknown) => {
			this.#home = undefined;
			throw error;
		});
		return this.#home;
	}

	create(operation: Operation, names: Names, { adopt }: { adopt: boolean }): Promise<Setup> {
		return this.#run(operation, async (here) => {
			const { newId } = this.options;
			const isGone = (each: string) => this.#removed.has(each);
			const creation = { names, adopt, settings: this.options, newId, isGone };
			const { id, records, createdAt } = await createInSes(here, operation, creation);
			const { mailFrom } = this.options;
			const { workspaceId } = here.home;
			const made = { id, workspaceId, tenantName: names.tenant, domain: names.domain, mailFrom };
			(await this.#checking()).note({ ...made, dnsRecords: records });
			return setupOf(here, { id, ...names, createdAt }, records);
		});
	}

	find(operation: Operation, names: Names): Promise<Setup | undefined> {
		return this.#run(operation, (here) => this.#whole(here, operation, names));
	}

	look(operation: Operation, names: Names, { adopt, going }: Parameters<Channels["look"]>[2]) {
		return this.#run(operation, async (here): Promise<NamesLook> => {
			const { look, standing } = await this.#standing(here, operation, names, going);
			if (adopt && standing.kind === "whole" && standing.workspaceId === here.home.workspaceId)
				return { existing: await this.#whole(here, operation, names), seen: true };
			const refusal = refusalOf(standing, look, names, here.home, { adopt });
			if (refusal) throw refusal;
			return { existing: undefined, seen: true, takesIn: standing.kind === "identity of others" };
		});
	}

	ofDomain(operation: Operation, domain: string): Promise<SetupRef> {
		return this.#run(operation, async (here) => {
			const found = await setupOfDomain(here, operation, domain, () => this.#deadline(operation, readMs));
			this.#found.set(found.id, { at: operation.clock.now(), found });
			const { id, tenant } = found;
			return { id, tenant, domain };
		});
	}

	read(operation: Operation, ref: SetupRef): Promise<Setup | undefined> {
		return this.#about(operation, ref, async (here, named, deadline) => {
			const located = await this.#locate(here, operation, named, deadline);
			if (!located) return undefined;
			const { records } = await (await this.#checking()).of(operation, here, located, deadline);
			const { tenant, domain } = located;
			const inTenant = async () =>
				(await here.ses.domainsIn(tenant, deadline)).find((each) => each === domain);
			const isApart = (await lookAgain(operation, inTenant)) === undefined;
			const setup = { ...setupOf(here, located, records, operation.clock.now()), isApart };
			noteLook(operation, setup);
			return setup;
		});
	}

	verify(operation: Operation, ref: SetupRef): Promise<CheckedSetup> {
		return this.#about(operation, ref, async (here, named, deadline) => {
			const checks = await this.#checking();
			const found = await checks.again(operation, here, named, deadline);
			if (found === "gone") throw gone(ref, here.home);
			if (found === "apart") throw apart(ref, here.home);
			const { records, withheld } = found;
			return {
				id: ref.id,
				domain_identity: found.domain,
				dns_records: records,
				dns_checked_at: new Date(operation.clock.now()).toISOString(),
				home: here.home,
				...(withheld !== undefined && { withheld }),
			};
		});
	}

	async diagnosis(operation: Operation, ref: SetupRef) {
		try {
			return await this.#about(operation, ref, async (here, named, deadline) => {
				const located = await this.#locate(here, operation, named, deadline);
				return located && (await (await this.#checking()).diagnosis(operation, here, located, deadline));
			});
		} catch {
			operation.stop.throwIfAborted();
			// It is an explanation, without which everything goes on.
			return undefined;
		}
	}

	async obstacles(operation: Operation, ref: SetupRef) {
		return this.#about(operation, ref, async (here, named, deadline) =>
			(await this.#checking()).obstacles(operation, here, named, deadline),
		);
	}

	associate(operation: Operation, ref: SetupRef): Promise<void> {
		return this.#about(operation, ref, async (here, named, deadline) => {
			const located = await locate(here, operation, named, deadline);
			if (!located) throw gone(ref, here.home);
			await here.ses.associate(located.tenant, located.found.arn, located.domain, deadline);
		});
	}

	remove(operation: Operation, ref: SetupRef, { withinMs = removeMs } = {}): Promise<void> {
		return this.#about(operation, ref, async (here, known) => {
			using deadline = new Deadline(withinMs, { clock: operation.clock });
			this.#found.delete(ref.id);
			const isWhole = known.tenant !== undefined && known.domain !== undefined;
			const found = isWhole ? known : await locate(here, operation, known, deadline);
			const names = found && { tenantName: found.tenant, domain: found.domain };
			const wasHere = names !== undefined && (await here.ses.remove(names, ref.id, deadline, absentLooks));
			if (!wasHere) refuseUnproven(ref, here.home);
			this.#removed.add(ref.id);
		});
	}

	async *list(operation: Operation): AsyncGenerator<SesSetupListItemResponse, void, void> {
		const found = await this.#run(operation, (here) =>
			everySetup(here, operation, () => this.#deadline(operation, readMs)),
		);
		for (const { id, tenant, domain, createdAt } of found) {
			const at = createdAt.toISOString();
			yield {
				...{ id, tenant_name: tenant, domain_identity: domain, created_at: at, updated_at: at },
				// Nobody keeps what a look has found.
				...{ dns_verified: false, dns_checked_at: null },
			};
		}
	}

	async close(): Promise<void> {
		(await this.#connection?.catch(() => undefined))?.ses.close();
	}

	async #whole(here: Here, operation: Operation, names: Names): Promise<Setup | undefined> {
		const { look, standing } = await this.#standing(here, operation, names);
		const { tenant, identity } = look;
		if (standing.kind !== "whole" || standing.workspaceId !== here.home.workspaceId) return undefined;
		if (!tenant || !identity) return undefined;
		const whole = { ...located(standing.id, tenant), domain: names.domain, identity };
		const hasTakenIn = identity.adopted && tenant.mark === markFor(operation, names);
		return { ...setupOf(here, whole, (await this.#checking()).recordsOf(whole)), hasTakenIn };
	}

	async #standing(
		here: Here,
		operation: Operation,
		names: Names,
		going: (id: string) => boolean = () => false,
	) {
		using deadline = this.#deadline(operation, readMs);
		const isGoing = (id: string) => this.#removed.has(id) || going(id);
		const look = withoutGoing(await lookAt(here.ses, names, deadline), isGoing);
		return { look, standing: standingOf(look, names, markFor(operation, names)) };
	}

	/** One answer serves a while, as in `setup/live.ts`: a read follows the search for a domain, and a diagnosis a read. */
	async #locate(here: Here, operation: Operation, ref: SetupRef, deadline: Deadline) {
		const now = operation.clock.now();
		const known = this.#found.get(ref.id);
		if (known && now - known.at < freshMs) return known.found;
		const found = await locate(here, operation, ref, deadline);
		if (found) this.#found.set(ref.id, { at: now, found });
		return found;
	}

	/** Reads end with the operation. */
	#deadline({ clock, stop }: Operation, ms: number): Deadline {
		return new Deadline(ms, { clock, signal: stop });
	}

	async #checking(): Promise<Checks> {
		this.#checks ??= this.#connected().then(({ ses }) => new Checks(ses, this.options, this.options.clock));
		return this.#checks;
	}

	#connected(): Promise<Connection> {
		this.#connection ??= this.options.connect().catch((error: unknown) => {
			this.#connection = undefined;
			throw error;
		});
		return this.#connection;
	}

	async #askHome(): Promise<Required<Home>> {
		const { region, account: ask } = await this.#connected();
		const account = await ask();
		return { workspaceId: this.options.workspaceId ?? workspaceOf(account, region), account, region };
	}

	/** What is about one setup. The time that a search for its names takes is its own. */
	#about<T>(
		operation: Operation,
		ref: SetupRef,
		work: (here: Here, named: SetupRef, deadline: Deadline) => Promise<T>,
	): Promise<T> {
		return this.#run(operation, async (here) => {
			refuseElsewhere(ref, here.home);
			const found = await named(here, operation, ref, () => this.#deadline(operation, readMs));
			using deadline = this.#deadline(operation, readMs);
			return await work(here, found, deadline);
		});
	}

	/** What SES's failures come to is for the person at the terminal. */
	async #run<T>(operation: Operation, work: (here: Here) => Promise<T>): Promise<T> {
		const connection = await this.#connected();
		const told = (error: unknown): CodedError | undefined => {
			if (error instanceof UpstreamError) return connection.failure(error);
			return error instanceof HeldUpstream ? heldElsewhere(error) : undefined;
		};
		try {
			const home = await orAborted(this.home(), operation.stop);
			return await work({ ses: connection.ses, home, told: (error) => told(error) ?? error });
		} catch (error) {
			if (operation.stop.aborted && error instanceof UpstreamError) throw operation.stop.reason;
			throw told(error) ?? error;
		}
	}
}

/** Empty where nothing can carry it. */
const markFor = ({ urn }: Operation, names: Names) => (urn === undefined ? "" : markOf(urn, names));

function setupOf(
	{ home }: Pick<Here, "home">,
	{ id, tenant, domain, createdAt }: Omit<Located, "identity" | "found">,
	records: Setup["dns_records"],
	checkedAt?: number,
): Setup {
	const created = createdAt.toISOString();
	return {
		id,
		tenant_name: tenant,
		domain_identity: domain,
		dns_checked_at: checkedAt === undefined ? null : new Date(checkedAt).toISOString(),
		dns_records: records,
		created_at: created,
		updated_at: created,
		home,
	};
}

const gone = ({ id }: SetupRef, home: Required<Home>) =>
	new UserError(
		"setup-gone",
		`setup ${id} is gone from ${homeInWords(home)}. Run \`pulumi refresh\`, then ` +
			"`pulumi up` to make it again.",
	);

const apart = ({ id }: SetupRef, home: Required<Home>) =>
	new UserError(
		"setup-gone",
		`setup ${id} is not whole: its domain is in no tenant of its own in ${homeInWords(home)}. Run \`pulumi refresh\`, then ` +
			"`pulumi up`, which makes it whole.",
	);

const heldElsewhere = (error: HeldUpstream): UserError =>
	new UserError(
		"identity-in-other-tenant",
		`The domain's identity is also in ${error.tenants.length === 1 ? "tenant" : "tenants"} ${error.tenants.join(", ")}, which the ` +
			"setup did not make, so nothing was deleted. Take it out there (aws sesv2 delete-tenant-resource-association " +
			`--tenant-name NAME --resource-arn ${error.identityArn}), then run it again.`,
		{ cause: error },
	);
