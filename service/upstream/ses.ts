import { Agent } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import {
	AlreadyExistsException,
	type BehaviorOnMxFailure,
	CreateEmailIdentityCommand,
	CreateTenantCommand,
	CreateTenantResourceAssociationCommand,
	DeleteEmailIdentityCommand,
	DeleteTenantCommand,
	DeleteTenantResourceAssociationCommand,
	type DkimAttributes,
	type DkimStatus,
	GetAccountCommand,
	GetEmailIdentityCommand,
	type GetEmailIdentityResponse,
	GetTenantCommand,
	ListEmailIdentitiesCommand,
	ListResourceTenantsCommand,
	ListTenantsCommand,
	type MailFromAttributes,
	NotFoundException,
	PutEmailIdentityDkimSigningAttributesCommand,
	PutEmailIdentityMailFromAttributesCommand,
	SESv2Client,
	type SESv2ClientConfig,
	type SendingStatus,
	type Tag,
} from "@aws-sdk/client-sesv2";
import { ServiceError } from "../error-codes.js";
import { type CallOptions, Calls } from "./calls.js";
import type { Deadline } from "./deadline.js";
import { HeldUpstream, isStillHeld, TakenUpstream, UpstreamError } from "./errors.js";
import { dkimZone, requireInboundRegion } from "./regions.js";

/** The tag that says which setup a tenant or an identity was made for. */
const ownerTag = "channels-setup-id";
/** The tag that says in which workspace that setup is, for the day on which its row is lost. */
const workspaceTag = "channels-workspace-id";

/** For whom something is made. */
export interface Owner {
	/** The setup's. */
	readonly id: string;
	readonly workspaceId: string;
}

/** A tenant as {@link SesUpstream.tenants} finds it. */
export interface FoundTenant {
	readonly name: string;
	readonly arn: string;
	/** The setup it was made for; undefined when it carries no tag of ours. */
	readonly owner: string | undefined;
	readonly workspaceId: string | undefined;
	/** SES's `SendingStatus`. */
	readonly sendingStatus: SendingStatus | undefined;
}

/** What SES says of the account's sending in the region. */
export interface AccountStatus {
	/** False in SES's sandbox. */
	readonly productionAccess: boolean | undefined;
	readonly sendingEnabled: boolean | undefined;
	/** `HEALTHY`, `PROBATION` or `SHUTDOWN`. */
	readonly enforcement: string | undefined;
}

/** An identity of ours as {@link SesUpstream.ownIdentities} finds it. */
export interface FoundIdentity {
	readonly domain: string;
	readonly owner: string;
	readonly workspaceId: string | undefined;
	readonly dkim: Dkim | undefined;
	readonly mailFrom: MailFromStatus | undefined;
}

/** Where a domain's DKIM keys are. */
export interface Dkim {
	/** Three selectors. */
	readonly tokens: readonly string[];
	/** The zone in which SES publishes the keys under these selectors. */
	readonly signingHostedZone: string;
}

export interface IdentityStatus {
	/** The setup it was made for; undefined when it carries no tag of ours. */
	readonly owner: string | undefined;
	/** What SES says of the domain's DKIM records; undefined where it says nothing. */
	readonly dkim: DkimStatus | undefined;
	/** What SES's last look for them came to, where it failed. */
	readonly errorType: string | undefined;
	readonly lastCheckedAt: Date | undefined;
	readonly lastSuccessAt: Date | undefined;
	/** The selectors of its DKIM keys, whoever made these; empty when it has none. */
	readonly tokens: readonly string[];
	readonly mailFrom: MailFromStatus | undefined;
}

/** A MAIL FROM domain that an identity has. */
export interface MailFromStatus {
	readonly domain: string;
	/** SES's `MailFromDomainStatus`. */
	readonly status: string | undefined;
	/** What SES does with mail while the domain's MX record does not stand. */
	readonly behavior: BehaviorOnMxFailure | undefined;
}

export interface UpstreamOptions extends CallOptions {
	/** For `HTTPS_PROXY` and `NO_PROXY`. */
	readonly env: NodeJS.ProcessEnv;
}

type Tenant = Omit<FoundTenant, "name">;

/**
 * The tenants and identities of one AWS account and region.
 *
 * Everything it makes carries the owner's id as a tag, and every method may be repeated: creating what the owner
 * already has, and deleting what is gone, succeeds; what belongs to another owner is never touched.
 * All methods throw {@link UpstreamError} and end by the deadline.
 */
export class SesUpstream {
	private constructor(
		private readonly client: SESv2Client,
		readonly region: string,
		private readonly calls: Calls,
	) {}

	/**
	 * @param config region, endpoint and credentials; what is left out comes from the AWS SDK's default chain.
	 * @throws Error when the region cannot receive mail.
	 */
	static async connect(config: SESv2ClientConfig, options: UpstreamOptions): Promise<SesUpstream> {
		const client = new SESv2Client({
			requestHandler: {
				connectionTimeout: 2_000,
				requestTimeout: 6_000,
				throwOnRequestTimeout: true,
				// As many as the SDK's own agent has.
				httpsAgent: new Agent({ keepAlive: true, maxSockets: 50, proxyEnv: options.env }),
			},
			...config,
			// Every request waits for its turn, repeated ones, too: so it is not the SDK that repeats.
			maxAttempts: 1,
		});
		try {
			const region = await regionOf(client);
			requireInboundRegion(region);
			return new SesUpstream(client, region, new Calls(options));
		} catch (error) {
			client.destroy();
			throw error;
		}
	}

	/** @returns the tenant's ARN. @throws {@link TakenUpstream} */
	async createTenant(name: string, owner: Owner, deadline: Deadline): Promise<string> {
		const made = await this.calls.run("CreateTenant", deadline, (options) =>
			this.client
				.send(new CreateTenantCommand({ TenantName: name, Tags: tagsOf(owner) }), options)
				.catch(onlyIf(AlreadyExistsException, undefined)),
		);
		if (made) return required(made.TenantArn, "CreateTenant", "TenantArn");
		// It may be our own from an attempt whose answer was lost: calls are repeated.
		const standing = await this.#tenant(name, deadline);
		// It went between the two calls, as the last of one that is being removed does: the deadline ends this.
		if (!standing) return this.createTenant(name, owner, deadline);
		if (standing.owner !== owner.id) throw new TakenUpstream("tenant", name, standing.owner);
		return standing.arn;
	}

	/** @throws {@link TakenUpstream} */
	async createIdentity(domain: string, owner: Owner, deadline: Deadline): Promise<Dkim> {
		const made = await this.calls.run("CreateEmailIdentity", deadline, (options) =>
			this.client
				.send(new CreateEmailIdentityCommand({ EmailIdentity: domain, Tags: tagsOf(owner) }), options)
				.catch(onlyIf(AlreadyExistsException, undefined)),
		);
		if (made) return this.#readDkim(made.DkimAttributes, "CreateEmailIdentity");
		const standing = await this.#describe(domain, deadline);
		if (!standing) return this.createIdentity(domain, owner, deadline);
		// Who has it comes first: what others made may have other keys than SES's, or none.
		const standingOwner = ownerOf(standing.Tags);
		if (standingOwner !== owner.id) throw new TakenUpstream("identity", domain, standingOwner);
		return this.#readDkim(standing.DkimAttributes, "GetEmailIdentity");
	}

	/** Puts the domain into the tenant. */
	async associate(tenantName: string, tenantArn: string, domain: string, deadline: Deadline): Promise<void> {
		await this.calls.run("CreateTenantResourceAssociation", deadline, (options) =>
			this.client
				.send(
					new CreateTenantResourceAssociationCommand({
						TenantName: tenantName,
						ResourceArn: identityArn(tenantArn, domain),
					}),
					options,
				)
				.catch(onlyIf(AlreadyExistsException, undefined)),
		);
	}

	/**
	 * Sets the identity's MAIL FROM domain, or takes it away. SES looks for its MX record for 72 hours from then on.
	 * @param behavior by default mail goes out all the same while that does not stand, under a MAIL FROM domain of SES
	 */
	async setMailFrom(
		domain: string,
		mailFrom: { domain: string; behavior?: BehaviorOnMxFailure | undefined } | undefined,
		deadline: Deadline,
	): Promise<void> {
		await this.calls.run("PutEmailIdentityMailFromAttributes", deadline, (options) =>
			this.client.send(
				new PutEmailIdentityMailFromAttributesCommand({
					EmailIdentity: domain,
					MailFromDomain: mailFrom?.domain,
					BehaviorOnMxFailure: mailFrom?.behavior ?? "USE_DEFAULT_VALUE",
				}),
				options,
			),
		);
	}

	/** The state of a domain's identity, undefined when SES has none. Reading it makes SES look at the DNS. */
	async identity(domain: string, deadline: Deadline): Promise<IdentityStatus | undefined> {
		const found = await this.#describe(domain, deadline);
		if (!found) return undefined;
		const { Status, Tokens = [] } = found.DkimAttributes ?? {};
		const { ErrorType, LastCheckedTimestamp, LastSuccessTimestamp } = found.VerificationInfo ?? {};
		return {
			owner: ownerOf(found.Tags),
			dkim: Status,
			errorType: ErrorType,
			lastCheckedAt: LastCheckedTimestamp,
			lastSuccessAt: LastSuccessTimestamp,
			tokens: Tokens,
			mailFrom: readMailFrom(found.MailFromAttributes),
		};
	}

	/**
	 * Sets the domain's DKIM up anew, so that SES looks for its records for another 72 hours. That is what the API
	 * reference has for it (PutEmailIdentityDkimSigningAttributes); without a length of key the tokens stay as they are
	 * (github.com/floci-io/floci/pull/1904), whereas PutEmailIdentityDkimAttributes only turns signing on and off.
	 */
	async restartDkim(domain: string, deadline: Deadline): Promise<void> {
		await this.calls.run("PutEmailIdentityDkimSigningAttributes", deadline, (options) =>
			this.client.send(
				new PutEmailIdentityDkimSigningAttributesCommand({
					EmailIdentity: domain,
					SigningAttributesOrigin: "AWS_SES",
				}),
				options,
			),
		);
	}

	/**
	 * Takes down the identity and the tenant, as far as they are the owner's. The caller holds the owner's lease.
	 * @throws {@link HeldUpstream} before either is taken down.
	 */
	async remove(
		{ tenantName, domain }: { tenantName?: string | undefined; domain?: string | undefined },
		owner: string,
		deadline: Deadline,
	): Promise<void> {
		const tenant = tenantName === undefined ? undefined : await this.#tenant(tenantName, deadline);
		const identity = domain === undefined ? undefined : await this.identity(domain, deadline);
		if (domain !== undefined && identity?.owner === owner)
			await this.#deleteIdentity(domain, tenantName, tenant, owner, deadline);
		// SES takes the associations that are left away with the tenant (API reference, DeleteTenant).
		if (tenantName !== undefined && tenant?.owner === owner) await this.#deleteTenant(tenantName, deadline);
	}

	/** Asks SES for next to nothing, to see whether it answers. */
	async probe(deadline: Deadline): Promise<void> {
		await this.#tenant("channels-api-readiness", deadline);
	}

	close(): void {
		this.client.destroy();
	}

	/**
	 * SES deletes no identity that is in a tenant (github.com/ekristen/aws-nuke/issues/962), and may take it to be in
	 * one for a while after it was taken out: so it is asked again until the deadline.
	 */
	async #deleteIdentity(
		domain: string,
		tenantName: string | undefined,
		tenant: Tenant | undefined,
		owner: string,
		deadline: Deadline,
	): Promise<void> {
		// Where there is no tenant at all, none holds the identity.
		const anyTenantArn = tenant?.arn ?? (await this.#anyTenantArn(deadline));
		const arn = anyTenantArn && identityArn(anyTenantArn, domain);
		for (let pauseMs = 250; ; pauseMs = Math.min(2 * pauseMs, 4_000)) {
			if (arn !== undefined) {
				const holders = await this.#tenantsOf(arn, deadline);
				// A tenant that is gone holds nothing: it is listed until the news has spread.
				const isOurs = tenant === undefined || tenant.owner === owner;
				const others = holders.filter((name) => !isOurs || name !== tenantName);
				if (others.length > 0) throw new HeldUpstream(arn, others);
				// Listed or not, as the list may lag behind.
				if (tenantName !== undefined && tenant !== undefined && isOurs)
					await this.#disassociate(tenantName, arn, deadline);
			}
			try {
				await this.calls.run("DeleteEmailIdentity", deadline, (options) =>
					this.client
						.send(new DeleteEmailIdentityCommand({ EmailIdentity: domain }), options)
						.catch(onlyIf(NotFoundException, undefined)),
				);
				return;
			} catch (error) {
				if (!isStillHeld(error)) throw error;
				await sleep(pauseMs, undefined, { signal: deadline.signal }).catch(() => {
					throw error;
				});
			}
		}
	}

	async #deleteTenant(name: string, deadline: Deadline): Promise<void> {
		await this.calls.run("DeleteTenant", deadline, (options) =>
			this.client
				.send(new DeleteTenantCommand({ TenantName: name }), options)
				.catch(onlyIf(NotFoundException, undefined)),
		);
	}

	/** Succeeds where there is no such association, as SES does (github.com/floci-io/floci/pull/2710). */
	async #disassociate(tenantName: string, resourceArn: string, deadline: Deadline): Promise<void> {
		await this.calls.run("DeleteTenantResourceAssociation", deadline, (options) =>
			this.client
				.send(
					new DeleteTenantResourceAssociationCommand({ TenantName: tenantName, ResourceArn: resourceArn }),
					options,
				)
				.catch(onlyIf(NotFoundException, undefined)),
		);
	}

	/** The names of the tenants that hold a resource. */
	async #tenantsOf(resourceArn: string, deadline: Deadline): Promise<string[]> {
		const names: string[] = [];
		let token: string | undefined;
		do {
			const page = await this.calls.run("ListResourceTenants", deadline, (options) =>
				this.client
					.send(new ListResourceTenantsCommand({ ResourceArn: resourceArn, NextToken: token }), options)
					.catch(onlyIf(NotFoundException, undefined)),
			);
			for (const { TenantName } of page?.ResourceTenants ?? [])
				names.push(required(TenantName, "ListResourceTenants", "ResourceTenants.TenantName"));
			token = page?.NextToken;
		} while (token);
		return names;
	}

	/**
	 * Every tenant of the account and region, each asked for its tags.
	 * @param deadline for each call
	 */
	async *tenants(deadline: () => Deadline): AsyncGenerator<FoundTenant, void, void> {
		let token: string | undefined;
		do {
			const page = await this.calls.run("ListTenants", deadline(), (options) =>
				this.client.send(new ListTenantsCommand({ PageSize: 100, NextToken: token }), options),
			);
			for (const { TenantName } of page.Tenants ?? []) {
				const name = required(TenantName, "ListTenants", "Tenants.TenantName");
				const tenant = await this.#tenant(name, deadline());
				// It may have gone meanwhile.
				if (tenant) yield { name, ...tenant };
			}
			token = page.NextToken;
		} while (token);
	}

	/**
	 * Every domain's identity that carries a setup's tag.
	 * @param deadline for each call
	 */
	async *ownIdentities(deadline: () => Deadline): AsyncGenerator<FoundIdentity, void, void> {
		let token: string | undefined;
		do {
			const page = await this.calls.run("ListEmailIdentities", deadline(), (options) =>
				this.client.send(new ListEmailIdentitiesCommand({ PageSize: 100, NextToken: token }), options),
			);
			for (const { IdentityType, IdentityName } of page.EmailIdentities ?? []) {
				if (IdentityType !== "DOMAIN" || IdentityName === undefined) continue;
				const found = await this.#describe(IdentityName, deadline());
				const owner = ownerOf(found?.Tags);
				if (found === undefined || owner === undefined) continue;
				const dkim = found.DkimAttributes?.Tokens?.length === 3;
				yield {
					domain: IdentityName,
					owner,
					workspaceId: tagValue(found.Tags, workspaceTag),
					dkim: dkim ? this.#readDkim(found.DkimAttributes, "GetEmailIdentity") : undefined,
					mailFrom: readMailFrom(found.MailFromAttributes),
				};
			}
			token = page.NextToken;
		} while (token);
	}

	/** Whether the account may send. */
	async account(deadline: Deadline): Promise<AccountStatus> {
		const found = await this.calls.run("GetAccount", deadline, (options) =>
			this.client.send(new GetAccountCommand(), options),
		);
		return {
			productionAccess: found.ProductionAccessEnabled,
			sendingEnabled: found.SendingEnabled,
			enforcement: found.EnforcementStatus,
		};
	}

	/** The names of the tenants that hold a domain's identity. @param tenantArn any tenant's */
	holders(domain: string, tenantArn: string, deadline: Deadline): Promise<string[]> {
		return this.#tenantsOf(identityArn(tenantArn, domain), deadline);
	}

	/** A tenant by its name, undefined when there is none. */
	async tenant(name: string, deadline: Deadline): Promise<FoundTenant | undefined> {
		const found = await this.#tenant(name, deadline);
		return found && { name, ...found };
	}

	/** The ARN of whatever tenant, which tells account and partition; undefined when there is none. */
	async #anyTenantArn(deadline: Deadline): Promise<string | undefined> {
		let token: string | undefined;
		do {
			const page = await this.calls.run("ListTenants", deadline, (options) =>
				this.client.send(new ListTenantsCommand({ PageSize: 1, NextToken: token }), options),
			);
			const [first] = page.Tenants ?? [];
			if (first) return required(first.TenantArn, "ListTenants", "Tenants.TenantArn");
			token = page.NextToken;
		} while (token);
		return undefined;
	}

	async #describe(domain: string, deadline: Deadline): Promise<GetEmailIdentityResponse | undefined> {
		return this.calls.run("GetEmailIdentity", deadline, (options) =>
			this.client
				.send(new GetEmailIdentityCommand({ EmailIdentity: domain }), options)
				.catch(onlyIf(NotFoundException, undefined)),
		);
	}

	/** The keys of an identity that the service has made, so SES's own. */
	#readDkim(attributes: DkimAttributes | undefined, operation: string): Dkim {
		const { Tokens: tokens = [], SigningHostedZone } = attributes ?? {};
		if (tokens.length !== 3)
			throw new UpstreamError("unavailable", operation, `${tokens.length} DKIM tokens instead of 3`);
		return { tokens, signingHostedZone: SigningHostedZone ?? dkimZone(this.region) };
	}

	async #tenant(name: string, deadline: Deadline): Promise<Tenant | undefined> {
		const found = await this.calls.run("GetTenant", deadline, (options) =>
			this.client
				.send(new GetTenantCommand({ TenantName: name }), options)
				.catch(onlyIf(NotFoundException, undefined)),
		);
		return (
			found && {
				arn: required(found.Tenant?.TenantArn, "GetTenant", "Tenant.TenantArn"),
				owner: ownerOf(found.Tenant?.Tags),
				workspaceId: tagValue(found.Tenant?.Tags, workspaceTag),
				sendingStatus: found.Tenant?.SendingStatus,
			}
		);
	}
}

async function regionOf(client: SESv2Client): Promise<string> {
	try {
		return await client.config.region();
	} catch (error) {
		throw new ServiceError("region-not-usable", "No AWS region is configured: set AWS_REGION.", {
			cause: error,
		});
	}
}

/** Catches errors of one kind with a value, and throws the others on. */
function onlyIf<Value>(kind: abstract new (...args: never[]) => Error, value: Value) {
	return (error: unknown): Value => {
		if (error instanceof kind) return value;
		throw error;
	};
}

/** SES gives no ARN for an identity; partition, region and account are a tenant's. */
function identityArn(tenantArn: string, domain: string): string {
	return [...tenantArn.split(":").slice(0, 5), `identity/${domain}`].join(":");
}

/** An identity that has no MAIL FROM domain has attributes without one. */
function readMailFrom(attributes: MailFromAttributes | undefined): MailFromStatus | undefined {
	const { MailFromDomain, MailFromDomainStatus, BehaviorOnMxFailure } = attributes ?? {};
	if (!MailFromDomain) return undefined;
	return {
		domain: MailFromDomain.toLowerCase(),
		status: MailFromDomainStatus,
		behavior: BehaviorOnMxFailure,
	};
}

function tagsOf({ id, workspaceId }: Owner): Tag[] {
	return [
		{ Key: ownerTag, Value: id },
		{ Key: workspaceTag, Value: workspaceId },
	];
}

const ownerOf = (tags: readonly Tag[] | undefined) => tagValue(tags, ownerTag);

function tagValue(tags: readonly Tag[] | undefined, name: string): string | undefined {
	return tags?.find(({ Key }) => Key === name)?.Value;
}

function required<Value>(value: Value | undefined, operation: string, member: string): Value {
	if (value === undefined) throw new UpstreamError("unavailable", operation, `the answer lacks ${member}`);
	return value;
}
