import type { Identity, SesRegion, Tenant } from "../../sandbox/ses/state.js";
import { setupIdOf, withoutOurTags } from "./in-ses.js";

/** What others have in SES: made by hand, by another tool, by another stack or in another workspace. */
export class OthersInSes {
	/** By name, as each has to stay. */
	readonly #identities = new Map<string, string>();
	readonly #tenants = new Map<string, string>();
	/** Of their setups. */
	readonly #ids = new Set<string>();

	constructor(private readonly region: SesRegion) {}

	/** What these are now is what they have to stay. */
	keep({ identity, tenant }: { identity?: Identity | undefined; tenant?: Tenant | undefined }): void {
		for (const each of [identity, tenant]) {
			const id = each && setupIdOf(each);
			// What was taken in carries the id of ours.
			if (id !== undefined && !(identity && this.has(identity.name))) this.#ids.add(id);
		}
		if (tenant) this.#tenants.set(tenant.name, tenantInWords(tenant));
		if (identity) this.#identities.set(identity.name, "");
		this.lookAgain();
	}

	/** They have deleted it themselves. */
	forget({ domain, tenant }: { domain?: string; tenant?: string }): void {
		if (domain !== undefined) this.#identities.delete(domain);
		if (tenant !== undefined) this.#tenants.delete(tenant);
		this.lookAgain();
	}

	/** Whether a domain's identity is theirs. */
	has(domain: string): boolean {
		return this.#identities.has(domain);
	}

	hasTenant(name: string): boolean {
		return this.#tenants.has(name);
	}

	/** Whether a setup is theirs. */
	hasSetup(id: string): boolean {
		return this.#ids.has(id);
	}

	/**
	 * @param mayStay where all of ours has to be gone: whether what is left of a setup is excused.
	 * @throws Error where something of theirs is not as they have left it.
	 */
	check(mayStay?: (setupId: string) => boolean): void {
		const { identities, tenants } = this.region;
		for (const [name, then] of this.#identities) {
			const now = identities.get(name);
			const id = now && setupIdOf(now);
			const isOver = mayStay !== undefined && (id === undefined || !mayStay(id));
			differ(`identity ${name}`, then, now && this.#inWords(now, isOver));
		}
		for (const [name, then] of this.#tenants) {
			const now = tenants.get(name);
			differ(`tenant ${name}`, then, now && tenantInWords(now));
		}
	}

	/** After a change of their own: one may change what several are in words. */
	lookAgain(): void {
		for (const name of this.#identities.keys()) {
			const identity = this.region.identities.get(name);
			if (identity) this.#identities.set(name, this.#inWords(identity, false));
		}
		for (const name of this.#tenants.keys()) {
			const tenant = this.region.tenants.get(name);
			if (tenant) this.#tenants.set(name, tenantInWords(tenant));
		}
	}

	/** @param all with the tags of ours that come with being taken in. */
	#inWords({ arn, dkim, mailFrom, tags }: Identity, all: boolean): string {
		const holders = [...this.#tenants.keys()].filter((name) =>
			this.region.tenants.get(name)?.resources.has(arn),
		);
		const isOfTheirs = tags.some(({ Value }) => this.#ids.has(Value));
		return JSON.stringify({
			...{ dkim, mailFrom: mailFrom?.domain, behavior: mailFrom?.behavior, holders },
			tags: all || isOfTheirs ? tags : withoutOurTags(tags),
		});
	}
}

const tenantInWords = ({ resources, tags, sendingStatus }: Tenant): string =>
	JSON.stringify({ resources: [...resources.keys()], tags, sendingStatus });

function differ(what: string, then: string, now: string | undefined): void {
	if (now !== then) throw new Error(`${what} of others is ${now ?? "gone"}, and was ${then}`);
}
