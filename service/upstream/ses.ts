import { setTimeout as sleep } from "node:timers/promises";
import {
	AlreadyExistsException,
	CreateEmailIdentityCommand,
	CreateTenantCommand,
	CreateTenantResourceAssociationCommand,
	DeleteEmailIdentityCommand,
	DeleteTenantCommand,
	DeleteTenantResourceAssociationCommand,
	type DkimAttributes,
	GetEmailIdentityCommand,
	type GetEmailIdentityResponse,
	GetTenantCommand,
	NotFoundException,
	paginateListResourceTenants,
	paginateListTenants,
	SESv2Client,
	type SESv2ClientConfig,
	type Tag,
} from "@aws-sdk/client-sesv2";
import type { Deadline } from "./deadline.js";
import { HeldUpstream, isStillHeld, TakenUpstream, toUpstreamError, UpstreamError } from "./errors.js";
import { dkimZone, requireInboundRegion } from "./regions.js";
import { DeleteRetryStrategy, SesRetryStrategy } from "./retry.js";

/** The tag that says which setup a tenant or an identity was made for. */
const ownerTag = "channels-setup-id";

/** How often the SDK tries a call, pauses between. */
const attempts = 3;

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
	/** Whether SES has accepted the domain's DKIM records. */
	readonly verified: boolean;
}

interface Tenant {
	readonly arn: string;
	/** The setup it was made for; undefined when it carries no tag of ours. */
	readonly owner: string | undefined;
}

/** Told about every call: for metrics. `outcome` is `ok` or the error's name. */
export type CallObserver = (operation: string, outcome: string, milliseconds: number) => void;

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
		private readonly deletingClient: SESv2Client,
		readonly region: string,
		private readonly observe: CallObserver,
	) {}

	/**
	 * @param config region, endpoint and credentials; what is left out comes from the AWS SDK's default chain.
	 * @throws Error when the region cannot receive mail.
	 */
	static async connect(config: SESv2ClientConfig, observe: CallObserver = () => {}): Promise<SesUpstream> {
		const shared: SESv2ClientConfig = {
			requestHandler: { connectionTimeout: 2_000, requestTimeout: 6_000, throwOnRequestTimeout: true },
			...config,
		};
		const client = new SESv2Client({ ...shared, retryStrategy: new SesRetryStrategy(attempts) });
		const deletingClient = new SESv2Client({ ...shared, retryStrategy: new DeleteRetryStrategy(attempts) });
		try {
			const region = await regionOf(client);
			requireInboundRegion(region);
			return new SesUpstream(client, deletingClient, region, observe);
		} catch (error) {
			client.destroy();
			deletingClient.destroy();
			throw error;
		}
	}

	/** @returns the tenant's ARN. @throws {@link TakenUpstream} */
	async createTenant(name: string, owner: string, deadline: Deadline): Promise<string> {
		const made = await this.#call("CreateTenant", deadline, (options) =>
			this.client
				.send(new CreateTenantCommand({ TenantName: name, Tags: [tag(owner)] }), options)
				.catch(onlyIf(AlreadyExistsException, undefined)),
		);
		if (made) return required(made.TenantArn, "CreateTenant", "TenantArn");
		// It may be our own from an attempt whose answer was lost: the SDK repeats creates by itself, too.
		const standing = await this.#tenant(name, deadline);
		if (!standing) throw new UpstreamError("unavailable", "CreateTenant", `tenant ${name} comes and goes`);
		if (standing.owner !== owner) throw new TakenUpstream("tenant", name, standing.owner);
		return standing.arn;
	}

	/** @throws {@link TakenUpstream} */
	async createIdentity(domain: string, owner: string, deadline: Deadline): Promise<Dkim> {
		const made = await this.#call("CreateEmailIdentity", deadline, (options) =>
			this.client
				.send(new CreateEmailIdentityCommand({ EmailIdentity: domain, Tags: [tag(owner)] }), options)
				.catch(onlyIf(AlreadyExistsException, undefined)),
		);
		if (made) return this.#readDkim(made.DkimAttributes, "CreateEmailIdentity");
		const standing = await this.#describe(domain, deadline);
		if (!standing)
			throw new UpstreamError("unavailable", "CreateEmailIdentity", `identity ${domain} comes and goes`);
		// Who has it comes first: what others made may have other keys than SES's, or none.
		const standingOwner = ownerOf(standing.Tags);
		if (standingOwner !== owner) throw new TakenUpstream("identity", domain, standingOwner);
		return this.#readDkim(standing.DkimAttributes, "GetEmailIdentity");
	}

	/** Puts the domain into the tenant. */
	async associate(tenantName: string, tenantArn: string, domain: string, deadline: Deadline): Promise<void> {
		await this.#call("CreateTenantResourceAssociation", deadline, (options) =>
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

	/** The state of a domain's identity, undefined when SES has none. Reading it makes SES look at the DNS. */
	async identity(domain: string, deadline: Deadline): Promise<IdentityStatus | undefined> {
		const found = await this.#describe(domain, deadline);
		return found && { owner: ownerOf(found.Tags), verified: found.DkimAttributes?.Status === "SUCCESS" };
	}

	/**
	 * Takes down the identity and the tenant, as far as they are the owner's. The caller holds the owner's lease.
	 * @throws {@link HeldUpstream} before anything is taken down.
	 */
	async remove(tenantName: string, domain: string, owner: string, deadline: Deadline): Promise<void> {
		const tenant = await this.#tenant(tenantName, deadline);
		const identity = await this.identity(domain, deadline);
		if (identity?.owner === owner) await this.#deleteIdentity(domain, tenantName, tenant, owner, deadline);
		// SES takes the associations that are left away with the tenant (API reference, DeleteTenant).
		if (tenant?.owner === owner) await this.#deleteTenant(tenantName, deadline);
	}

	/** Asks SES for next to nothing, to see whether it answers. */
	async probe(deadline: Deadline): Promise<void> {
		await this.#tenant("channels-api-readiness", deadline);
	}

	close(): void {
		this.client.destroy();
		this.deletingClient.destroy();
	}

	/**
	 * SES deletes no identity that is in a tenant (github.com/ekristen/aws-nuke/issues/962), and may take it to be in
	 * one for a while after it was taken out: so it is asked again until the deadline.
	 */
	async #deleteIdentity(
		domain: string,
		tenantName: string,
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
				if (tenant !== undefined && isOurs) await this.#disassociate(tenantName, arn, deadline);
			}
			try {
				await this.#call("DeleteEmailIdentity", deadline, (options) =>
					this.deletingClient
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
		await this.#call("DeleteTenant", deadline, (options) =>
			this.deletingClient
				.send(new DeleteTenantCommand({ TenantName: name }), options)
				.catch(onlyIf(NotFoundException, undefined)),
		);
	}

	/** Succeeds where there is no such association, as SES does (github.com/floci-io/floci/pull/2710). */
	async #disassociate(tenantName: string, resourceArn: string, deadline: Deadline): Promise<void> {
		await this.#call("DeleteTenantResourceAssociation", deadline, (options) =>
			this.deletingClient
				.send(
					new DeleteTenantResourceAssociationCommand({ TenantName: tenantName, ResourceArn: resourceArn }),
					options,
				)
				.catch(onlyIf(NotFoundException, undefined)),
		);
	}

	/** The names of the tenants that hold a resource. */
	async #tenantsOf(resourceArn: string, deadline: Deadline): Promise<string[]> {
		return this.#call("ListResourceTenants", deadline, (options) =>
			collect(
				paginateListResourceTenants({ client: this.client }, { ResourceArn: resourceArn }, options),
				({ ResourceTenants = [] }) =>
					ResourceTenants.map(({ TenantName }) =>
						required(TenantName, "ListResourceTenants", "ResourceTenants.TenantName"),
					),
			).catch(onlyIf(NotFoundException, [])),
		);
	}

	/** The ARN of whatever tenant, which tells account and partition; undefined when there is none. */
	async #anyTenantArn(deadline: Deadline): Promise<string | undefined> {
		return this.#call("ListTenants", deadline, async (options) => {
			const pages = paginateListTenants({ client: this.client, pageSize: 1 }, {}, options);
			for await (const { Tenants: [first] = [] } of pages) {
				if (first) return required(first.TenantArn, "ListTenants", "Tenants.TenantArn");
			}
			return undefined;
		});
	}

	async #describe(domain: string, deadline: Deadline): Promise<GetEmailIdentityResponse | undefined> {
		return this.#call("GetEmailIdentity", deadline, (options) =>
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
		const found = await this.#call("GetTenant", deadline, (options) =>
			this.client
				.send(new GetTenantCommand({ TenantName: name }), options)
				.catch(onlyIf(NotFoundException, undefined)),
		);
		return (
			found && {
				arn: required(found.Tenant?.TenantArn, "GetTenant", "Tenant.TenantArn"),
				owner: ownerOf(found.Tenant?.Tags),
			}
		);
	}

	async #call<Answer>(
		operation: string,
		deadline: Deadline,
		send: (options: { abortSignal: AbortSignal }) => Promise<Answer>,
	): Promise<Answer> {
		const started = performance.now();
		try {
			deadline.check();
			// The search for credentials does not end with the signal: the race does.
			const { signal } = deadline;
			const answer = await Promise.race([send({ abortSignal: signal }), rejection(signal)]);
			this.observe(operation, "ok", performance.now() - started);
			return answer;
		} catch (error) {
			const upstreamError = toUpstreamError(error, operation, deadline.signal);
			this.observe(operation, upstreamError.reason, performance.now() - started);
			throw upstreamError;
		}
	}
}

async function regionOf(client: SESv2Client): Promise<string> {
	try {
		return await client.config.region();
	} catch (error) {
		throw new Error("No AWS region is configured: set AWS_REGION.", { cause: error });
	}
}

function rejection(signal: AbortSignal): Promise<never> {
	return new Promise((_, reject) => {
		signal.addEventListener("abort", () => reject(signal.reason), { once: true });
	});
}

/** Catches errors of one kind with a value, and throws the others on. */
function onlyIf<Value>(kind: abstract new (...args: never[]) => Error, value: Value) {
	return (error: unknown): Value => {
		if (error instanceof kind) return value;
		throw error;
	};
}

async function collect<Page, Item>(
	pages: AsyncIterable<Page>,
	itemsOf: (page: Page) => readonly Item[],
): Promise<Item[]> {
	const items: Item[] = [];
	for await (const page of pages) items.push(...itemsOf(page));
	return items;
}

/** SES gives no ARN for an identity; partition, region and account are a tenant's. */
function identityArn(tenantArn: string, domain: string): string {
	return [...tenantArn.split(":").slice(0, 5), `identity/${domain}`].join(":");
}

function tag(owner: string): Tag {
	return { Key: ownerTag, Value: owner };
}

function ownerOf(tags: readonly Tag[] | undefined): string | undefined {
	return tags?.find(({ Key }) => Key === ownerTag)?.Value;
}

function required<Value>(value: Value | undefined, operation: string, member: string): Value {
	if (value === undefined) throw new UpstreamError("unavailable", operation, `the answer lacks ${member}`);
	return value;
}
