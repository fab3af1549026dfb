import { z } from "zod";
import { ServiceError } from "../errors.js";
import type { AccountSending, DkimStatus, Identity, Tenant } from "./state.js";

/** SES's timestamps on the wire: seconds since the epoch, with a fraction. */
export function epochSeconds(milliseconds: number): number {
	return milliseconds / 1000;
}

export const hostName =
	/^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/i;

export const tenantName = z
	.string()
	.regex(/^[A-Za-z0-9_-]{1,64}$/, "Tenant name must be 1 to 64 letters, digits, hyphens or underscores.");

export const emailIdentity = z
	.string()
	.max(320)
	.refine(
		(text) =>
			hostName.test(text) || (/^[^@\s]{1,64}@[^@\s]+$/.test(text) && hostName.test(text.split("@")[1] ?? "")),
		"Invalid email identity: neither a domain name nor an e-mail address.",
	);

/** API reference, CreateConfigurationSet, ConfigurationSetName. */
export const configurationSetName = z
	.string()
	.regex(
		/^[A-Za-z0-9_-]{1,64}$/,
		"Configuration set names have 1 to 64 letters, digits, hyphens or underscores.",
	);

/** As the API reference has them (DkimSigningAttributes): Easy DKIM with a length of key, or a key of one's own. */
export const dkimSigningAttributes = z.union(
	[
		z.strictObject({ NextSigningKeyLength: z.enum(["RSA_1024_BIT", "RSA_2048_BIT"]) }),
		z.strictObject({
			DomainSigningSelector: z.string().regex(/^(?=.{1,63}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i),
			DomainSigningPrivateKey: z
				.string()
				.max(20_480)
				.regex(/^[a-z0-9+/]+={0,2}$/i),
		}),
	],
	"Give NextSigningKeyLength, or DomainSigningSelector and DomainSigningPrivateKey.",
);

export const paging = {
	PageSize: z.coerce.number().int().min(1).max(1000).optional(),
	NextToken: z.string().optional(),
};

/**
 * Reads an operation's input.
 * @throws ServiceError BadRequestException, naming the member that is wrong.
 */
export function read<Shape extends z.ZodType>(schema: Shape, input: unknown): z.output<Shape> {
	const result = schema.safeParse(input);
	if (result.success) return result.data;
	const [issue] = result.error.issues;
	const member = issue?.path.join(".") ?? "";
	throw new ServiceError(400, "BadRequestException", `${member && `${member}: `}${issue?.message ?? ""}`);
}

/**
 * One page of items that are listed in the order of their keys; the token is the last key of the page before.
 * @throws ServiceError BadRequestException for a token this function did not make.
 */
export function page<Item>(
	items: Iterable<readonly [string, Item]>,
	{ PageSize = 100, NextToken }: { PageSize?: number | undefined; NextToken?: string | undefined },
): { items: Item[]; NextToken?: string } {
	const after = NextToken === undefined ? undefined : decodeToken(NextToken);
	const rest = [...items]
		.sort(([a], [b]) => (a < b ? -1 : 1))
		.filter(([key]) => after === undefined || key > after);
	const shown = rest.slice(0, PageSize);
	const last = shown.at(-1);
	return {
		items: shown.map(([, item]) => item),
		...(last && rest.length > shown.length ? { NextToken: encodeToken(last[0]) } : {}),
	};
}

const tokenPrefix = "after:";

function encodeToken(key: string): string {
	return Buffer.from(`${tokenPrefix}${key}`).toString("base64url");
}

function decodeToken(token: string): string {
	const text = Buffer.from(token, "base64url").toString();
	if (!text.startsWith(tokenPrefix)) throw new ServiceError(400, "BadRequestException", "Invalid NextToken.");
	return text.slice(tokenPrefix.length);
}

export function tenantSummary(tenant: Tenant) {
	return {
		TenantName: tenant.name,
		TenantId: tenant.id,
		TenantArn: tenant.arn,
		CreatedTimestamp: epochSeconds(tenant.createdAt),
		SendingStatus: tenant.sendingStatus,
	};
}

export function tenantDetail(tenant: Tenant) {
	return { ...tenantSummary(tenant), Tags: tenant.tags };
}

export interface DkimAttributes {
	readonly SigningEnabled: boolean;
	readonly Status: DkimStatus;
	readonly Tokens?: readonly string[];
	readonly SigningHostedZone?: string;
}

export function dkimAttributes(identity: Identity): DkimAttributes {
	return {
		SigningEnabled: identity.dkim.by !== "nobody",
		Status: identity.status,
		...keysOf(identity),
	};
}

function keysOf({ dkim, tokens, createdAt }: Identity) {
	switch (dkim.by) {
		case "ses":
			return {
				Tokens: tokens,
				...(dkim.namesZone ? { SigningHostedZone: dkim.hostedZone } : {}),
				SigningAttributesOrigin: "AWS_SES",
				NextSigningKeyLength: "RSA_2048_BIT",
				CurrentSigningKeyLength: "RSA_2048_BIT",
				LastKeyGenerationTimestamp: epochSeconds(createdAt),
			};
		case "owner":
			return { Tokens: tokens, SigningAttributesOrigin: "EXTERNAL" };
		case "nobody":
			return { SigningAttributesOrigin: "AWS_SES" };
	}
}

/** Whether SES lets the identity send: it does so through a temporary failure of DKIM, too. */
export function maySend(identity: Identity): boolean {
	const status = verificationStatus(identity);
	return status === "SUCCESS" || status === "TEMPORARY_FAILURE";
}

/** A domain without DKIM is one that a TXT record has verified. */
export function verificationStatus(identity: Identity): DkimStatus {
	if (identity.status !== "NOT_STARTED") return identity.status;
	return identity.type === "DOMAIN" ? "SUCCESS" : "PENDING";
}

export function identityDetail(identity: Identity) {
	return {
		IdentityType: identity.type,
		FeedbackForwardingStatus: true,
		VerifiedForSendingStatus: maySend(identity),
		DkimAttributes: dkimAttributes(identity),
		MailFromAttributes: mailFromAttributes(identity),
		Policies: {},
		Tags: identity.tags,
		...(identity.configurationSet === undefined ? {} : { ConfigurationSetName: identity.configurationSet }),
		VerificationStatus: verificationStatus(identity),
		VerificationInfo: {
			...(identity.lastCheckedAt === undefined
				? {}
				: { LastCheckedTimestamp: epochSeconds(identity.lastCheckedAt) }),
			...(identity.lastSuccessAt === undefined
				? {}
				: { LastSuccessTimestamp: epochSeconds(identity.lastSuccessAt) }),
			...(identity.errorType === undefined ? {} : { ErrorType: identity.errorType }),
		},
	};
}

/** Without a domain of its own only the behaviour is told (tried on AWS: github.com/floci-io/floci/pull/1273). */
function mailFromAttributes({ mailFrom }: Identity) {
	if (mailFrom === undefined) return { BehaviorOnMxFailure: "USE_DEFAULT_VALUE" };
	return {
		MailFromDomain: mailFrom.domain,
		MailFromDomainStatus: mailFrom.status,
		BehaviorOnMxFailure: mailFrom.behavior,
	};
}

/** The quotas are those of an account in the sandbox, and of one that has just left it. */
export function accountDetail({ productionAccess, enabled, enforcement }: AccountSending) {
	return {
		DedicatedIpAutoWarmupEnabled: true,
		EnforcementStatus: enforcement,
		ProductionAccessEnabled: productionAccess,
		SendQuota: productionAccess
			? { Max24HourSend: 50_000, MaxSendRate: 14, SentLast24Hours: 0 }
			: { Max24HourSend: 200, MaxSendRate: 1, SentLast24Hours: 0 },
		SendingEnabled: enabled,
		SuppressionAttributes: { SuppressedReasons: ["BOUNCE", "COMPLAINT"] },
	};
}
