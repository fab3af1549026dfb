import { z } from "zod";
import { ServiceError } from "../errors.js";
import { checkDkim, type DkimLookups } from "./dkim.js";
import { badRequest } from "./errors.js";
import { checkMailFrom, type MxLookup } from "./mail-from.js";
import { publicKeyOf } from "./own-key.js";
import { resourceArn } from "./resource-arn.js";
import type { Holder, SesRegion } from "./state.js";
import { listTags, readTags, tagResource, tags, untagResource } from "./tags.js";
import {
	accountDetail,
	configurationSetName,
	dkimAttributes,
	dkimSigningAttributes,
	emailIdentity,
	epochSeconds,
	hostName,
	identityDetail,
	maySend,
	page,
	paging,
	read,
	tenantDetail,
	tenantName,
	tenantSummary,
	verificationStatus,
} from "./wire.js";

/** Whom SES asks for records. */
export interface SesResolver extends DkimLookups {
	readonly mx: MxLookup;
}

/** What an operation works on: the caller's account in the region of its signature. */
interface SesContext {
	readonly ses: SesRegion;
	/** Milliseconds since the epoch. */
	readonly now: number;
	readonly resolver: SesResolver;
}

export type Operation = (input: unknown, context: SesContext) => unknown;

const association = z.object({ TenantName: tenantName, ResourceArn: z.string().min(1) });

/** A key of the owner's own, where there is one in the attributes. */
function ownKey(attributes: z.output<typeof dkimSigningAttributes> | undefined) {
	if (!attributes || !("DomainSigningSelector" in attributes)) return undefined;
	const { DomainSigningSelector: selector, DomainSigningPrivateKey } = attributes;
	return { by: "owner" as const, selector, publicKey: publicKeyOf(DomainSigningPrivateKey) };
}

/** SES lists the tenants of a resource from the oldest association on (github.com/floci-io/floci/pull/2710). */
function byAssociation({ associatedAt, tenant }: Holder): string {
	return `${String(associatedAt).padStart(16, "0")} ${tenant.name}`;
}

export const operations = {
	CreateTenant(input, { ses, now }) {
		const { TenantName, Tags } = read(z.object({ TenantName: tenantName, Tags: tags.optional() }), input);
		return tenantDetail(ses.createTenant(TenantName, readTags(Tags ?? []), now));
	},

	GetTenant(input, { ses }) {
		const { TenantName } = read(z.object({ TenantName: tenantName }), input);
		return { Tenant: tenantDetail(ses.tenant(TenantName)) };
	},

	DeleteTenant(input, { ses }) {
		ses.deleteTenant(read(z.object({ TenantName: tenantName }), input).TenantName);
		return {};
	},

	ListTenants(input, { ses }) {
		const { items, ...next } = page(ses.tenants, read(z.object(paging), input));
		return { Tenants: items.map(tenantSummary), ...next };
	},

	CreateTenantResourceAssociation(input, { ses, now }) {
		const { TenantName, ResourceArn } = read(association, input);
		ses.associate(TenantName, ResourceArn, now);
		return {};
	},

	DeleteTenantResourceAssociation(input, { ses }) {
		const { TenantName, ResourceArn } = read(association, input);
		ses.disassociate(TenantName, ResourceArn);
		return {};
	},

	/**
	 * The kinds are those of the ARNs: the API reference's EMAIL_IDENTITY and the like are refused, and in no answer
	 * (github.com/floci-io/floci/pull/2710: tried on AWS).
	 */
	ListTenantResources(input, { ses }) {
		const kinds = z.enum(["identity", "configuration-set", "template"]);
		const { TenantName, Filter, ...where } = read(
			z.object({
				TenantName: tenantName,
				Filter: z.object({ RESOURCE_TYPE: kinds.optional() }).optional(),
				...paging,
			}),
			input,
		);
		const resources = [...ses.tenant(TenantName).resources.keys()].map((arn) => ({
			ResourceType: resourceArn(arn).kind,
			ResourceArn: arn,
		}));
		const wanted = Filter?.RESOURCE_TYPE;
		const kept = resources.filter(({ ResourceType }) => wanted === undefined || ResourceType === wanted);
		const { items, ...next } = page(
			kept.map((resource) => [resource.ResourceArn, resource] as const),
			where,
		);
		return { TenantResources: items, ...next };
	},

	ListResourceTenants(input, { ses }) {
		const { ResourceArn, ...where } = read(z.object({ ResourceArn: z.string().min(1), ...paging }), input);
		const holders = ses.holdersOf(ResourceArn).map((holder) => [byAssociation(holder), holder] as const);
		const { items, ...next } = page(holders, where);
		return {
			ResourceTenants: items.map(({ tenant, associatedAt }) => ({
				TenantName: tenant.name,
				TenantId: tenant.id,
				ResourceArn,
				AssociatedTimestamp: epochSeconds(associatedAt),
			})),
			...next,
		};
	},

	/** Refuses in this order: a second one, tags, the configuration set (github.com/floci-io/floci/pull/3146: tried on AWS). */
	CreateEmailIdentity(input, { ses, now }) {
		const { EmailIdentity, Tags, ConfigurationSetName, DkimSigningAttributes } = read(
			z.object({
				EmailIdentity: emailIdentity,
				Tags: tags.optional(),
				ConfigurationSetName: configurationSetName.optional(),
				DkimSigningAttributes: dkimSigningAttributes.optional(),
			}),
			input,
		);
		ses.requireNoIdentity(EmailIdentity);
		const readable = readTags(Tags ?? []);
		if (ConfigurationSetName !== undefined) ses.configurationSet(ConfigurationSetName);
		const identity = ses.createIdentity(EmailIdentity, readable, now, ownKey(DkimSigningAttributes));
		if (ConfigurationSetName !== undefined) identity.configurationSet = ConfigurationSetName;
		return {
			IdentityType: identity.type,
			VerifiedForSendingStatus: false,
			DkimAttributes: dkimAttributes(identity),
		};
	},

	async GetEmailIdentity(input, { ses, now, resolver }) {
		const { EmailIdentity } = read(z.object({ EmailIdentity: emailIdentity }), input);
		const identity = ses.identity(EmailIdentity);
		const { mailFrom } = identity;
		await Promise.all([
			checkDkim(identity, resolver, now),
			mailFrom && checkMailFrom(mailFrom, ses.region, (name) => resolver.mx(name), now),
		]);
		return identityDetail(identity);
	},

	PutEmailIdentityMailFromAttributes(input, { ses, now }) {
		const { EmailIdentity, MailFromDomain, BehaviorOnMxFailure } = read(
			z.object({
				EmailIdentity: emailIdentity,
				// The empty string takes it away, as leaving it out does (github.com/floci-io/floci/pull/716).
				MailFromDomain: z.string().regex(hostName, "Invalid MAIL FROM domain.").or(z.literal("")).optional(),
				BehaviorOnMxFailure: z.enum(["USE_DEFAULT_VALUE", "REJECT_MESSAGE"]).optional(),
			}),
			input,
		);
		const wanted = MailFromDomain && { domain: MailFromDomain, behavior: BehaviorOnMxFailure };
		ses.setMailFrom(EmailIdentity, wanted || undefined, now);
		return {};
	},

	GetAccount(_, { ses }) {
		return accountDetail(ses.sending);
	},

	PutEmailIdentityDkimSigningAttributes(input, { ses, now }) {
		const { EmailIdentity, SigningAttributesOrigin, SigningAttributes } = read(
			z.object({
				EmailIdentity: emailIdentity,
				SigningAttributesOrigin: z.enum(["AWS_SES", "EXTERNAL"]),
				SigningAttributes: dkimSigningAttributes.optional(),
			}),
			input,
		);
		const own = ownKey(SigningAttributes);
		if ((SigningAttributesOrigin === "EXTERNAL") !== Boolean(own)) {
			throw badRequest(
				"DomainSigningSelector and DomainSigningPrivateKey go with SigningAttributesOrigin EXTERNAL.",
			);
		}
		// A length of key that is given is taken for another one than before.
		const keys = SigningAttributes ? "new keys" : "same keys";
		const { Status, Tokens, SigningHostedZone } = dkimAttributes(
			ses.setUpDkim(EmailIdentity, own ?? keys, now),
		);
		return { DkimStatus: Status, DkimTokens: Tokens, SigningHostedZone };
	},

	DeleteEmailIdentity(input, { ses }) {
		ses.deleteIdentity(read(z.object({ EmailIdentity: emailIdentity }), input).EmailIdentity);
		return {};
	},

	ListEmailIdentities(input, { ses }) {
		const { items, ...next } = page(ses.identities, read(z.object(paging), input));
		return {
			EmailIdentities: items.map((identity) => ({
				IdentityType: identity.type,
				IdentityName: identity.name,
				SendingEnabled: maySend(identity),
				VerificationStatus: verificationStatus(identity),
			})),
			...next,
		};
	},

	PutEmailIdentityConfigurationSetAttributes(input, { ses }) {
		const { EmailIdentity, ConfigurationSetName } = read(
			z.object({ EmailIdentity: emailIdentity, ConfigurationSetName: configurationSetName.optional() }),
			input,
		);
		const identity = ses.identity(EmailIdentity);
		if (ConfigurationSetName === undefined) delete identity.configurationSet;
		else identity.configurationSet = ses.configurationSet(ConfigurationSetName).name;
		return {};
	},

	CreateConfigurationSet(input, { ses }) {
		const { ConfigurationSetName, Tags } = read(
			z.object({ ConfigurationSetName: configurationSetName, Tags: tags.optional() }),
			input,
		);
		ses.createConfigurationSet(ConfigurationSetName, readTags(Tags ?? []));
		return {};
	},

	GetConfigurationSet(input, { ses }) {
		const { ConfigurationSetName } = read(z.object({ ConfigurationSetName: configurationSetName }), input);
		const { name, tags } = ses.configurationSet(ConfigurationSetName);
		return { ConfigurationSetName: name, Tags: tags };
	},

	DeleteConfigurationSet(input, { ses }) {
		const { ConfigurationSetName } = read(z.object({ ConfigurationSetName: configurationSetName }), input);
		ses.deleteConfigurationSet(ConfigurationSetName);
		return {};
	},

	TagResource(input, { ses }) {
		tagResource(ses, read(z.object({ ResourceArn: z.string(), Tags: tags }), input));
		return {};
	},

	UntagResource(input, { ses }) {
		const TagKeys = z.array(z.string()).default([]);
		const { ResourceArn, TagKeys: keys } = read(z.object({ ResourceArn: z.string(), TagKeys }), input);
		// Without a message in AWS, too (github.com/floci-io/floci/pull/2589).
		if (keys.length === 0) throw new ServiceError(400, "ValidationException", "");
		untagResource(ses, { ResourceArn, TagKeys: keys });
		return {};
	},

	ListTagsForResource(input, { ses }) {
		const { ResourceArn } = read(z.object({ ResourceArn: z.string() }), input);
		return { Tags: listTags(ses, ResourceArn) };
	},
} satisfies Record<string, Operation>;

export type OperationName = keyof typeof operations;
