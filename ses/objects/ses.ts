import { GetAccountCommand, type SESv2Client } from "@aws-sdk/client-sesv2";
import { type CallOptions, Calls } from "../calls/calls.js";
import type { Deadline } from "../calls/deadline.js";
import { Sightings } from "../calls/lag.js";
import { adoptIdentity, releaseIdentity } from "./adoption.js";
import { Api } from "./api.js";
import { findIdentityArn, identityArn } from "./arns.js";
import { associate, domainsIn, tenantsOf } from "./associations.js";
import type {
	AccountStatus,
	FoundIdentity,
	FoundTenant,
	MailFromBehavior,
	Owner,
	SetupNames,
} from "./found.js";
import { createIdentity, findIdentity, ownIdentities, restartDkim, setMailFrom } from "./identities.js";
import { remove } from "./removal.js";
import { createTenant, findTenant, tenants } from "./tenants.js";

/**
 * An `SESv2Client` of `@aws-sdk/client-sesv2`, whose `maxAttempts` is 1: every request waits for its turn, repeated ones,
 * too, so it is not the SDK that repeats. The type says no more, as a declaration that names another package's loads it.
 */
export interface SesClient {
	send(command: never, options?: { abortSignal?: AbortSignal }): Promise<unknown>;
	destroy(): void;
}

export interface SesOptions extends CallOptions {
	/**
	 * How long SES may not find what is asked for by its name until that counts as gone, in milliseconds: it answers from
	 * servers that lag behind. 0: one answer is enough. Default 5,000.
	 */
	readonly absentMs?: number;
	/**
	 * How long what this process has made is taken to stand all the same, in milliseconds. Default 30,000; 0 where one answer
	 * is enough.
	 */
	readonly freshMs?: number;
	/** The number of the AWS account, where it can be told: without it, any tenant tells it. */
	readonly account?: () => Promise<string | undefined>;
}

/**
 * The tenants and identities of one AWS account and region.
 *
 * Everything it makes carries the owner's id as a tag, and every method may be repeated: creating what the owner
 * already has, and deleting what is gone, succeeds; what belongs to another owner is never touched.
 * All methods throw UpstreamError and end by the deadline.
 */
export class Ses {
	readonly #api: Api;

	constructor(
		client: SesClient,
		readonly region: string,
		{
			absentMs = 5_000,
			freshMs = absentMs === 0 ? 0 : 30_000,
			account = async () => undefined,
			...options
		}: SesOptions,
	) {
		const calls = new Calls(options);
		this.#api = new Api(
			client as SESv2Client,
			region,
			calls,
			new Sightings(calls.clock, { absentMs, freshMs }),
			account,
		);
	}

	/** @throws TakenUpstream */
	createTenant(name: string, owner: Owner, deadline: Deadline): Promise<FoundTenant> {
		return createTenant(this.#api, name, owner, deadline);
	}

	/** A tenant by its name, undefined when there is none. */
	tenant(name: string, deadline: Deadline): Promise<FoundTenant | undefined> {
		return findTenant(this.#api, name, deadline);
	}

	/**
	 * Every tenant of the account and region, each asked for its tags.
	 * @param deadline for each call
	 */
	tenants(deadline: () => Deadline): AsyncGenerator<FoundTenant, void, void> {
		return tenants(this.#api, deadline);
	}

	/** @throws TakenUpstream */
	createIdentity(domain: string, owner: Owner, deadline: Deadline): Promise<FoundIdentity> {
		return createIdentity(this.#api, domain, owner, deadline);
	}

	/** A domain's identity, undefined when SES has none. Reading it makes SES look at the DNS. */
	identity(domain: string, deadline: Deadline): Promise<FoundIdentity | undefined> {
		return findIdentity(this.#api, domain, deadline);
	}

	/**
	 * Every domain's identity that carries a setup's tag.
	 * @param deadline for each call
	 */
	ownIdentities(deadline: () => Deadline): AsyncGenerator<FoundIdentity, void, void> {
		return ownIdentities(this.#api, deadline);
	}

	/**
	 * Takes an identity over that stood before: our tags are all that it gets.
	 * @param tenantArn any tenant's
	 * @throws TakenUpstream when a setup has it, or there is none
	 */
	adoptIdentity(domain: string, owner: Owner, tenantArn: string, deadline: Deadline): Promise<FoundIdentity> {
		return adoptIdentity(this.#api, domain, owner, tenantArn, deadline);
	}

	/** Takes our tags from an identity, and leaves it as it was. @param tenantArn any tenant's */
	releaseIdentity(domain: string, tenantArn: string, deadline: Deadline): Promise<void> {
		return releaseIdentity(this.#api, identityArn(tenantArn, domain), deadline);
	}

	/** Puts the domain into the tenant. Both stand, or have just been made. */
	associate(tenantName: string, tenantArn: string, domain: string, deadline: Deadline): Promise<void> {
		return associate(this.#api, tenantName, identityArn(tenantArn, domain), deadline);
	}

	/** The names of the tenants that hold a domain's identity. @param tenantArn any tenant's, where one is at hand */
	async holders(domain: string, tenantArn: string | undefined, deadline: Deadline): Promise<string[]> {
		const arn =
			tenantArn === undefined
				? await findIdentityArn(this.#api, domain, deadline)
				: identityArn(tenantArn, domain);
		return arn === undefined ? [] : tenantsOf(this.#api, arn, deadline);
	}

	/** The domains whose identities are in a tenant; none where there is no such tenant. */
	domainsIn(tenantName: string, deadline: Deadline): Promise<string[]> {
		return domainsIn(this.#api, tenantName, deadline);
	}

	/**
	 * Sets the identity's MAIL FROM domain, or takes it away. SES looks for its MX record for 72 hours from then on.
	 * @param mailFrom by default mail goes out all the same while that does not stand, under a MAIL FROM domain of SES
	 */
	setMailFrom(
		domain: string,
		mailFrom: { readonly domain: string; readonly behavior?: MailFromBehavior | undefined } | undefined,
		deadline: Deadline,
	): Promise<void> {
		return setMailFrom(this.#api, domain, mailFrom, deadline);
	}

	/** Has SES look for the domain's DKIM records for another 72 hours. */
	restartDkim(domain: string, deadline: Deadline): Promise<void> {
		return restartDkim(this.#api, domain, deadline);
	}

	/**
	 * Takes down the identity and the tenant, as far as they are the owner's. Nobody else works on the owner's meanwhile.
	 * An identity that was adopted stays as it was before.
	 * @param looks so many have to say that one of the two is not there, or another's
	 * @throws HeldUpstream before either is taken down.
	 */
	remove(names: SetupNames, owner: string, deadline: Deadline, looks?: number): Promise<boolean> {
		return remove(this.#api, names, owner, deadline, looks);
	}

	/** Whether the account may send. */
	async account(deadline: Deadline): Promise<AccountStatus> {
		const found = await this.#api.call("GetAccount", new GetAccountCommand(), deadline);
		return {
			productionAccess: found.ProductionAccessEnabled,
			sendingEnabled: found.SendingEnabled,
			enforcement: found.EnforcementStatus,
		};
	}

	/** Asks SES for next to nothing, to see whether it answers. */
	async probe(deadline: Deadline): Promise<void> {
		await this.tenant("channels-api-readiness", deadline);
	}

	close(): void {
		this.#api.close();
	}
}
