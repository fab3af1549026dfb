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
import { isMissing, TakenUpstream, UpstreamError } from "../calls/errors.js";
import { repeatWhile } from "../calls/lag.js";
import { dkimZone } from "../regions.js";
import type { Api } from "./api.js";
import type { Dkim, FoundIdentity, MailFromBehavior, MailFromStatus, Owner } from "./found.js";
import { readTags, tagsOf } from "./tags.js";

/** A domain's identity, with keys of SES's. @throws {@link TakenUpstream} */
export async function createIdentity(
	api: Api,
	domain: string,
	owner: Owner,
	deadline: Deadline,
): Promise<FoundIdentity> {
	const Tags = tagsOf(owner);
	const identity = await api.makeOrFind(
		`identity ${domain}`,
		async () => {
			const command = new CreateEmailIdentityCommand({ EmailIdentity: domain, Tags });
			const made = await api.unless("AlreadyExistsException", "CreateEmailIdentity", command, deadline);
			return made && toIdentity(api, domain, { ...made, Tags });
		},
		() => readIdentity(api, domain, deadline),
		deadline,
	);
	// Who has it comes first: what others made may have other keys than SES's, or none.
	if (identity.owner !== owner.id) throw new TakenUpstream("identity", domain, identity);
	const { length } = identity.dkim.tokens;
	if (length !== 3 && !identity.adopted)
		throw new UpstreamError("unavailable", "CreateEmailIdentity", `${length} DKIM tokens instead of 3`);
	return identity;
}

/** A domain's identity, undefined when SES has none. Reading it makes SES look at the DNS. */
export function findIdentity(
	api: Api,
	domain: string,
	deadline: Deadline,
): Promise<FoundIdentity | undefined> {
	return api.sightings.find(`identity ${domain}`, () => readIdentity(api, domain, deadline), deadline);
}

async function readIdentity(
	api: Api,
	domain: string,
	deadline: Deadline,
): Promise<FoundIdentity | undefined> {
	const command = new GetEmailIdentityCommand({ EmailIdentity: domain });
	const found = await api.unless("NotFoundException", "GetEmailIdentity", command, deadline);
	return found && toIdentity(api, domain, found);
}

function toIdentity(api: Api, domain: string, found: GetEmailIdentityResponse): FoundIdentity {
	const { ErrorType, LastCheckedTimestamp, LastSuccessTimestamp } = found.VerificationInfo ?? {};
	return {
		domain,
		...readTags(found.Tags),
		dkim: readDkim(api, found.DkimAttributes),
		mailFrom: readMailFrom(found.MailFromAttributes),
		verificationStatus: found.VerificationStatus,
		verificationInfo: {
			errorType: ErrorType,
			lastCheckedAt: LastCheckedTimestamp,
			lastSuccessAt: LastSuccessTimestamp,
		},
	};
}

/** Succeeds where there is none. */
export async function deleteIdentity(api: Api, domain: string, deadline: Deadline): Promise<void> {
	const command = new DeleteEmailIdentityCommand({ EmailIdentity: domain });
	// Before it is sent: the answer may be lost.
	api.sightings.taken(`identity ${domain}`);
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
		const command = new ListEmailIdentitiesCommand({ PageSize: 100, NextToken: token });
		const page = await api.call("ListEmailIdentities", command, forPage);
		for (const { IdentityType, IdentityName } of page.EmailIdentities ?? []) {
			if (IdentityType !== "DOMAIN" || IdentityName === undefined) continue;
			using forIdentity = deadline();
			const identity = await readIdentity(api, IdentityName, forIdentity);
			if (identity?.owner !== undefined) yield identity;
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
	mailFrom: { readonly domain: string; readonly behavior?: MailFromBehavior | undefined } | undefined,
	deadline: Deadline,
): Promise<void> {
	const command = new PutEmailIdentityMailFromAttributesCommand({
		EmailIdentity: domain,
		MailFromDomain: mailFrom?.domain,
		BehaviorOnMxFailure: mailFrom?.behavior ?? "USE_DEFAULT_VALUE",
	});
	const set = () => api.call("PutEmailIdentityMailFromAttributes", command, deadline);
	await repeatWhile(isMissing, set, deadline, api.calls.clock);
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

function readDkim(api: Api, attributes: DkimAttributes | undefined): Dkim {
	return {
		status: attributes?.Status,
		tokens: attributes?.Tokens ?? [],
		origin: attributes?.SigningAttributesOrigin,
		signingEnabled: attributes?.SigningEnabled ?? false,
		signingHostedZone: attributes?.SigningHostedZone ?? dkimZone(api.region),
	};
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
