import { z } from "zod";
import { ServiceError } from "../errors.js";
import { type CnameLookup, checkDkim } from "./dkim.js";
import { checkMailFrom, type MxLookup } from "./mail-from.js";
import type { Holder, SesRegion } from "./state.js";
import {
	accountDetail,
	dkimAttributes,
	dkimSigningAttributes,
	emailIdentity,
	epochSeconds,
	hostName,
	identityDetail,
	maySend,
	mergeTags,
	page,
	paging,
	read,
	resourceArn,
	tags,
	tenantDetail,
	tenantName,
	tenantSummary,
	verificationStatus,
} from "./wire.js";

/** Whom SES asks for records. */
export interface SesResolver {
	readonly cname: CnameLookup;
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

/** SES lists the tenants of a resource from the oldest association on (github.com/floci-io/floci/pull/2710). */
function byAssociation({ associatedAt, tenant }: Holder): string {
	return `${String(associatedAt).padStart(16, "0")} ${tenant.name}`;
}

export const operations = {
	CreateTenant(input, { ses, now }) {
		const { TenantName, Tags } = read(z.object({ TenantName: tenantName, Tags: tags.optional() }), input);
		return tenantDetail(ses.createTenant(TenantName, Tags ?? [], now));
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

	ListTenantResources(input, { ses }) {
		const types = z.enum(["EMAIL_IDENTITY", "CONFIGURATION_SET", "EMAIL_TEMPLATE"]);
		const { TenantName, Filter, ...where } = read(
			z.object({
				TenantName: tenantName,
				Filter: z.object({ RESOURCE_TYPE: types.optional() }).optional(),
				...paging,
			}),
			input,
		);
		const kept = (Filter?.RESOURCE_TYPE ?? "EMAIL_IDENTITY") === "EMAIL_IDENTITY";
		const resources = kept ? ses.tenant(TenantName).resources : new Map<string, number>();
		const arns = [...resources.keys()].map((arn) => [arn, arn] as const);
		const { items, ...next } = page(arns, where);
		return {
			TenantResources: items.map((arn) => ({ ResourceType: "EMAIL_IDENTITY", ResourceArn: arn })),
			...next,
		};
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

	CreateEmailIdentity(input, { ses, now }) {
		const { EmailIdentity, Tags, ConfigurationSetName, DkimSigningAttributes } = read(
			z.object({
				EmailIdentity: emailIdentity,
				Tags: tags.optional(),
				ConfigurationSetName: z.string().optional(),
				DkimSigningAttributes: dkimSigningAttributes.optional(),
			}),
			input,
		);
		if (ConfigurationSetName !== undefined) {
			throw new ServiceError(
				404,
				"NotFoundException",
				`Configuration set ${ConfigurationSetName} does not exist.`,
			);
		}
		const own =
			DkimSigningAttributes && "DomainSigningSelector" in DkimSigningAttributes && DkimSigningAttributes;
		const identity = ses.createIdentity(
			EmailIdentity,
			Tags ?? [],
			now,
			own ? { by: "owner", selector: own.DomainSigningSelector } : undefined,
		);
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
			checkDkim(identity, (name) => resolver.cname(name), now),
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
		const own = SigningAttributes && "DomainSigningSelector" in SigningAttributes && SigningAttributes;
		if ((SigningAttributesOrigin === "EXTERNAL") !== Boolean(own)) {
			throw new ServiceError(
				400,
				"BadRequestException",
				"DomainSigningSelector and DomainSigningPrivateKey go with SigningAttributesOrigin EXTERNAL.",
			);
		}
		// A length of key that is given is taken for another one than before.
		const keys = SigningAttributes ? "new keys" : "same keys";
		const wanted = own ? { by: "owner" as const, selector: own.DomainSigningSelector } : keys;
		const { Status, Tokens, SigningHostedZone } = dkimAttributes(ses.setUpDkim(EmailIdentity, wanted, now));
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

	TagResource(input, { ses }) {
		const { ResourceArn, Tags } = read(z.object({ ResourceArn: resourceArn, Tags: tags }), input);
		const resource = ses.tagged(ResourceArn);
		resource.tags = mergeTags(resource.tags, Tags);
		return {};
	},

	UntagResource(input, { ses }) {
		const { ResourceArn, TagKeys } = read(
			z.object({ ResourceArn: resourceArn, TagKeys: z.array(z.string()).min(1) }),
			input,
		);
		const resource = ses.tagged(ResourceArn);
		resource.tags = resource.tags.filter((tag) => !TagKeys.includes(tag.Key));
		return {};
	},

	ListTagsForResource(input, { ses }) {
		const { ResourceArn } = read(z.object({ ResourceArn: resourceArn }), input);
		return { Tags: ses.tagged(ResourceArn).tags };
	},
} satisfies Record<string, Operation>;

export type OperationName = keyof typeof operations;
