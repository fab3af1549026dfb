import type { Clock } from "../server-clock.js";
import { alreadyExists, badRequest, limitExceeded, notFound } from "./errors.js";
import { type MailFrom, type MxFailureBehavior, requireBelow } from "./mail-from.js";
import { noneTagged, readAssociable, resourceArn } from "./resource-arn.js";

export interface Tag {
	readonly Key: string;
	readonly Value: string;
}

export interface Tenant {
	readonly name: string;
	/** `tn-` and 30 hexadecimal digits (github.com/floci-io/floci/pull/2644). */
	readonly id: string;
	readonly arn: string;
	/** Milliseconds since the epoch. */
	readonly createdAt: number;
	tags: Tag[];
	/** ARNs of the associated resources and when they were associated. */
	readonly resources: Map<string, number>;
	/** `REINSTATED`: it sends in spite of findings about its reputation (API reference, Tenant). */
	sendingStatus: "ENABLED" | "DISABLED" | "REINSTATED";
}

/** What GetAccount tells of an account in one region. */
export interface AccountSending {
	/** False: the account is in SES's sandbox, and sends to verified addresses alone. */
	productionAccess: boolean;
	/** False: its owner has paused it (PutAccountSendingAttributes), or AWS has. */
	enabled: boolean;
	enforcement: "HEALTHY" | "PROBATION" | "SHUTDOWN";
}

/** Who makes a domain's DKIM keys, and where they are. */
export type Dkim =
	/** SES, under three tokens in a zone of its own. Servers that were not yet told of the zone leave it out. */
	| {
			readonly by: "ses";
			readonly tokens: readonly string[];
			readonly hostedZone: string;
			readonly namesZone: boolean;
	  }
	/** The domain's owner: SES tells the selector in the place of the tokens (BYODKIM). */
	| {
			readonly by: "owner";
			readonly selector: string;
			/** As its TXT record has it, in base64. SES finds no record for a key that a test has not told. */
			readonly publicKey?: string;
	  }
	/** Nobody: an address, or a domain that was verified by a TXT record, before there was Easy DKIM. */
	| { readonly by: "nobody" };

export type DkimStatus = "PENDING" | "SUCCESS" | "FAILED" | "TEMPORARY_FAILURE" | "NOT_STARTED";

export interface Identity {
	/** Domain or e-mail address, in lower case. */
	readonly name: string;
	readonly type: "DOMAIN" | "EMAIL_ADDRESS";
	readonly arn: string;
	readonly createdAt: number;
	tags: Tag[];
	dkim: Dkim;
	/** As answers have them: three, one selector, or none. */
	readonly tokens: readonly string[];
	/** Of DKIM. */
	status: DkimStatus;
	/** Since when SES looks for the DKIM records, in milliseconds since the epoch. */
	lookingSince: number;
	lastCheckedAt?: number;
	lastSuccessAt?: number;
	errorType?: string;
	/** Where it is not SES's own. */
	mailFrom?: MailFrom;
	/** The one that its mail goes by. It may be gone. */
	configurationSet?: string;
}

/** Of its options the sandbox keeps none. */
export interface ConfigurationSet {
	readonly name: string;
	readonly arn: string;
	tags: Tag[];
}

export interface SesRules {
	/** Tenants of one account and region. Default 10,000. */
	readonly tenants: number;
	/** Identities of one account and region. Default 10,000. */
	readonly identities: number;
	/**
	 * Milliseconds in which an association that was taken away is still listed, and still holds its identity.
	 * SES propagates such changes over its servers. Default 0.
	 */
	readonly associationLagMs: number;
	/**
	 * Milliseconds in which every second read still sees what was there before a change: nothing of what was just made. What
	 * names that is refused every second time. Default 0.
	 */
	readonly readLagMs: number;
	/** Whether answers have SigningHostedZone, which older ones lack. Default true. */
	readonly namesHostedZone: boolean;
	/** Requests a second of each operation, account and region; the real limit is about 1. Default: none. */
	readonly requestsPerSecond?: number;
}

/** An association that is taken away, and not yet known to be so everywhere. */
interface Lingering {
	readonly tenant: Tenant;
	readonly arn: string;
	readonly associatedAt: number;
	/** Milliseconds since the epoch. */
	readonly until: number;
}

/** What ListResourceTenants tells of one association. */
export interface Holder {
	readonly tenant: Tenant;
	readonly associatedAt: number;
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
	readonly configurationSets = new Map<string, ConfigurationSet>();
	/** To be edited by hand: as of an account that AWS has let out of the sandbox. */
	readonly sending: AccountSending = { productionAccess: true, enabled: true, enforcement: "HEALTHY" };
	#lingering: Lingering[] = [];

	constructor(
		readonly account: string,
		readonly region: string,
		private readonly rules: SesRules,
		private readonly clock: Clock,
		private readonly random: (size: number) => Buffer,
	) {}

	/** What it holds now, which later changes do not reach. */
	copy(): SesRegion {
		const copy = new SesRegion(this.account, this.region, this.rules, this.clock, this.random);
		for (const [name, each] of structuredClone(this.tenants)) copy.tenants.set(name, each);
		for (const [name, each] of structuredClone(this.identities)) copy.identities.set(name, each);
		for (const [name, each] of structuredClone(this.configurationSets))
			copy.configurationSets.set(name, each);
		return copy;
	}

	createTenant(name: string, tags: Tag[], now: number): Tenant {
		if (this.tenants.has(name))
			throw alreadyExists(`Tenant with name ${name} already exists in account ${this.account}`);
		if (this.tenants.size >= this.rules.tenants) throw limitExceeded("tenants", this.rules.tenants);
		const id = `tn-${this.random(15).toString("hex")}`;
		const tenant: Tenant = {
			name,
			id,
			arn: this.#arn(`tenant/${name}/${id}`),
			createdAt: now,
			tags,
			resources: new Map<string, number>(),
			sendingStatus: "ENABLED",
		};
		this.tenants.set(name, tenant);
		return tenant;
	}

	tenant(name: string): Tenant {
		const tenant = this.tenants.get(name);
		if (!tenant) throw notFound(`The requested tenant <${name}> does not exist.`);
		return tenant;
	}

	/** Its associations go with it; the associated identities stay. */
	deleteTenant(name: string): void {
		const tenant = this.tenant(name);
		for (const arn of tenant.resources.keys()) this.#release(tenant, arn);
		this.tenants.delete(tenant.name);
	}

	/** @throws ServiceError AlreadyExistsException */
	requireNoIdentity(name: string): void {
		const key = name.toLowerCase();
		if (this.identities.has(key)) throw alreadyExists(`Email identity ${key} already exist.`);
	}

	/** @param dkim what a domain is to have that does not have SES's own keys */
	createIdentity(
		name: string,
		tags: Tag[],
		now: number,
		dkim?: Extract<Dkim, { by: "owner" | "nobody" }>,
	): Identity {
		this.requireNoIdentity(name);
		const key = name.toLowerCase();
		if (this.identities.size >= this.rules.identities)
			throw limitExceeded("identities", this.rules.identities);
		const type = key.includes("@") ? "EMAIL_ADDRESS" : "DOMAIN";
		const given = type === "DOMAIN" ? (dkim ?? this.#easyDkim()) : { by: "nobody" as const };
		const identity: Identity = {
			name: key,
			type,
			arn: this.#arn(`identity/${key}`),
			createdAt: now,
			tags,
			dkim: given,
			get tokens() {
				return tokensOf(this.dkim);
			},
			status: given.by === "nobody" ? "NOT_STARTED" : "PENDING",
			lookingSince: now,
		};
		this.identities.set(key, identity);
		return identity;
	}

	identity(name: string): Identity {
		const identity = this.identities.get(name.toLowerCase());
		if (!identity) throw notFound(`Email identity ${name} does not exist.`);
		return identity;
	}

	/**
	 * Sets a domain's DKIM up (anew). SES's own keys stay unless others are wanted or there were none
	 * (github.com/floci-io/floci/pull/1904). SES looks for the records from now on, for another 72 hours.
	 */
	setUpDkim(
		name: string,
		wanted: Extract<Dkim, { by: "owner" }> | "same keys" | "new keys",
		now: number,
	): Identity {
		const identity = this.identity(name);
		if (identity.type !== "DOMAIN") throw badRequest(`DKIM is set up for domains: ${name} is none.`);
		const isSame = wanted === "same keys" && identity.dkim.by === "ses";
		if (isSame && identity.status === "SUCCESS") return identity;
		if (!isSame) identity.dkim = typeof wanted === "string" ? this.#easyDkim() : wanted;
		identity.status = "PENDING";
		identity.lookingSince = now;
		delete identity.lastSuccessAt;
		return identity;
	}

	/**
	 * Sets an identity's MAIL FROM domain, or takes it away. SES looks for its MX record from now on, for another 72 hours,
	 * also where nothing changes: whether it keeps the status then is not known, so nobody may count on it.
	 *
	 * An identity that is not there is a BadRequestException (github.com/floci-io/floci/pull/716), although the API reference
	 * has a NotFoundException as well.
	 */
	setMailFrom(
		name: string,
		wanted: { domain: string; behavior?: MxFailureBehavior | undefined } | undefined,
		now: number,
	): void {
		const identity = this.identities.get(name.toLowerCase());
		if (!identity) throw badRequest(`Identity <${name}> does not exist.`);
		if (wanted === undefined) {
			delete identity.mailFrom;
			return;
		}
		const domain = wanted.domain.toLowerCase();
		requireBelow(domain, identity.name);
		const { behavior = "USE_DEFAULT_VALUE" } = wanted;
		identity.mailFrom = { domain, behavior, status: "PENDING", lookingSince: now };
	}

	/**
	 * Refuses while a tenant holds it, in AWS's words, angle brackets included
	 * (github.com/ekristen/aws-nuke/issues/962, github.com/PostHog/posthog/pull/68200).
	 */
	deleteIdentity(name: string): void {
		const { arn, name: key } = this.identity(name);
		this.#requireUnheld(arn);
		this.identities.delete(key);
	}

	createConfigurationSet(name: string, tags: Tag[]): void {
		if (this.configurationSets.has(name)) throw alreadyExists(`Configuration set ${name} already exists.`);
		this.configurationSets.set(name, { name, arn: this.#arn(`configuration-set/${name}`), tags });
	}

	configurationSet(name: string): ConfigurationSet {
		const found = this.configurationSets.get(name);
		if (!found) throw notFound(`Configuration set ${name} does not exist.`);
		return found;
	}

	/** The identities that have it keep its name (developer guide, "Default configuration sets": their mail is refused). */
	deleteConfigurationSet(name: string): void {
		this.#requireUnheld(this.configurationSet(name).arn);
		this.configurationSets.delete(name);
	}

	associate(tenantName: string, resourceArn: string, now: number): void {
		const tenant = this.tenant(tenantName);
		const { arn } = this.#associable(resourceArn);
		if (tenant.resources.has(arn)) {
			throw alreadyExists(`Resources ${resourceArn} has already been associated with tenant ${tenantName}`);
		}
		this.#lingering = this.#lingering.filter((gone) => gone.tenant.name !== tenantName || gone.arn !== arn);
		tenant.resources.set(arn, now);
	}

	/** Succeeds for what is not associated, but both ends must stand (github.com/floci-io/floci/pull/2710). */
	disassociate(tenantName: string, resourceArn: string): void {
		const tenant = this.tenant(tenantName);
		this.#release(tenant, this.#associable(resourceArn).arn);
	}

	/** The tenants a resource is associated with, as far as every server of SES knows. */
	holdersOf(resourceArn: string): Holder[] {
		const { arn } = this.#associable(resourceArn);
		const standing = [...this.tenants.values()].flatMap((tenant) => {
			const associatedAt = tenant.resources.get(arn);
			return associatedAt === undefined ? [] : [{ tenant, associatedAt }];
		});
		const now = this.clock.now();
		this.#lingering = this.#lingering.filter(({ until }) => until > now);
		return [...standing, ...this.#lingering.filter((gone) => gone.arn === arn)];
	}

	#release(tenant: Tenant, arn: string): void {
		const associatedAt = tenant.resources.get(arn);
		if (associatedAt === undefined) return;
		tenant.resources.delete(arn);
		const until = this.clock.now() + this.rules.associationLagMs;
		this.#lingering.push({ tenant, arn, associatedAt, until });
	}

	#requireUnheld(arn: string): void {
		if (this.holdersOf(arn).length === 0) return;
		throw badRequest(
			`Cannot delete <${arn}> because it has tenant associations. Remove all tenant associations and try again.`,
		);
	}

	/** What is tagged under an ARN. A tenant is found by its id alone (github.com/floci-io/floci/pull/2832). */
	tagged(arn: string): Tenant | Identity | ConfigurationSet {
		const parts = resourceArn(arn);
		const found = this.#namedIn(parts);
		if (!found) throw noneTagged(parts);
		return found;
	}

	#namedIn({ kind, name }: { kind: string; name: string }): Tenant | Identity | ConfigurationSet | undefined {
		switch (kind) {
			case "tenant":
				return [...this.tenants.values()].find(({ id }) => id === name.split("/").at(-1));
			case "configuration-set":
				return this.configurationSets.get(name);
			case "identity":
				return this.identities.get(name.toLowerCase());
			default:
				return undefined;
		}
	}

	#easyDkim(): Dkim {
		return {
			by: "ses",
			tokens: [1, 2, 3].map(() => dkimToken(this.random(32))),
			hostedZone: regionalDkimZones.has(this.region)
				? `dkim.${this.region}.amazonses.com`
				: "dkim.amazonses.com",
			namesZone: this.rules.namesHostedZone,
		};
	}

	/** Of what may be associated, the sandbox has no templates. */
	#associable(arn: string): Identity | ConfigurationSet {
		const { kind, name } = readAssociable(arn, this);
		if (kind === "template") throw notFound(`Email template <${name}> does not exist`);
		if (kind === "identity") {
			const identity = this.identities.get(name.toLowerCase());
			if (!identity) throw notFound(`Identity <${name}> does not exist`);
			return identity;
		}
		const found = this.configurationSets.get(name);
		// The colon is AWS's.
		if (!found) throw notFound(`Configuration set <${name}> does not exist:`);
		return found;
	}

	#arn(resource: string): string {
		return `arn:aws:ses:${this.region}:${this.account}:${resource}`;
	}
}

function tokensOf(dkim: Dkim): readonly string[] {
	switch (dkim.by) {
		case "ses":
			return dkim.tokens;
		case "owner":
			return [dkim.selector];
		case "nobody":
			return [];
	}
}

/** 32 characters as SES makes them: a selector that no two identities share. */
function dkimToken(bytes: Uint8Array): string {
	const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
	return Array.from(bytes, (byte) => alphabet[byte % alphabet.length]).join("");
}
