import {
	AlreadyExistsException,
	CreateEmailIdentityCommand,
	CreateTenantCommand,
	CreateTenantResourceAssociationCommand,
	DeleteEmailIdentityCommand,
	DeleteTenantCommand,
	GetEmailIdentityCommand,
	GetTenantCommand,
	NotFoundException,
	SESv2Client,
	type SESv2ClientConfig,
	type Tag,
} from "@aws-sdk/client-sesv2";
import type { Deadline } from "./deadline.js";
import { TakenUpstream, toUpstreamError, UpstreamError } from "./errors.js";
import { requireInboundRegion } from "./regions.js";
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
	readonly dkim: Dkim;
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
		if (made) return readDkim(made.DkimAttributes, "CreateEmailIdentity");
		const standing = await this.identity(domain, deadline);
		if (!standing)
			throw new UpstreamError("unavailable", "CreateEmailIdentity", `identity ${domain} comes and goes`);
		if (standing.owner !== owner) throw new TakenUpstream("identity", domain, standing.owner);
		return standing.dkim;
	}

	/** Puts the domain into the tenant. */
	async associate(tenantName: string, tenantArn: string, domain: string, deadline: Deadline): Promise<void> {
		// SES gives no ARN for an identity; partition, region and account are the tenant's.
		const [arn, partition, service, region, account] = tenantArn.split(":");
		await this.#call("CreateTenantResourceAssociation", deadline, (options) =>
			this.client
				.send(
					new CreateTenantResourceAssociationCommand({
						TenantName: tenantName,
						ResourceArn: [arn, partition, service, region, account, `identity/${domain}`].join(":"),
					}),
					options,
				)
				.catch(onlyIf(AlreadyExistsException, undefined)),
		);
	}

	/** The state of a domain's identity, undefined when SES has none. Reading it makes SES look at the DNS. */
	async identity(domain: string, deadline: Deadline): Promise<IdentityStatus | undefined> {
		const found = await this.#call("GetEmailIdentity", deadline, (options) =>
			this.client
				.send(new GetEmailIdentityCommand({ EmailIdentity: domain }), options)
				.catch(onlyIf(NotFoundException, undefined)),
		);
		return (
			found && {
				owner: ownerOf(found.Tags),
				verified: found.DkimAttributes?.Status === "SUCCESS",
				dkim: readDkim(found.DkimAttributes, "GetEmailIdentity"),
			}
		);
	}

	/** Deletes the identity if it is the owner's. The caller holds the owner's lease. */
	async deleteIdentity(domain: string, owner: string, deadline: Deadline): Promise<void> {
		const standing = await this.identity(domain, deadline);
		if (standing?.owner !== owner) return;
		await this.#call("DeleteEmailIdentity", deadline, (options) =>
			this.deletingClient
				.send(new DeleteEmailIdentityCommand({ EmailIdentity: domain }), options)
				.catch(onlyIf(NotFoundException, undefined)),
		);
	}

	/** Deletes the tenant, with its associations, if it is the owner's. The caller holds the owner's lease. */
	async deleteTenant(name: string, owner: string, deadline: Deadline): Promise<void> {
		const standing = await this.#tenant(name, deadline);
		if (standing?.owner !== owner) return;
		await this.#call("DeleteTenant", deadline, (options) =>
			this.deletingClient
				.send(new DeleteTenantCommand({ TenantName: name }), options)
				.catch(onlyIf(NotFoundException, undefined)),
		);
	}

	close(): void {
		this.client.destroy();
		this.deletingClient.destroy();
	}

	async #tenant(
		name: string,
		deadline: Deadline,
	): Promise<{ arn: string; owner: string | undefined } | undefined> {
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

function tag(owner: string): Tag {
	return { Key: ownerTag, Value: owner };
}

function ownerOf(tags: readonly Tag[] | undefined): string | undefined {
	return tags?.find(({ Key }) => Key === ownerTag)?.Value;
}

function readDkim(
	attributes: { Tokens?: string[] | undefined; SigningHostedZone?: string | undefined } | undefined,
	operation: string,
): Dkim {
	const tokens = required(attributes?.Tokens, operation, "DkimAttributes.Tokens");
	if (tokens.length !== 3)
		throw new UpstreamError("unavailable", operation, `${tokens.length} DKIM tokens instead of 3`);
	return {
		tokens,
		signingHostedZone: required(attributes?.SigningHostedZone, operation, "DkimAttributes.SigningHostedZone"),
	};
}

function required<Value>(value: Value | undefined, operation: string, member: string): Value {
	if (value === undefined) throw new UpstreamError("unavailable", operation, `the answer lacks ${member}`);
	return value;
}
