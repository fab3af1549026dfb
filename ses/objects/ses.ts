import { GetAccountCommand, type SESv2Client } from "@aws-sdk/client-sesv2";
import { type CallOptions, Calls } from "../calls/calls.js";
import type { Deadline } from "../calls/deadline.js";
import { Api } from "./api.js";
import { associate, domainsIn, identityArn, tenantsOf } from "./associations.js";
import type {
	AccountStatus,
	Dkim,
	FoundIdentity,
	FoundTenant,
	IdentityStatus,
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
		options: CallOptions,
	) {
		this.#api = new Api(client as SESv2Client, region, new Calls(options));
	}

	/** @returns the tenant's ARN. @throws TakenUpstream */
	createTenant(name: string, owner: Owner, deadline: Deadline): Promise<string> {
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
	createIdentity(domain: string, owner: Owner, deadline: Deadline): Promise<Dkim> {
		return createIdentity(this.#api, domain, owner, deadline);
	}

	/** The state of a domain's identity, undefined when SES has none. Reading it makes SES look at the DNS. */
	identity(domain: string, deadline: Deadline): Promise<IdentityStatus | undefined> {
		return findIdentity(this.#api, domain, deadline);
	}

	/**
	 * Every domain's identity that carries a setup's tag.
	 * @param deadline for each call
	 */
	ownIdentities(deadline: () => Deadline): AsyncGenerator<FoundIdentity, void, void> {
		return ownIdentities(this.#api, deadline);
	}

	/** Puts the domain into the tenant. */
	associate(tenantName: string, tenantArn: string, domain: string, deadline: Deadline): Promise<void> {
		return associate(this.#api, tenantName, identityArn(tenantArn, domain), deadline);
	}

	/** The names of the tenants that hold a domain's identity. @param arn any of the account and region */
	holders(domain: string, arn: string, deadline: Deadline): Promise<string[]> {
		return tenantsOf(this.#api, identityArn(arn, domain), deadline);
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
		mailFrom: { domain: string; behavior?: MailFromBehavior | undefined } | undefined,
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
	 * @throws HeldUpstream before either is taken down.
	 */
	remove(names: SetupNames, owner: string, deadline: Deadline): Promise<void> {
		return remove(this.#api, names, owner, deadline);
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
