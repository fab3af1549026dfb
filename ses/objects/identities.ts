import {
	CreateEmailIdentityCommand,
	DeleteEmailIdentityCommand,
	type DkimAttributes,
	GetEmailIdentityCommand,
	type GetEmailIdentityResponse,
	ListEmailIdentitiesCommand,
	type MailFromAttributes,
	PutEmailIdentityDkimSigningAttributesCommand,
	PutEmailIdentityMailFromAttributesCommand,
} from "@aws-sdk/client-sesv2";
import type { Deadline } from "../calls/deadline.js";
import { TakenUpstream, UpstreamError } from "../calls/errors.js";
import { dkimZone } from "../regions.js";
import type { Api } from "./api.js";
import type {
	Dkim,
	FoundIdentity,
	IdentityStatus,
	MailFromBehavior,
	MailFromStatus,
	Owner,
} from "./found.js";
import { readTags, tagsOf } from "./tags.js";

/** @throws {@link TakenUpstream} */
export async function createIdentity(
	api: Api,
	domain: string,
	owner: Owner,
	deadline: Deadline,
): Promise<Dkim> {
	const command = new CreateEmailIdentityCommand({ EmailIdentity: domain, Tags: tagsOf(owner) });
	const made = await api.unless("AlreadyExistsException", "CreateEmailIdentity", command, deadline);
	if (made) return readDkim(api, made.DkimAttributes, "CreateEmailIdentity");
	const standing = await describe(api, domain, deadline);
	if (!standing) return createIdentity(api, domain, owner, deadline);
	// Who has it comes first: what others made may have other keys than SES's, or none.
	const { owner: standingOwner } = readTags(standing.Tags);
	if (standingOwner !== owner.id) throw new TakenUpstream("identity", domain, standingOwner);
	return readDkim(api, standing.DkimAttributes, "GetEmailIdentity");
}

/** The state of a domain's identity, undefined when SES has none. Reading it makes SES look at the DNS. */
export async function findIdentity(
	api: Api,
	domain: string,
	deadline: Deadline,
): Promise<IdentityStatus | undefined> {
	const found = await describe(api, domain, deadline);
	if (!found) return undefined;
	const { Status, Tokens = [] } = found.DkimAttributes ?? {};
	const { ErrorType, LastCheckedTimestamp, LastSuccessTimestamp } = found.VerificationInfo ?? {};
	return {
		owner: readTags(found.Tags).owner,
		dkim: Status,
		errorType: ErrorType,
		lastCheckedAt: LastCheckedTimestamp,
		lastSuccessAt: LastSuccessTimestamp,
		tokens: Tokens,
		mailFrom: readMailFrom(found.MailFromAttributes),
	};
}

/** Succeeds where there is none. */
export async function deleteIdentity(api: Api, domain: string, deadline: Deadline): Promise<void> {
	const command = new DeleteEmailIdentityCommand({ EmailIdentity: domain });
	await api.unless("NotFoundException", "DeleteEmailIdentity", command, deadline);
}

/**
 * Every domain's identity that carries a setup's tag.
 * @param deadline for each call
 */
export async function* ownIdentities(
	api: Api,
	deadline: () => Deadline,
): AsyncGenerator<FoundIdentity, void, void> {
	let token: string | undefined;
	do {
		using forPage = deadline();
		const page = await api.call(
			"ListEmailIdentities",
			new ListEmailIdentitiesCommand({ PageSize: 100, NextToken: token }),
			forPage,
		);
		for (const { IdentityType, IdentityName } of page.EmailIdentities ?? []) {
			if (IdentityType !== "DOMAIN" || IdentityName === undefined) continue;
			using forIdentity = deadline();
			const found = await describe(api, IdentityName, forIdentity);
			const { owner, workspaceId } = readTags(found?.Tags);
			if (found === undefined || owner === undefined) continue;
			const hasKeys = found.DkimAttributes?.Tokens?.length === 3;
			yield {
				domain: IdentityName,
				owner,
				workspaceId,
				dkim: hasKeys ? readDkim(api, found.DkimAttributes, "GetEmailIdentity") : undefined,
				mailFrom: readMailFrom(found.MailFromAttributes),
			};
		}
		token = page.NextToken;
	} while (token);
}

/**
 * Sets the identity's MAIL FROM domain, or takes it away. SES looks for its MX record for 72 hours from then on.
 * @param behavior by default mail goes out all the same while that does not stand, under a MAIL FROM domain of SES
 */
export async function setMailFrom(
	api: Api,
	domain: string,
	mailFrom: { domain: string; behavior?: MailFromBehavior | undefined } | undefined,
	deadline: Deadline,
): Promise<void> {
	const command = new PutEmailIdentityMailFromAttributesCommand({
		EmailIdentity: domain,
		MailFromDomain: mailFrom?.domain,
		BehaviorOnMxFailure: mailFrom?.behavior ?? "USE_DEFAULT_VALUE",
	});
	await api.call("PutEmailIdentityMailFromAttributes", command, deadline);
}

/**
 * Sets the domain's DKIM up anew, so that SES looks for its records for another 72 hours. That is what the API
 * reference has for it (PutEmailIdentityDkimSigningAttributes); without a length of key the tokens stay as they are
 * (github.com/floci-io/floci/pull/1904), whereas PutEmailIdentityDkimAttributes only turns signing on and off.
 */
export async function restartDkim(api: Api, domain: string, deadline: Deadline): Promise<void> {
	const command = new PutEmailIdentityDkimSigningAttributesCommand({
		EmailIdentity: domain,
		SigningAttributesOrigin: "AWS_SES",
	});
	await api.call("PutEmailIdentityDkimSigningAttributes", command, deadline);
}

function describe(
	api: Api,
	domain: string,
	deadline: Deadline,
): Promise<GetEmailIdentityResponse | undefined> {
	const command = new GetEmailIdentityCommand({ EmailIdentity: domain });
	return api.unless("NotFoundException", "GetEmailIdentity", command, deadline);
}

/** The keys of an identity that was made with SES's own. */
function readDkim(api: Api, attributes: DkimAttributes | undefined, operation: string): Dkim {
	const { Tokens: tokens = [], SigningHostedZone } = attributes ?? {};
	if (tokens.length !== 3)
		throw new UpstreamError("unavailable", operation, `${tokens.length} DKIM tokens instead of 3`);
	return { tokens, signingHostedZone: SigningHostedZone ?? dkimZone(api.region) };
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
