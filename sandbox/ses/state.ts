import { randomBytes } from "node:crypto";
import { ServiceError } from "../errors.js";

export interface Tag {
	readonly Key: string;
	readonly Value: string;
}

export interface Tenant {
	readonly name: string;
	/** `tn-` and 32 hexadecimal digits. */
	readonly id: string;
	readonly arn: string;
	/** Milliseconds since the epoch. */
	readonly createdAt: number;
	tags: Tag[];
	/** ARNs of the associated resources and when they were associated. */
	readonly resources: Map<string, number>;
}

export type DkimStatus = "PENDING" | "SUCCESS" | "FAILED" | "TEMPORARY_FAILURE" | "NOT_STARTED";

export interface Identity {
	/** Domain or e-mail address, in lower case. */
	readonly name: string;
	readonly type: "DOMAIN" | "EMAIL_ADDRESS";
	readonly arn: string;
	readonly createdAt: number;
	tags: Tag[];
	/** Three for a domain, none for an address. */
	readonly tokens: readonly string[];
	readonly signingHostedZone: string;
	status: DkimStatus;
	lastCheckedAt?: number;
	lastSuccessAt?: number;
	errorType?: string;
}

export interface Limits {
	/** Tenants of one account and region. Default 10,000. */
	readonly tenants: number;
	/** Identities of one account and region. Default 10,000. */
	readonly identities: number;
}

/** Regions whose DKIM keys lie in a zone of their own (docs.aws.amazon.com/general/latest/gr/ses.html). */
const regionalDkimZones = new Set([
	"af-south-1",
	"ap-northeast-3",
	"ap-south-2",
	"ap-southeast-3",
	"ap-southeast-5",
	"ca-west-1",
	"eu-central-2",
	"eu-south-1",
	"il-central-1",
	"me-central-1",
	"us-gov-east-1",
]);

/** What SES holds for one account in one region. Refuses with the errors SES declares. */
export class SesRegion {
	readonly tenants = new Map<string, Tenant>();
	readonly identities = new Map<string, Identity>();

	constructor(
		readonly account: string,
		readonly region: string,
		private readonly limits: Limits,
	) {}

	createTenant(name: string, tags: Tag[], now: number): Tenant {
		if (this.tenants.has(name)) throw alreadyExists(`Tenant ${name} already exists.`);
		if (this.tenants.size >= this.limits.tenants) throw limitExceeded("tenants", this.limits.tenants);
		const id = `tn-${randomBytes(16).toString("hex")}`;
		const tenant = {
			name,
			id,
			arn: this.#arn(`tenant/${name}/${id}`),
			createdAt: now,
			tags,
			resources: new Map<string, number>(),
		};
		this.tenants.set(name, tenant);
		return tenant;
	}

	tenant(name: string): Tenant {
		const tenant = this.tenants.get(name);
		if (!tenant) throw notFound(`Tenant ${name} does not exist.`);
		return tenant;
	}

	/** Its associations go with it; the associated identities stay. */
	deleteTenant(name: string): void {
		this.tenants.delete(this.tenant(name).name);
	}

	createIdentity(name: string, tags: Tag[], now: number): Identity {
		const key = name.toLowerCase();
		if (this.identities.has(key)) throw alreadyExists(`Email identity ${key} already exist.`);
		if (this.identities.size >= this.limits.identities)
			throw limitExceeded("identities", this.limits.identities);
		const type = key.includes("@") ? "EMAIL_ADDRESS" : "DOMAIN";
		const identity: Identity = {
			name: key,
			type,
			arn: this.#arn(`identity/${key}`),
			createdAt: now,
			tags,
			tokens: type === "DOMAIN" ? [dkimToken(), dkimToken(), dkimToken()] : [],
			signingHostedZone: regionalDkimZones.has(this.region)
				? `dkim.${this.region}.amazonses.com`
				: "dkim.amazonses.com",
			status: type === "DOMAIN" ? "PENDING" : "NOT_STARTED",
		};
		this.identities.set(key, identity);
		return identity;
	}

	identity(name: string): Identity {
		const identity = this.identities.get(name.toLowerCase());
		if (!identity) throw notFound(`Email identity ${name} does not exist.`);
		return identity;
	}

	deleteIdentity(name: string): void {
		const identity = this.identity(name);
		this.identities.delete(identity.name);
		for (const tenant of this.tenants.values()) tenant.resources.delete(identity.arn);
	}

	associate(tenantName: string, resourceArn: string, now: number): void {
		const tenant = this.tenant(tenantName);
		const identity = this.#identityByArn(resourceArn);
		if (tenant.resources.has(identity.arn)) {
			throw alreadyExists(`Resource ${resourceArn} is already associated with tenant ${tenantName}.`);
		}
		tenant.resources.set(identity.arn, now);
	}

	disassociate(tenantName: string, resourceArn: string): void {
		if (!this.tenant(tenantName).resources.delete(resourceArn)) {
			throw notFound(`Resource ${resourceArn} is not associated with tenant ${tenantName}.`);
		}
	}

	/** The tenants a resource is associated with. */
	tenantsOf(resourceArn: string): Tenant[] {
		const { arn } = this.#identityByArn(resourceArn);
		return [...this.tenants.values()].filter((tenant) => tenant.resources.has(arn));
	}

	/** The tenant or identity behind an ARN. */
	tagged(arn: string): Tenant | Identity {
		for (const tenant of this.tenants.values()) if (tenant.arn === arn) return tenant;
		return this.#identityByArn(arn);
	}

	#identityByArn(arn: string): Identity {
		for (const identity of this.identities.values()) if (identity.arn === arn) return identity;
		throw notFound(`Resource ${arn} does not exist.`);
	}

	#arn(resource: string): string {
		return `arn:aws:ses:${this.region}:${this.account}:${resource}`;
	}
}

/** 32 characters as SES makes them: a selector that no two identities share. */
function dkimToken(): string {
	const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
	return Array.from(randomBytes(32), (byte) => alphabet[byte % alphabet.length]).join("");
}

function alreadyExists(message: string): ServiceError {
	return new ServiceError(400, "AlreadyExistsException", message);
}

function notFound(message: string): ServiceError {
	return new ServiceError(404, "NotFoundException", message);
}

function limitExceeded(what: string, limit: number): ServiceError {
	return new ServiceError(400, "LimitExceededException", `You have reached the limit of ${limit} ${what}.`);
}
